import { GrantState, SOURCE_IDS } from '@keyward/contract';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { effectPages, grantPages, grantQuery, listQuery } from '../../api/queries.js';
import { ClearFilters, FilterChips, FilterMenu, SearchBox } from '../../filters/controls.js';
import { apiQuery, FILTERS, pickSearch, type Search } from '../../filters/search.js';
import { useFilters } from '../../filters/use-filters.js';
import { plural } from '../../format/number.js';
import { EventTimeline } from '../../parts/EventTimeline.js';
import { PagedRows, itemsOf, totalOf } from '../../parts/PagedRows.js';
import { Panel } from '../../parts/Panel.js';
import { Async, EmptyState } from '../../parts/states.js';
import { TabRow } from '../../parts/TabRow.js';
import { queueQuery } from './approve-queue.js';
import { EffectList } from './EffectList.js';
import { GrantFacts } from './GrantFacts.js';
import { GrantTable } from './GrantTable.js';

const TABS = [
  ['active', 'Active'],
  ['approve', 'Approve queue'],
  ['history', 'History'],
  ['effects', 'Decision log'],
] as const;
type Tab = (typeof TABS)[number][0];
const tabOf = (search: Search): Tab =>
  TABS.find(([tab]) => tab === search['tab'])?.[0] ??
  (search['state'] === undefined || search['state'] === 'active' ? 'active' : 'history');

export function GrantsPage() {
  const [search, change] = useFilters('grants');
  const waiting = useQuery(queueQuery).data?.items.length ?? 0;
  const tab = tabOf(search);
  return (
    <div className="kw-stack">
      <h1 className="kw-hidden">Grants</h1>
      <TabRow label="Grants" current={tab}>
        {TABS.map(([value, label]) => (
          <Link
            key={value}
            to="/grants"
            search={{ tab: value, ...keep(search) }}
            aria-current={tab === value ? 'page' : undefined}
            activeProps={{}}
          >
            {label}
            {value === 'approve' && waiting > 0 && ` (${waiting})`}
          </Link>
        ))}
      </TabRow>
      {search['grant'] !== undefined && (
        <OneGrant
          uid={search['grant']}
          onClose={() => {
            change({ grant: '' });
          }}
        />
      )}
      {tab === 'approve' ? (
        <Queue />
      ) : tab === 'effects' ? (
        <Effects search={search} onChange={change} />
      ) : (
        <Grants search={search} onChange={change} active={tab === 'active'} />
      )}
    </div>
  );
}
/** Whom it is about stays when the tab changes; the rest belongs to its tab. */
const keep = (search: Search): Search => pickSearch(search, ['identity']);

interface PartProps {
  readonly search: Search;
  readonly onChange: (change: Search) => void;
}
function Grants({ search, onChange, active }: PartProps & { readonly active: boolean }) {
  const filters = {
    ...apiQuery(pickSearch(search, ['state', 'identity', 'system', 'jit', 'text']), 0),
    ...(active ? { state: 'active' } : {}),
  };
  const list = useInfiniteQuery(listQuery('grants', grantPages, filters));
  const grants = itemsOf(list);
  const menus = ['system', 'text', 'jit', 'grant', 'state'];
  return (
    <>
      <div className="kw-filters" role="search" aria-label="Filter grants">
        <SearchBox
          value={search['text'] ?? ''}
          placeholder="Entitlement, account or ticket"
          onChange={(text) => {
            onChange({ text });
          }}
        />
        {!active && (
          <FilterMenu
            label="State"
            name="state"
            search={search}
            onChange={onChange}
            choices={GrantState.options.map((value) => ({ value }))}
          />
        )}
        <FilterMenu
          label="System"
          name="system"
          single
          search={search}
          onChange={onChange}
          choices={SOURCE_IDS.map((value) => ({ value }))}
        />
        <FilterMenu
          label="Kind"
          name="jit"
          single
          search={search}
          onChange={onChange}
          choices={[
            { value: 'true', label: 'Just in time' },
            { value: 'false', label: 'Standing' },
          ]}
        />
        <FilterChips search={search} menus={menus} onChange={onChange} />
        <ClearFilters search={pickSearch(search, ['state', 'identity', 'system', 'jit', 'text'])} onChange={onChange} />
      </div>
      <Panel title={active ? 'Active grants' : 'Grants'} note={active ? 'by end, soonest first' : 'newest first'} flush>
        <PagedRows
          list={list}
          items={grants}
          noun="grants"
          rowHeight={24}
          empty={
            <EmptyState title={active ? 'No grant is active' : 'No grant matches'}>
              {active
                ? 'Nobody holds a just-in-time right at the moment. Ended ones stand under History.'
                : 'Grants are learned from the events of PAM and IAM systems.'}
            </EmptyState>
          }
        >
          {(rows) => <GrantTable grants={rows} />}
        </PagedRows>
      </Panel>
    </>
  );
}

function Queue() {
  const query = useQuery(queueQuery);
  return (
    <Panel title="Waiting for a decision" note="the two-person rule asks two different people" flush>
      <Async query={query} rows={6} height={24}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="Nothing waits for you">In mode approve, the policy asks here before it takes anything away.</EmptyState>
          ) : (
            <EffectList effects={items} />
          )
        }
      </Async>
    </Panel>
  );
}

function Effects({ search, onChange }: PartProps) {
  const filters = apiQuery(pickSearch(search, FILTERS.effects), 0);
  const list = useInfiniteQuery(listQuery('effects', effectPages, filters));
  const effects = itemsOf(list);
  return (
    <>
      <div className="kw-filters">
        <FilterChips search={filters} menus={[]} onChange={onChange} />
        <ClearFilters search={filters} onChange={onChange} />
      </div>
      <Panel title="Decision log" note={plural(totalOf(list) ?? effects.length, 'intended revocation')} flush>
        <PagedRows
          list={list}
          items={effects}
          noun="revocations"
          rowHeight={24}
          empty={
            <EmptyState title="Nothing was planned yet">
              Every revocation that the policy wants, even in mode observe, is written down here step by step.
            </EmptyState>
          }
        >
          {(rows) => <EffectList effects={rows} />}
        </PagedRows>
      </Panel>
    </>
  );
}

function OneGrant({ uid, onClose }: { readonly uid: string; readonly onClose: () => void }) {
  const query = useQuery(grantQuery(uid));
  return (
    <Panel
      title="Grant"
      side={
        <button type="button" className="kw-button-plain" onClick={onClose}>
          Close
        </button>
      }
      flush
    >
      <Async query={query} rows={4}>
        {(detail) => (
          <>
            <div style={{ padding: '4px 14px 10px' }}>
              <GrantFacts detail={detail} />
            </div>
            {detail.effects.length > 0 && <EffectList effects={detail.effects} />}
            <EventTimeline events={detail.timeline} />
          </>
        )}
      </Async>
    </Panel>
  );
}
