import type { BacktestResult } from '@keyward/contract';
import { formatShare, plural } from '../../format/number.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState } from '../../parts/states.js';

type Precision = BacktestResult['current']['precision'];

/** Of the alerts that people judged, how many were worth it: a bar with the interval that so few judgements leave open. */
export function PrecisionPanel({ result: { current, changed } }: { readonly result: BacktestResult }) {
  const isJudged = current.precision.share !== null || changed.precision.share !== null;
  return (
    <Panel title="Precision" span={4} note="of the alerts that people judged">
      {isJudged ? (
        <div className="kw-stack" style={{ gap: 18, paddingTop: 6 }}>
          <Side name="As it is" precision={current.precision} colour="var(--kw-usual)" />
          <Side name="As it would be" precision={changed.precision} colour="var(--kw-now)" />
          <p className="kw-muted kw-small">
            Judged: a verdict in force, else how the alert was closed. The line is the 95 % interval; where the two overlap much, the
            judgements do not tell which is better.
          </p>
        </div>
      ) : (
        <EmptyState title="Nobody has judged any of these alerts">
          Verdicts and closed alerts say what was worth it. Without them only the volume can be compared.
        </EmptyState>
      )}
    </Panel>
  );
}

function Side({ name, precision, colour }: { readonly name: string; readonly precision: Precision; readonly colour: string }) {
  const { share, low, high, genuine, notGenuine, unlabelled } = precision;
  return (
    <div>
      <div className="kw-row" data-nowrap>
        <span className="kw-strong">{name}</span>
        <span className="kw-push kw-num kw-strong">{share === null ? 'none judged' : formatShare(share)}</span>
      </div>
      <div className="kw-interval" aria-hidden>
        {share !== null && <i style={{ width: `${share * 100}%`, background: colour }} />}
        {low !== null && high !== null && <b style={{ left: `${low * 100}%`, width: `${(high - low) * 100}%` }} />}
      </div>
      <p className="kw-small kw-muted">
        {plural(genuine, 'was', 'were')} worth it, {notGenuine} not, {plural(unlabelled, 'alert')} not judged
        {low !== null && high !== null && `; ${formatShare(low)} to ${formatShare(high)}`}
      </p>
    </div>
  );
}
