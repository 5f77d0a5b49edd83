import { EventClass, SOURCE_IDS } from '@keyward/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { eventPages, listQuery } from '../../api/queries.js';
import { useNow } from '../../app/preferences.js';
import { ClearFilters, FilterChips, FilterMenu, SearchBox } from '../../filters/controls.js';
import { activeFilters, apiQuery } from '../../filters/search.js';
import { WindowMenu } from '../../filters/WindowMenu.js';
import { useFilters } from '../../filters/use-filters.js';
import { plural } from '../../format/number.js';
import { MINUTE_MS } from '../../format/time.js';
import { PagedRows, itemsOf, totalOf } from '../../parts/PagedRows.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState } from '../../parts/states.js';
import { EventTable } from './EventTable.js';

const MENUS = ['source', 'class', 'outcome', 'window', 'from', 'to', 'text', 'minScore'];

/** Every event behind every number: where all links end. */
export function EventsPage() {
  const [search, change] = useFilters('events');
  const now = useNow(5 * MINUTE_MS);
  const list = useInfiniteQuery(listQuery('events', eventPages, apiQuery(search, now)));
  const events = itemsOf(list);
  const total = totalOf(list);
  return (
    <div className="kw-stack">
      <h1 className="kw-hidden">Events</h1>
      <div className="kw-filters" role="search" aria-label="Filter events">
        <SearchBox
          value={search['text'] ?? ''}
          placeholder="Account, address, resource, detail"
          onChange={(text) => {
            change({ text });
          }}
        />
        <FilterMenu label="Source" name="source" search={search} onChange={change} choices={SOURCE_IDS.map((value) => ({ value }))} />
        <FilterMenu label="Class" name="class" search={search} onChange={change} choices={EventClass.options.map((value) => ({ value }))} />
        <FilterMenu
          label="Outcome"
          name="outcome"
          single
          search={search}
          onChange={change}
          choices={[{ value: 'success' }, { value: 'failure' }]}
        />
        <FilterMenu
          label="Score"
          name="minScore"
          single
          search={search}
          onChange={change}
          choices={['25', '50', '75', '90'].map((value) => ({ value, label: `${value} or more` }))}
        />
        <WindowMenu search={search} onChange={change} />
        <FilterMenu
          label="Sort"
          name="sort"
          single
          search={search}
          onChange={change}
          choices={[
            { value: 'newest', label: 'newest first' },
            { value: 'oldest', label: 'oldest first' },
            { value: 'score', label: 'highest score' },
          ]}
        />
        <FilterChips search={search} menus={MENUS} onChange={change} />
        <ClearFilters search={search} onChange={change} />
      </div>
      <Panel title="Events" note={total === undefined ? undefined : plural(total, 'event')} flush>
        <PagedRows
          list={list}
          items={events}
          noun="events"
          empty={
            <EmptyState title={activeFilters(search).length > 0 ? 'No event matches' : 'No event is known yet'}>
              <ClearFilters search={search} onChange={change} />
            </EmptyState>
          }
        >
          {(rows) => <EventTable events={rows} />}
        </PagedRows>
      </Panel>
    </div>
  );
}
