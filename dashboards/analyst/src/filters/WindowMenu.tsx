import { Button, Checkbox, Popover, TextInput } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useState } from 'react';
import { useZone } from '../app/preferences.js';
import { formatField, formatMinute, parseField, type Zone } from '../format/time.js';
import { WINDOWS, type Search } from './search.js';

interface Props {
  readonly search: Search;
  readonly onChange: (change: Search) => void;
}

/** The time filter: a window that ends now, or a beginning and an end that are typed in. */
export function WindowMenu({ search, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const [zone] = useZone();
  const said = saidWindow(search, zone);
  return (
    <Popover position="bottom-start" withinPortal opened={open} onChange={setOpen} trapFocus>
      <Popover.Target>
        <button
          type="button"
          className="kw-filter"
          data-on={said !== '' || undefined}
          onClick={() => {
            setOpen(!open);
          }}
        >
          Time{said === '' ? '' : `: ${said}`}
          <IconChevronDown aria-hidden />
        </button>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <div className="kw-stack" style={{ gap: 8, minWidth: 220, padding: 2 }} role="group" aria-label="Time">
          {Object.entries(WINDOWS).map(([value, { label }]) => (
            <Checkbox
              key={value}
              size="xs"
              label={label}
              checked={search['window'] === value}
              onChange={() => {
                onChange({ window: search['window'] === value ? '' : value, from: '', to: '' });
              }}
            />
          ))}
          {/* The fields start from what is in force. */}
          <Between
            key={`${search['from'] ?? ''}/${search['to'] ?? ''}/${zone}`}
            search={search}
            zone={zone}
            onChange={(change) => {
              setOpen(false);
              onChange(change);
            }}
          />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function Between({ search, zone, onChange }: Props & { readonly zone: Zone }) {
  const [from, setFrom] = useState(formatField(search['from'], zone));
  const [to, setTo] = useState(formatField(search['to'], zone));
  const [first, last] = [parseField(from, zone), parseField(to, zone)];
  const wrong = first !== undefined && last !== undefined && first >= last ? 'The end is not after the beginning' : undefined;
  return (
    <form
      className="kw-stack"
      style={{ gap: 6, borderTop: '1px solid var(--kw-border)', paddingTop: 8 }}
      onSubmit={(event) => {
        event.preventDefault();
        onChange({
          window: '',
          from: first === undefined ? '' : new Date(first).toISOString(),
          to: last === undefined ? '' : new Date(last).toISOString(),
        });
      }}
    >
      <span className="kw-small kw-muted">Between, in {zone === 'utc' ? 'UTC' : 'local time'}</span>
      <TextInput
        size="xs"
        type="datetime-local"
        label="From"
        value={from}
        max="9999-12-31T23:59"
        onChange={(event) => {
          setFrom(event.currentTarget.value);
        }}
      />
      <TextInput
        size="xs"
        type="datetime-local"
        label="To, exclusive"
        value={to}
        max="9999-12-31T23:59"
        error={wrong}
        onChange={(event) => {
          setTo(event.currentTarget.value);
        }}
      />
      <Button type="submit" size="compact-xs" disabled={wrong !== undefined || (first === undefined && last === undefined)}>
        Set this time
      </Button>
    </form>
  );
}

function saidWindow(search: Search, zone: Zone): string {
  const { window: name, from, to } = search;
  const [first, last] = [from, to].map((at) => (at === undefined ? NaN : Date.parse(at)));
  const said = (at: number | undefined): string => (at === undefined || Number.isNaN(at) ? '' : formatMinute(at, zone));
  if (from !== undefined && to !== undefined) return `${said(first)} to ${said(last)}`;
  if (from !== undefined) return `from ${said(first)}`;
  if (to !== undefined) return `to ${said(last)}`;
  return name === undefined ? '' : (WINDOWS[name]?.label ?? '');
}
