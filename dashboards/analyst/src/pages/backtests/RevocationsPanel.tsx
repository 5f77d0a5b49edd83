import type { BacktestResult } from '@keyward/contract';
import { entitlementName, words } from '../../format/words.js';
import { EffectTag } from '../../parts/marks.js';
import { IdentityLink } from '../../parts/links.js';
import { Panel } from '../../parts/Panel.js';
import { ShowAll } from '../../parts/ShowAll.js';
import { Table } from '../../parts/Table.js';
import { TimeText } from '../../parts/TimeText.js';

type Revocation = BacktestResult['revocations']['appeared'][number];
const SHOWN = 10;

/** What would be taken back, and what no longer; nothing is said where the change touches none. */
export function RevocationsPanel({ result: { revocations, identities } }: { readonly result: BacktestResult }) {
  const { appeared, disappeared } = revocations;
  if (appeared.length + disappeared.length === 0) return null;
  const nameOf = (id: string): string => identities.find((identity) => identity.id === id)?.displayName ?? id;
  const rows = [
    ...appeared.map((revocation) => ({ revocation, side: 'would be' as const })),
    ...disappeared.map((revocation) => ({ revocation, side: 'no longer' as const })),
  ];
  return (
    <Panel title="Revocations that differ" note={`${appeared.length} appear, ${disappeared.length} disappear; first steps only`} flush>
      <ShowAll items={rows} first={SHOWN} noun="revocations" padded>
        {(shown) => (
          <Table columns={['Right', 'Identity', 'Would become', 'As it is', 'Rule', { title: 'At', right: true }]} cards>
            {shown.map(({ revocation, side }) => (
              <Row
                key={`${side} ${revocation.alertUid} ${revocation.entitlement} ${revocation.rule}`}
                revocation={revocation}
                isGone={side === 'no longer'}
                name={nameOf(revocation.identity)}
              />
            ))}
          </Table>
        )}
      </ShowAll>
    </Panel>
  );
}

function Row({ revocation, isGone, name }: { readonly revocation: Revocation; readonly isGone: boolean; readonly name: string }) {
  const { name: right, where } = entitlementName(revocation.entitlement);
  const nothing = <span className="kw-muted">nothing</span>;
  const before = revocation.before === null ? nothing : <EffectTag state={revocation.before} />;
  return (
    <tr>
      <td data-main>
        <span className="kw-cell-title">{right}</span>
        <div className="kw-cell-sub">{where}</div>
      </td>
      <td data-label="Identity">
        <IdentityLink identity={{ id: revocation.identity, displayName: name }} />
      </td>
      <td data-label="Would become">{isGone ? nothing : <EffectTag state={revocation.state} />}</td>
      <td data-label="As it is">{isGone ? <EffectTag state={revocation.state} /> : before}</td>
      <td data-label="Rule" className="kw-wrap">
        {revocation.rule}
        <div className="kw-cell-sub">{revocation.guard === null ? words(revocation.mode) : `held: ${revocation.guard}`}</div>
      </td>
      <td data-label="At" data-right>
        <TimeText at={revocation.at} />
      </td>
    </tr>
  );
}
