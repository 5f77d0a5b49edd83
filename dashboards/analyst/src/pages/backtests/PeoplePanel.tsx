import type { BacktestResult } from '@keyward/contract';
import { formatCount, plural } from '../../format/number.js';
import { IdentityLink } from '../../parts/links.js';
import { Panel } from '../../parts/Panel.js';
import { ShowAll } from '../../parts/ShowAll.js';
import { EmptyState } from '../../parts/states.js';
import { Table } from '../../parts/Table.js';

const SHOWN = 8;

/** Whose alerts would be others: most differences first. */
export function PeoplePanel({ result: { identities, counts } }: { readonly result: BacktestResult }) {
  const concerned = identities.filter(({ appeared, disappeared }) => appeared + disappeared > 0);
  return (
    <Panel title="People concerned" span={6} note={plural(counts.identities, 'person', 'people')} flush>
      {concerned.length === 0 ? (
        <EmptyState title="Nobody">No alert appears or disappears.</EmptyState>
      ) : (
        <ShowAll items={concerned} first={SHOWN} noun="people" padded>
          {(shown) => (
            <Table
              columns={[
                'Identity',
                { title: 'As it is', right: true },
                { title: 'Would be', right: true },
                { title: 'Appear', right: true },
                { title: 'Disappear', right: true },
              ]}
            >
              {shown.map(({ id, displayName, ...count }) => (
                <tr key={id}>
                  <td>
                    <IdentityLink identity={{ id, displayName }} strong />
                  </td>
                  {(['current', 'changed', 'appeared', 'disappeared'] as const).map((side) => (
                    <td key={side} data-right className={count[side] === 0 ? 'kw-num kw-muted' : 'kw-num'}>
                      {formatCount(count[side])}
                    </td>
                  ))}
                </tr>
              ))}
            </Table>
          )}
        </ShowAll>
      )}
    </Panel>
  );
}
