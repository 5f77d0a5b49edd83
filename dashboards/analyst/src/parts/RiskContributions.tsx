import type { RiskContributionView } from '@keyward/contract';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { formatCount, formatShare } from '../format/number.js';
import { groupContributions } from './group-contributions.js';
import { EventLink } from './links.js';
import { TimeText } from './TimeText.js';

/** What a risk is made of, largest share first; equal titles are one line that can be opened. Each part leads to its alert or event. */
export function RiskContributions({ contributions }: { readonly contributions: readonly RiskContributionView[] }) {
  if (contributions.length === 0) return <p className="kw-muted kw-small">No finding counts towards this risk.</p>;
  return (
    <ul className="kw-stack" style={{ gap: 7 }} aria-label="Contributions to the risk">
      {groupContributions(contributions).map(({ title, share, parts: [first, ...more], at }) => (
        <li key={title} className="kw-small">
          {first && more.length === 0 ? (
            <Line at={at} share={share}>
              <PartLink part={first}>{title}</PartLink>
            </Line>
          ) : (
            <details className="kw-group">
              <summary>
                <Line at={at} share={share}>
                  {title} <span className="kw-muted">×{formatCount(more.length + 1)}</span>
                </Line>
              </summary>
              <ul>
                {[...(first ? [first] : []), ...more].map((part) => (
                  <li key={part.findingUid} className="kw-row" data-nowrap>
                    <PartLink part={part}>{part.alertUid === null ? 'event' : 'alert'}</PartLink>
                    <span className="kw-push kw-muted">
                      <TimeText at={part.at} />
                    </span>
                    <span className="kw-num kw-share">{formatShare(part.share)}</span>
                  </li>
                ))}
              </ul>
            </details>
          )}
          <span className="kw-meter-bar" style={{ display: 'block', width: '100%', height: 4, marginTop: 3 }} aria-hidden>
            <i style={{ width: `${Math.max(1, share * 100)}%`, background: 'var(--kw-usual)' }} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Line({ at, share, children }: { readonly at: string; readonly share: number; readonly children: ReactNode }) {
  return (
    <span className="kw-row" data-nowrap>
      <span style={{ minWidth: 0, overflowWrap: 'anywhere' }}>{children}</span>
      <span className="kw-push kw-muted">
        <TimeText at={at} />
      </span>
      <span className="kw-num kw-strong kw-share">{formatShare(share)}</span>
    </span>
  );
}

function PartLink({ part, children }: { readonly part: RiskContributionView; readonly children: ReactNode }) {
  if (part.alertUid !== null) {
    return (
      <Link to="/alerts/$uid" params={{ uid: part.alertUid }}>
        {children}
      </Link>
    );
  }
  return part.eventUid === null ? children : <EventLink uid={part.eventUid}>{children}</EventLink>;
}
