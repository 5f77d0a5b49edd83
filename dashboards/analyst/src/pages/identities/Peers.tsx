import { useQuery } from '@tanstack/react-query';
import { identityPeersQuery } from '../../api/queries.js';
import { plural } from '../../format/number.js';
import { IdentityTable } from '../../parts/IdentityTable.js';
import { Panel } from '../../parts/Panel.js';
import { Async, EmptyState } from '../../parts/states.js';

export function Peers({ id }: { readonly id: string }) {
  const query = useQuery(identityPeersQuery(id));
  return (
    <Panel title="Peers" note={query.data ? `${query.data.group}, ${plural(query.data.size, 'member')}, riskiest first` : undefined} flush>
      <Async query={query} rows={4}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="No peers are known">The organisation lists nobody else in its group.</EmptyState>
          ) : (
            <IdentityTable identities={items.slice(0, 8)} self={id} />
          )
        }
      </Async>
    </Panel>
  );
}
