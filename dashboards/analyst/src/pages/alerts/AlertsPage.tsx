import { ALERT_STATUSES, SEVERITIES, type AlertFacets } from '@keyward/contract';
import { Button, Modal } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { alertPages, facetsQuery, listQuery } from '../../api/queries.js';
import { useNow } from '../../app/preferences.js';
import { useMay } from '../../app/session.js';
import { ClearFilters, FilterChips, FilterMenu, SearchBox, type Choice } from '../../filters/controls.js';
import { activeFilters, apiQuery, type Search } from '../../filters/search.js';
import { WindowMenu } from '../../filters/WindowMenu.js';
import { useFilters } from '../../filters/use-filters.js';
import { formatCount, plural } from '../../format/number.js';
import { MINUTE_MS } from '../../format/time.js';
import { PagedRows, itemsOf, totalOf } from '../../parts/PagedRows.js';
import { Panel } from '../../parts/Panel.js';
import { RoleButton } from '../../parts/RoleButton.js';
import { EmptyState } from '../../parts/states.js';
import { AlertTable } from './AlertTable.js';
import { KEY_HELP, type QueueAction } from './alert-keys.js';
import { StatusDialog } from './StatusDialog.js';
import { useHeldAlerts } from './use-held-alerts.js';
import { useQueueKeys } from './use-queue-keys.js';

const MENUS = ['status', 'severity', 'detection', 'source', 'window', 'from', 'to', 'text'];
const SORTS: readonly Choice[] = [
  { value: 'newest', label: 'newest first' },
  { value: 'oldest', label: 'oldest first' },
  { value: 'score', label: 'highest score' },
  { value: 'severity', label: 'most severe' },
  { value: 'risk', label: 'riskiest identity' },
];

