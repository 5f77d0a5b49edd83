import type { BacktestState, BacktestSummary } from '@keyward/contract';
import { formatShare } from '../../format/number.js';
import { Tag } from '../../parts/marks.js';
import { changeEntries } from './change-draft.js';
import { changedValueName, STATE_WORDS } from './change-words.js';

const TONES: Readonly<Record<BacktestState, 'accent' | 'danger' | 'positive' | 'warning' | undefined>> = {
  waiting: 'warning',
  running: 'accent',
  done: 'positive',
  failed: 'danger',
  cancelled: undefined,
};
export const StateTag = ({ state }: { readonly state: BacktestState }) => <Tag tone={TONES[state]}>{STATE_WORDS[state]}</Tag>;

/** How far one is. A second phase begins anew at nothing. */
export function ProgressOf({ backtest: { state, progress } }: { readonly backtest: Pick<BacktestSummary, 'state' | 'progress'> }) {
  const share = progress === null || progress.of <= 0 ? 0 : Math.min(1, progress.done / progress.of);
  const text =
    state === 'waiting'
      ? 'Waits for the one before it'
      : progress === null
        ? 'Reading the history'
        : `${progress.phase === 'detections' ? 'Running detections again' : 'Putting alerts together'}, ${formatShare(share)}`;
  return (
    <span className="kw-stack" style={{ gap: 4 }}>
      <span className="kw-small kw-muted" role="status">
        {text}
      </span>
      <span className="kw-meter-bar kw-progress" aria-hidden>
        <i style={{ width: `${share * 100}%` }} />
      </span>
    </span>
  );
}

/** What it changes, one line a value. */
export function ChangeLines({ change }: { readonly change: BacktestSummary['change'] }) {
  return (
    <ul>
      {changeEntries(change).map(([key, to]) => (
        <li key={key} className="kw-wrap">
          {changedValueName(key)} <span className="kw-muted">to</span> <span className="kw-num kw-strong">{to}</span>
        </li>
      ))}
    </ul>
  );
}
