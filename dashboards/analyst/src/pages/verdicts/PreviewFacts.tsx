import type { VerdictPreview } from '@keyward/contract';
import { Link } from '@tanstack/react-router';
import { formatScore } from '../../format/number.js';
import { words } from '../../format/words.js';
import { IdentityLink } from '../../parts/links.js';
import { Tag } from '../../parts/marks.js';
import { Sentence } from '../../parts/Sentence.js';
import { ShowAll } from '../../parts/ShowAll.js';
import { TimeText } from '../../parts/TimeText.js';
import { ofOthers, ofPeers, ofThisAlert } from './preview-words.js';

const SHOWN = 4;

/** What a verdict would change, in the order in which it matters: what it is about, this alert, others like it, the peers. */
export function PreviewFacts({ preview }: { readonly preview: VerdictPreview }) {
  const { about, similar } = preview;
  return (
    <section className="kw-stack" style={{ gap: 10 }} aria-label="What it would change">
      {about.length === 0 ? (
        <p className="kw-muted">Nothing about its events is unusual by itself: no score would change.</p>
      ) : (
        <>
          <h3 className="kw-small kw-muted">{preview.kind === 'benign' ? 'What would be accepted' : 'What would count as the attack'}</h3>
          <ul className="kw-reasons">
            {about.slice(0, SHOWN).map((sentence) => (
              <li key={sentence}>
                <Sentence text={sentence} />
              </li>
            ))}
          </ul>
        </>
      )}
      <p className="kw-wrap kw-strong">{ofThisAlert(preview)}</p>
      {preview.rules.length > 0 && (
        <p className="kw-muted kw-small">
          {preview.rules.map(words).join(', ')}: {preview.rules.length === 1 ? 'a rule' : 'rules'} that no verdict damps.
        </p>
      )}
      {similar.length === 0 ? (
        <p className="kw-muted kw-small">No other alert of the last 30 days is about the same.</p>
      ) : (
        <div>
          <p className="kw-small kw-muted">{ofOthers(preview)}</p>
          <ShowAll items={similar} first={SHOWN} noun="alerts">
            {(shown) => (
              <ul className="kw-stack" style={{ gap: 4 }}>
                {shown.map((alert) => (
                  <li key={alert.alertUid} className="kw-row kw-small" style={{ gap: 6 }}>
                    <Link to="/alerts/$uid" params={{ uid: alert.alertUid }} search={{}} className="kw-wrap">
                      {alert.title}
                    </Link>
                    <IdentityLink identity={alert.identity} />
                    <span className="kw-push kw-num">
                      {formatScore(alert.score)} to {formatScore(alert.scoreWith)}
                    </span>
                    <Tag tone={alert.wouldAlert ? undefined : 'accent'}>{alert.wouldAlert ? 'still an alert' : 'no alert'}</Tag>
                    <span className="kw-muted">
                      <TimeText at={alert.lastTime} />
                    </span>
                  </li>
                ))}
              </ul>
            )}
          </ShowAll>
        </div>
      )}
      {preview.kind === 'benign' && <p className="kw-muted kw-small">{ofPeers(preview)}</p>}
    </section>
  );
}
