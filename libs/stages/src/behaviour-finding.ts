import { sentenceOf, type Assessment } from '@keyward/baselines';
import type { Finding } from '@keyward/detections';
import { findingUid, type AccessEvent, type Severity } from '@keyward/events';
import { grantStateAt, type IdentityFacts } from '@keyward/identity';

export const UNUSUAL_BEHAVIOUR = 'unusual_behaviour';
/** Terms beyond these add words, not reasons. */
const MAX_SENTENCES = 6;
/** What one event in ten shows is no reason for an alert: said beside the reasons it only hides them. */
const REASON_P = 0.1;

/** -ln p of 1e-4 is a score of 60, of 1e-6 one of 75: how rarely such behaviour is innocent decides the word. */
function severityOf(p: number): Severity {
  if (p <= 1e-6) return 'high';
  if (p <= 1e-4) return 'medium';
  return 'low';
}

/** `A3_time_of_week` -> `timeOfWeek` and `usualTimeOfWeek`: observed beside its baseline, as OCSF wants them. */
function observedAndUsual({ feature, observed, usual }: Assessment['terms'][number]): [string, string | string[]][] {
  const words = feature.split('_').slice(1);
  const capital = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('');
  const name = `${capital.charAt(0).toLowerCase()}${capital.slice(1)}`;
  return usual.length === 0
    ? [[name, observed]]
    : [
        [name, observed],
        [`usual${capital}`, usual.map(({ value }) => value)],
      ];
}

/** What a score that is alarming says, as a finding: its terms in words, and the grants that are in the person's hands at that moment. */
export function behaviourFinding(event: AccessEvent, assessment: Assessment, facts: IdentityFacts): Finding {
  const { identity, p } = assessment;
  const terms = assessment.terms.filter((term, rank) => rank === 0 || term.p <= REASON_P);
  const sentences = terms.slice(0, MAX_SENTENCES).map(sentenceOf);
  return {
    uid: findingUid(UNUSUAL_BEHAVIOUR, event.uid),
    detection: UNUSUAL_BEHAVIOUR,
    title: 'Behaviour unlike this identity',
    kind: 'behaviour',
    severity: severityOf(p),
    attack: ['T1078'],
    identity,
    source: event.source,
    time: event.time,
    eventUid: event.uid,
    eventUids: [event.uid],
    p,
    dedupeKey: `${UNUSUAL_BEHAVIOUR}:${terms[0]?.feature ?? 'none'}`,
    sentence: sentences[0] ?? 'The event as a whole is unlike what this identity does.',
    observed: Object.fromEntries(terms.slice(0, MAX_SENTENCES).flatMap(observedAndUsual)),
    grantUids: Object.values(facts.grants)
      .filter((grant) => grantStateAt(grant, event.time) === 'active' && grant.jit)
      .map(({ uid }) => uid)
      .toSorted(),
    explanation: sentences.slice(1),
  };
}
