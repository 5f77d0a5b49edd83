import type { AccessEvent } from '@keyward/events';
import type { Assessment } from './assessment.js';
import { combinedP, CombinedTerms, nats, quantise, scoreOf, weightOfEvidence } from './combination.js';
import type { DraftTerm } from './models/model.js';
import type { PopulationSnapshot } from './population.js';

export interface Judgement {
  readonly event: AccessEvent;
  readonly identity: string;
  readonly snapshot: PopulationSnapshot;
  readonly stratum: string;
  /** Put in order, and finished, in place. */
  readonly judged: DraftTerm[];
  readonly notEvaluated: Assessment['notEvaluated'];
}

/** Combines the features to one p and score, and explains it: terms strongest first, with shares and counterfactuals. */
export function assemble({ event, identity, snapshot, stratum, judged, notEvaluated }: Judgement): Assessment {
  sortByStrength(judged);
  // Most acts are usual in everything: drafts say so as they are (share and scoreWithout 0), and no sum need be taken.
  if (weightOfEvidence(nats(judged[0]?.p ?? 1)) === 0)
    return { eventUid: event.uid, identity, time: event.time, score: 0, p: 1, terms: judged, notEvaluated, snapshot: snapshot.id, stratum };
  const combined = new CombinedTerms(judged.map((term) => term.p));
  const total = combined.sum();
  const p = combinedP(total);
  const score = scoreOf(p);
  for (let index = 0; index < judged.length; index += 1) {
    const term = judged[index];
    if (!term) continue;
    // The p-values if the term at `index` had been usual: without its own, and a 1 at the end.
    const share = combined.share(index);
    term.scoreWithout = share === 0 ? score : scoreOf(combinedP(combined.sum(index)));
    term.share = total === 0 ? 0 : quantise(share / total);
  }
  return {
    eventUid: event.uid,
    identity,
    time: event.time,
    score,
    p,
    terms: judged,
    notEvaluated,
    snapshot: snapshot.id,
    stratum,
  };
}

/** In place: least p first, then most evidence, then by name. A dozen features at most, nearly in order: insertion costs less than a sort with a callback. */
function sortByStrength(judged: DraftTerm[]): void {
  for (let at = 1; at < judged.length; at += 1) {
    const moving = judged[at];
    if (!moving) continue;
    let to = at;
    for (let before = judged[to - 1]; to > 0 && before && isStronger(moving, before); before = judged[to - 1]) {
      judged[to] = before;
      to -= 1;
    }
    judged[to] = moving;
  }
}

const isStronger = (a: DraftTerm, b: DraftTerm): boolean =>
  a.p !== b.p ? a.p < b.p : a.evidence !== b.evidence ? a.evidence > b.evidence : a.feature < b.feature;