/** The queue: filters in the URL, worked through with the keyboard, many at once. */
export function AlertsPage() {
  const [search, change] = useFilters('alerts');
  const now = useNow(5 * MINUTE_MS);
  const query = apiQuery(search, now);
  const list = useInfiniteQuery(listQuery('alerts', alertPages, query));
  const { alerts, fresh } = useHeldAlerts({ alerts: itemsOf(list), at: list.dataUpdatedAt }, query);
  const [cursor, setCursor] = useState(0);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [changing, setChanging] = useState<readonly string[]>([]);
  const [help, setHelp] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const mayTriage = useMay('analyst');

  const chosen = alerts.filter((alert) => selected.has(alert.uid)).map((alert) => alert.uid);
  const at = alerts[Math.min(cursor, alerts.length - 1)];
  const toggle = (uid: string): void => {
    const next = new Set(selected);
    if (!next.delete(uid)) next.add(uid);
    setSelected(next);
  };
  const move = (to: number): void => {
    const next = Math.max(0, Math.min(alerts.length - 1, to));
    setCursor(next);
    document.getElementById(`alert-${alerts[next]?.uid ?? ''}`)?.scrollIntoView({ block: 'nearest' });
    if (next >= alerts.length - 3 && list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
  };
  const act = (action: QueueAction): void => {
    switch (action) {
      case 'next':
        move(cursor + 1);
        return;
      case 'previous':
        move(cursor - 1);
        return;
      case 'select':
        if (at) toggle(at.uid);
        return;
      case 'select_all':
        setSelected(chosen.length === alerts.length ? new Set() : new Set(alerts.map((alert) => alert.uid)));
        return;
      case 'status':
        if (mayTriage) setChanging(chosen.length > 0 ? chosen : at ? [at.uid] : []);
        return;
      case 'open':
        if (at) void navigate({ to: '/alerts/$uid', params: { uid: at.uid } });
        return;
      case 'search':
        box.current?.focus();
        return;
      case 'refresh':
        setCursor(0);
        void list.refetch();
        return;
      case 'help':
        setHelp(true);
        return;
      case 'clear':
        setSelected(new Set());
    }
  };
  useQueueKeys(act, changing.length === 0 && !help);
  const set = (filters: Search): void => {
    setCursor(0);
    setSelected(new Set());
    change(filters);
  };
  const total = totalOf(list);

  return (
    <div className="kw-stack">
      <h1 className="kw-hidden">Alerts</h1>
      <Filters
        search={search}
        onChange={set}
        box={box}
        onHelp={() => {
          setHelp(true);
        }}
      />
      <Panel
        title="Queue"
        note={total === undefined ? undefined : plural(total, 'alert')}
        side={
          <span role="status">
            {fresh > 0 && (
              <button
                type="button"
                className="kw-notice"
                onClick={() => {
                  act('refresh');
                }}
              >
                {plural(fresh, 'new alert')} — show
              </button>
            )}
          </span>
        }
        flush
      >
        <PagedRows list={list} items={alerts} noun="alerts" rowHeight={26} empty={<NoAlerts search={search} onChange={set} />}>
          {(rows) => (
            <AlertTable
              alerts={rows}
              cursor={Math.min(cursor, alerts.length - 1)}
              selected={selected}
              onCursor={setCursor}
              onToggle={toggle}
              onToggleAll={() => {
                act('select_all');
              }}
            />
          )}
        </PagedRows>
      </Panel>
      {chosen.length > 0 && (
        <div className="kw-bulk" role="region" aria-label="Selected alerts">
          <strong>{formatCount(chosen.length)} selected</strong>
          <RoleButton
            needs="analyst"
            size="xs"
            onClick={() => {
              setChanging(chosen);
            }}
          >
            Set status
          </RoleButton>
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              setSelected(new Set());
            }}
          >
            Clear
          </Button>
        </div>
      )}
      <StatusDialog
        uids={changing}
        onClose={() => {
          setChanging([]);
        }}
        onDone={() => {
          setChanging([]);
          setSelected(new Set());
        }}
      />
      <Modal
        opened={help}
        onClose={() => {
          setHelp(false);
        }}
        title="Keyboard"
      >
        <dl className="kw-kv">
          {KEY_HELP.map(([keys, what]) => (
            <div key={keys} style={{ display: 'contents' }}>
              <dt className="kw-mono">{keys}</dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </Modal>
    </div>
  );
}

interface FiltersProps {
  readonly search: Search;
  readonly onChange: (change: Search) => void;
  readonly box: React.RefObject<HTMLInputElement | null>;
  readonly onHelp: () => void;
}
function Filters({ search, onChange, box, onHelp }: FiltersProps) {
  const facets = useQuery(facetsQuery).data;
  const count = (name: keyof AlertFacets, value: string): { count?: number } => {
    const found = facets?.[name].find((facet) => facet.value === value);
    return found ? { count: found.count } : {};
  };
  return (
    <div className="kw-filters" role="search" aria-label="Filter alerts">
      <SearchBox
        value={search['text'] ?? ''}
        placeholder="Title, identity or reason"
        inputRef={box}
        onChange={(text) => {
          onChange({ text });
        }}
      />
      <FilterMenu
        label="Status"
        name="status"
        search={search}
        onChange={onChange}
        choices={ALERT_STATUSES.map((value) => ({ value, ...count('status', value) }))}
      />
      <FilterMenu
        label="Severity"
        name="severity"
        search={search}
        onChange={onChange}
        choices={[...SEVERITIES].reverse().map((value) => ({ value, ...count('severity', value) }))}
      />
      <FilterMenu label="Detection" name="detection" search={search} onChange={onChange} choices={facets?.detection ?? []} />
      <FilterMenu label="Source" name="source" search={search} onChange={onChange} choices={facets?.source ?? []} />
      <WindowMenu search={search} onChange={onChange} />
      <FilterMenu label="Sort" name="sort" single search={search} onChange={onChange} choices={SORTS} />
      <FilterChips search={search} menus={MENUS} onChange={onChange} />
      <ClearFilters search={search} onChange={onChange} />
      <button type="button" className="kw-button-plain kw-small kw-push kw-wide-only" onClick={onHelp}>
        Keyboard: ?
      </button>
    </div>
  );
}

function NoAlerts({ search, onChange }: { readonly search: Search; readonly onChange: (change: Search) => void }) {
  if (activeFilters(search).length === 0) {
    return (
      <EmptyState title="No alerts yet">
        When a detection fires or somebody&apos;s behaviour stops being usual, it is explained here.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No alert matches these filters">
      <ClearFilters search={search} onChange={onChange} />
    </EmptyState>
  );
}
