import type { RecordSample, SourceReason } from '@keyward/contract';
import { useState } from 'react';
import { usePalette } from '../../app/preferences.js';
import { resultColour } from '../../charts/source-bars.js';
import { formatCount, formatShare } from '../../format/number.js';
import { words } from '../../format/words.js';
import { CountLink } from '../../parts/links.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState } from '../../parts/states.js';
import { TimeText } from '../../parts/TimeText.js';

const RESULTS = ['rejected', 'ignored', 'kept'] as const;
const NOTES = {
  rejected: 'could not be read: each is in the dead letter for 30 days',
  ignored: 'say nothing about access, and are only counted',
  kept: 'became events, by the name that the vendor gives them',
} as const;

/** Why records were kept, ignored or rejected, with a record of each reason. */
export function ReasonsPanel({ reasons }: { readonly reasons: readonly SourceReason[] }) {
  return (
    <Panel title="What becomes of the records" note="most frequent first" flush>
      {reasons.length === 0 ? (
        <EmptyState title="No record in this window">Choose a longer window to look further back.</EmptyState>
      ) : (
        RESULTS.map((result) => <ReasonGroup key={result} result={result} reasons={reasons.filter((one) => one.result === result)} />)
      )}
    </Panel>
  );
}

function ReasonGroup({ result, reasons }: { readonly result: SourceReason['result']; readonly reasons: readonly SourceReason[] }) {
  const palette = usePalette();
  const most = Math.max(...reasons.map(({ share }) => share));
  if (reasons.length === 0) return null;
  return (
    <section aria-label={words(result)} className="kw-reason-group">
      <h3>
        {words(result)} <span className="kw-muted">{NOTES[result]}</span>
      </h3>
      <ul>
        {reasons.map((reason) => (
          <li key={reason.reason} className="kw-reason">
            <span className="kw-reason-name kw-wrap">{reason.reason}</span>
            <svg className="kw-reason-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden>
              <rect width={most === 0 ? 0 : Math.max(1, (reason.share / most) * 100)} height={8} fill={resultColour(result, palette)} />
            </svg>
            <span className="kw-num kw-reason-count">
              {reason.link ? (
                <CountLink count={reason.records} link={reason.link} label={`events ${reason.reason}`} />
              ) : (
                formatCount(reason.records)
              )}{' '}
              <span className="kw-muted">{formatShare(reason.share)}</span>
            </span>
            {reason.sample && <Sample sample={reason.sample} reason={reason.reason} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Folded: what a stranger wrote is read when somebody wants to. */
function Sample({ sample, reason }: { readonly sample: RecordSample; readonly reason: string }) {
  const [shown, setShown] = useState(false);
  return (
    <div className="kw-reason-sample">
      {sample.message !== null && <p className="kw-small kw-wrap">{sample.message}</p>}
      <button
        type="button"
        className="kw-button-plain kw-small"
        aria-expanded={shown}
        aria-label={`${shown ? 'Hide' : 'Show'} a record: ${reason}`}
        onClick={() => {
          setShown(!shown);
        }}
      >
        {shown ? 'Hide the record' : 'Show a record'}
      </button>
      {shown && (
        <>
          <pre className="kw-json" tabIndex={0} aria-label={`A record: ${reason}`}>
            {sample.text}
            {sample.isCut ? ' …' : ''}
          </pre>
          <p className="kw-small kw-muted kw-wrap">
            <TimeText at={sample.at} full />, {formatCount(sample.bytes)} bytes, {sample.origin}. What looks like a secret is masked.
          </p>
        </>
      )}
    </div>
  );
}
