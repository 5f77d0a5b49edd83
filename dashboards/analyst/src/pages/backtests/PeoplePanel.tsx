import type { BacktestResult } from '@keyward/contract';
import { formatCount, plural } from '../../format/number.js';
import { IdentityLink } from '../../parts/links.js';
import { Panel } from '../../parts/Panel.js';
import { ShowAll } from '../../parts/ShowAll.js';
import { EmptyState } from '../../parts/states.js';

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
            <div className="kw-table-box">
              <table className="kw-table">
                <thead>
                  <tr>
                    <th>Identity</th>
                    <th data-right>As it is</th>
                    <th data-right>Would be</th>
                    <th data-right>Appear</th>
                    <th data-right>Disappear</th>
                  </tr>
                </thead>
                <tbody>
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
                </tbody>
              </table>
            </div>
          )}
        </ShowAll>
      )}
    </Panel>
  );
}
