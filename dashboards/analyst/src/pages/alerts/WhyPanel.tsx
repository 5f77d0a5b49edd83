import type { AlertDetail, FindingView, Term } from '@keyward/contract';
import { useQuery } from '@tanstack/react-query';
import { eventQuery } from '../../api/queries.js';
import { EventLink } from '../../parts/links.js';
import { Panel } from '../../parts/Panel.js';
import { Sentence } from '../../parts/Sentence.js';
import { ShowAll } from '../../parts/ShowAll.js';
import { TermsExplained } from '../../parts/TermsExplained.js';
import { TimeText } from '../../parts/TimeText.js';

/** Strongest first: five say what matters, the rest is there for whoever writes the report. */
const SENTENCES = 5;

/** Why: first in words, then as shares of the score, then observed beside usual. */
export function WhyPanel({ detail }: { readonly detail: AlertDetail }) {
  const scored = strongest(detail);
  return (
    <>
      <Panel title="Why">
        <ShowAll items={detail.explanation.length > 0 ? detail.explanation : [detail.alert.why]} first={SENTENCES} noun="sentences">
          {(sentences) => (
            <ol className="kw-reasons">
              {sentences.map((sentence) => (
                <li key={sentence}>
                  <Sentence text={sentence} />
                </li>
              ))}
            </ol>
          )}
        </ShowAll>
      </Panel>
      {scored && <Unusual finding={scored} />}
    </>
  );
}

/** The score of one event, taken apart. What was not evaluated stands with the event. */
function Unusual({ finding }: { readonly finding: FindingView }) {
  const event = useQuery(eventQuery(finding.eventUid));
  return (
    <Panel
      title="What made it unusual"
      note={event.data ? `the strangest event, scored ${Math.round(event.data.score)}` : 'the strangest event'}
      side={
        <EventLink uid={finding.eventUid}>
          event of <TimeText at={finding.time} />
        </EventLink>
      }
    >
      <TermsExplained terms={finding.terms} score={event.data?.score ?? worth(finding.terms)} notEvaluated={event.data?.notEvaluated} />
    </Panel>
  );
}

/** Until the event is here: a score without a term is at most the score. */
const worth = (terms: readonly Term[]): number => Math.max(0, ...terms.map(({ scoreWithout }) => scoreWithout));

/** The finding whose event was least usual: the one the score speaks of. */
function strongest({ findings }: Pick<AlertDetail, 'findings'>): FindingView | undefined {
  const sum = ({ terms }: FindingView): number => terms.reduce((total, term) => total + Math.max(0, term.evidence), 0);
  return findings.filter(({ terms }) => terms.length > 0).sort((a, b) => sum(b) - sum(a))[0];
}
