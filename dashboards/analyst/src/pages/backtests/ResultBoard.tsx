import type { BacktestResult } from '@keyward/contract';
import { formatShare, plural } from '../../format/number.js';
import { Panel } from '../../parts/Panel.js';
import { changedValueName, signed } from './change-words.js';
import { DifferencePanel } from './DifferencePanel.js';
import { DetectionsPanel } from './DetectionsPanel.js';
import { PeoplePanel } from './PeoplePanel.js';
import { PrecisionPanel } from './PrecisionPanel.js';
import { RevocationsPanel } from './RevocationsPanel.js';
import { VolumePanel } from './VolumePanel.js';

/** What a change would have done: figures, pictures, then every alert that differs. */
export function ResultBoard({ result }: { readonly result: BacktestResult }) {
  const { current, changed, counts } = result;
  return (
    <>
      <div className="kw-tiles">
        <Tile label="Alerts" value={changed.alerts} note={`${current.alerts} as it is, ${signed(changed.alerts - current.alerts)}`} />
        <Tile label="Appear" value={counts.appeared} note="are not there as it is" />
        <Tile label="Disappear" value={counts.disappeared} note="would not have been raised" />
        <Tile label="People concerned" value={counts.identities} note="with an alert more or fewer" />
        <Tile
          label="Messages to receivers"
          value={changed.notifications}
          note={`${current.notifications} as it is, ${signed(changed.notifications - current.notifications)}`}
        />
        <Tile
          label="Worth it, of those judged"
          value={changed.precision.share === null ? '–' : formatShare(changed.precision.share)}
          note={current.precision.share === null ? 'nobody judged any' : `${formatShare(current.precision.share)} as it is`}
        />
      </div>
      <div className="kw-grid">
        <VolumePanel result={result} />
        <PrecisionPanel result={result} />
        <DetectionsPanel result={result} />
        <PeoplePanel result={result} />
      </div>
      <DifferencePanel result={result} />
      <RevocationsPanel result={result} />
      <Trust result={result} />
    </>
  );
}

const Tile = ({ label, value, note }: { readonly label: string; readonly value: number | string; readonly note: string }) => (
  <div className="kw-tile">
    <span className="kw-tile-label">{label}</span>
    <span className="kw-tile-value">{value}</span>
    <span className="kw-tile-note">{note}</span>
  </div>
);

/** What the result stands on. */
function Trust({ result: { changes, fidelity, notes, people, read } }: { readonly result: BacktestResult }) {
  const share = fidelity.stored === 0 ? null : fidelity.repeated / fidelity.stored;
  return (
    <Panel title="How far to trust it">
      <dl className="kw-kv">
        {changes.map(({ what, from, to }) => (
          <div key={what} style={{ display: 'contents' }}>
            <dt>{changedValueName(what)}</dt>
            <dd>
              {from} <span className="kw-muted">→</span> {to}
            </dd>
          </div>
        ))}
        <dt>Worked through</dt>
        <dd>
          {plural(read.events, 'event')}, {plural(read.findings, 'finding')}; {plural(people, 'person', 'people')} on the busiest day
        </dd>
        <dt>What is in force, run again</dt>
        <dd>
          {share === null
            ? 'no stored finding to compare with'
            : `finds ${formatShare(share)} of ${plural(fidelity.stored, 'stored finding')}; ${fidelity.missing} missing, ${fidelity.additional} more`}
        </dd>
      </dl>
      {notes.length > 0 && (
        <ul className="kw-stack kw-small kw-muted" style={{ gap: 4, marginTop: 10 }}>
          {notes.map((note) => (
            <li key={note} className="kw-wrap">
              {note}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
