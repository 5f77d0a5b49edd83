import type { RiskContributionView } from '@keyward/contract';
import { Link } from '@tanstack/react-router';
import { formatShare } from '../format/number.js';
import { EventLink } from './links.js';
import { TimeText } from './TimeText.js';

/** What a risk is made of, largest share first; each part leads to its alert or event. */
export function RiskContributions({ contributions }: { readonly contributions: readonly RiskContributionView[] }) {
  if (contributions.length === 0) return <p className="kw-muted kw-small">No finding counts towards this risk.</p>;
  return (
    <ul className="kw-stack" style={{ gap: 7 }} aria-label="Contributions to the risk">
      {contributions.map((part) => (
        <li key={part.findingUid} className="kw-small">
          <div className="kw-row" data-nowrap>
            <span className="kw-clip">
              {part.alertUid !== null ? (
                <Link to="/alerts/$uid" params={{ uid: part.alertUid }} className="kw-link-plain">
                  {part.title}
                </Link>
              ) : part.eventUid !== null ? (
                <EventLink uid={part.eventUid} className="kw-link-plain">
                  {part.title}
                </EventLink>
              ) : (
                part.title
              )}
            </span>
            <span className="kw-push kw-muted">
              <TimeText at={part.at} />
            </span>
            <span className="kw-num kw-strong" style={{ width: 36, textAlign: 'right' }}>
              {formatShare(part.share)}
            </span>
          </div>
          <span className="kw-meter-bar" style={{ display: 'block', width: '100%', height: 4, marginTop: 3 }} aria-hidden>
            <i style={{ width: `${Math.max(1, part.share * 100)}%`, background: 'var(--kw-usual)' }} />
          </span>
        </li>
      ))}
    </ul>
  );
}
