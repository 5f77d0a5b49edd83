import { Checkbox, CloseButton, Popover, TextInput } from '@mantine/core';
import { IconChevronDown, IconSearch, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState, type Ref } from 'react';
import { useZone } from '../app/preferences.js';
import { WEEKDAYS } from '../charts/week-heatmap.js';
import { formatCount } from '../format/number.js';
import { formatInstant } from '../format/time.js';
import { words } from '../format/words.js';
import { activeFilters, listValue, toggleInList, type Search } from './search.js';

export interface Choice {
  readonly value: string;
  readonly label?: string;
  readonly count?: number;
}
interface MenuProps {
  readonly label: string;
  readonly name: string;
  readonly choices: readonly Choice[];
  readonly search: Search;
  readonly onChange: (change: Search) => void;
  /** Only one value at a time. */
  readonly single?: boolean;
}

/** A filter with a few known values: a button that says what is chosen, and a list of boxes. */
export function FilterMenu({ label, name, choices, search, onChange, single = false }: MenuProps) {
  const chosen = listValue(search[name]);
  const known: readonly Choice[] = [
    ...choices,
    ...chosen.filter((value) => !choices.some((choice) => choice.value === value)).map((value) => ({ value })),
  ];
  const shown =
    chosen.length === 0
      ? ''
      : chosen.length > 2
        ? `: ${String(chosen.length)}`
        : `: ${chosen.map((value) => labelOf(known, value)).join(', ')}`;
  return (
    <Popover position="bottom-start" withinPortal>
      <Popover.Target>
        <button type="button" className="kw-filter" data-on={chosen.length > 0 || undefined}>
          {label}
          {shown}
          <IconChevronDown aria-hidden />
        </button>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <div
          className="kw-stack"
          style={{ gap: 8, minWidth: 180, maxHeight: 340, overflowY: 'auto', padding: 2 }}
          role="group"
          aria-label={label}
        >
          {known.length === 0 && <span className="kw-muted kw-small">Nothing to choose from yet</span>}
          {known.map((choice) => (
            <Checkbox
              key={choice.value}
              size="xs"
              checked={chosen.includes(choice.value)}
              label={
                choice.count !== undefined ? `${labelOf(known, choice.value)} (${formatCount(choice.count)})` : labelOf(known, choice.value)
              }
              onChange={() => {
                onChange({
                  [name]: single ? (chosen.includes(choice.value) ? '' : choice.value) : toggleInList(search[name], choice.value),
                });
              }}
            />
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
const labelOf = (choices: readonly Choice[], value: string): string =>
  choices.find((choice) => choice.value === value)?.label ?? words(value);

const TYPING_MS = 300;
interface BoxProps {
  readonly value: string;
  readonly placeholder: string;
  readonly onChange: (text: string) => void;
  readonly inputRef?: Ref<HTMLInputElement>;
}
/** Text that is asked for once typing rests. */
export function SearchBox({ value, placeholder, onChange, inputRef }: BoxProps) {
  const [typed, setTyped] = useState(value);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setTyped(value);
  }
  const change = useRef(onChange);
  useEffect(() => {
    change.current = onChange;
  }, [onChange]);
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = window.setTimeout(() => {
      change.current(typed);
    }, TYPING_MS);
    return () => {
      window.clearTimeout(timer);
    };
  }, [typed, value]);
  return (
    <TextInput
      size="xs"
      w={230}
      ref={inputRef ?? null}
      value={typed}
      placeholder={placeholder}
      aria-label={placeholder}
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={
        typed === '' ? null : (
          <CloseButton
            size="xs"
            aria-label="Clear the search"
            onClick={() => {
              setTyped('');
              onChange('');
            }}
          />
        )
      }
      onChange={(event) => {
        setTyped(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}

/** Filters that have no menu of their own, each with a way to take it off. */
export function FilterChips({
  search,
  menus,
  onChange,
}: {
  readonly search: Search;
  readonly menus: readonly string[];
  readonly onChange: (change: Search) => void;
}) {
  const rest = activeFilters(search).filter(([key]) => !menus.includes(key));
  const [zone] = useZone();
  if (rest.length === 0) return null;
  const said = (key: string, value: string): string => {
    if (key === 'from' || key === 'to') return formatInstant(Date.parse(value), zone);
    if (key === 'weekday') return WEEKDAYS[Number(value) - 1] ?? value;
    return key === 'hour' ? `${value.padStart(2, '0')}:00–${value.padStart(2, '0')}:59` : value;
  };
  return (
    <>
      {rest.map(([key, value]) => (
        <span key={key} className="kw-chip">
          <span className="kw-clip">
            {words(key)}: {said(key, value)}
          </span>
          <button
            type="button"
            aria-label={`Remove the filter ${words(key)}`}
            onClick={() => {
              onChange({ [key]: '' });
            }}
          >
            <IconX aria-hidden />
          </button>
        </span>
      ))}
    </>
  );
}
export function ClearFilters({ search, onChange }: { readonly search: Search; readonly onChange: (change: Search) => void }) {
  const active = activeFilters(search);
  if (active.length === 0) return null;
  return (
    <button
      type="button"
      className="kw-button-plain kw-small"
      onClick={() => {
        onChange(Object.fromEntries(active.map(([key]) => [key, ''])));
      }}
    >
      Clear all filters
    </button>
  );
}
