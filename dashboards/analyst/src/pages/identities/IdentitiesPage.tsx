import { IdentityKind } from '@keyward/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { identityPages, listQuery } from '../../api/queries.js';
import { ClearFilters, FilterChips, FilterMenu, SearchBox } from '../../filters/controls.js';
import { activeFilters, apiQuery } from '../../filters/search.js';
import { useFilters } from '../../filters/use-filters.js';
import { plural } from '../../format/number.js';
import { IdentityTable } from '../../parts/IdentityTable.js';
import { PagedRows, itemsOf, totalOf } from '../../parts/PagedRows.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState } from '../../parts/states.js';
import { LinkPanel } from './LinkPanel.js';

const MENUS = ['kind', 'privileged', 'minRisk', 'text'];

export function IdentitiesPage() {
  const [search, change] = useFilters('identities');
  const list = useInfiniteQuery(listQuery('identities', identityPages, apiQuery(search, 0)));
  const identities = itemsOf(list);
  const total = totalOf(list);
  return (
    <div className="kw-stack">
      <h1 className="kw-hidden">Identities</h1>
      <div className="kw-filters" role="search" aria-label="Filter identities">
        <SearchBox
          value={search['text'] ?? ''}
          placeholder="Name, account, mail or team"
          onChange={(text) => {
            change({ text });
          }}
        />
        <FilterMenu label="Kind" name="kind" search={search} onChange={change} choices={IdentityKind.options.map((value) => ({ value }))} />
        <FilterMenu
          label="Privileged"
          name="privileged"
          single
          search={search}
          onChange={change}
          choices={[
            { value: 'true', label: 'Yes' },
            { value: 'false', label: 'No' },
          ]}
        />
        <FilterMenu
          label="Risk"
          name="minRisk"
          single
          search={search}
          onChange={change}
          choices={['25', '50', '75', '90'].map((value) => ({ value, label: `${value} or more` }))}
        />
        <FilterMenu
          label="Sort"
          name="sort"
          single
          search={search}
          onChange={change}
          choices={[
            { value: 'risk', label: 'highest risk' },
            { value: 'name', label: 'name' },
            { value: 'last_seen', label: 'last seen' },
          ]}
        />
        <FilterChips search={search} menus={MENUS} onChange={change} />
        <ClearFilters search={search} onChange={change} />
      </div>
      <LinkPanel />
      <Panel title="Identities" note={total === undefined ? 'people and services' : plural(total, 'identity', 'identities')} flush>
        <PagedRows
          list={list}
          items={identities}
          noun="identities"
          empty={
            <EmptyState title={activeFilters(search).length > 0 ? 'No identity matches' : 'Nobody is known yet'}>
              <ClearFilters search={search} onChange={change} />
            </EmptyState>
          }
        >
          {(rows) => <IdentityTable identities={rows} />}
        </PagedRows>
      </Panel>
    </div>
  );
}
