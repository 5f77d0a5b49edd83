import type { AccessEvent } from '@keyward/events';
import type { Assessment, Term } from './assessment.js';
import { combinedP, CombinedTerms, quantise, scoreOf } from './combination.js';
import type { Evaluation, Factor } from './models/model.js';
import type { PopulationSnapshot } from './population.js';

/** A feature that could be evaluated, with its evidence after factors and its calibrated p. */
export interface JudgedFeature {
  readonly feature: string;
  readonly evaluation: Evaluation;
  readonly factors: Factor[];
  readonly evidence: number;
  readonly p: number;
}

export interface Judgement {
  readonly event: AccessEvent;
  readonly identity: string;
  readonly snapshot: PopulationSnapshot;
  readonly stratum: string;
  /** Put in order in place. */
  readonly judged: JudgedFeature[];
  readonly notEvaluated: Assessment['notEvaluated'];
}

/** Combines the features to one p and score, and explains it: terms strongest first, with shares and counterfactuals. */
export function assemble({ event, identity, snapshot, stratum, judged, notEvaluated }: Judgement): Assessment {
  const order = sortByStrength(judged);
  const combined = new CombinedTerms(order.map((feature) => feature.p));
  const total = combined.sum();
  const p = combinedP(total);
  const score = scoreOf(p);
  const terms = order.map((feature, index): Term => {
    // The p-values if the term at `index` had been usual: without its own, and a 1 at the end.
    const without = combined.share(index) === 0 ? score : scoreOf(combinedP(combined.sum(index)));
    const { evaluation } = feature;
    return {
      feature: feature.feature,
      observed: evaluation.observed,
      usual: evaluation.usual,
      evidence: feature.evidence,
      p: feature.p,
      share: total === 0 ? 0 : quantise(combined.share(index) / total),
      counts: evaluation.counts,
      confidence: quantise(evaluation.confidence),
      factors: feature.factors,
      scoreWithout: without,
      history: evaluation.history,
      details: evaluation.details,
    };
  });
  return {
    eventUid: event.uid,
    identity,
    time: event.time,
    score,
    p,
    terms,
    notEvaluated,
    snapshot: snapshot.id,
    stratum,
  };
}

/** In place: least p first, then most evidence, then by name. A dozen features at most, nearly in order: insertion costs less than a sort with a callback. */
function sortByStrength(judged: JudgedFeature[]): readonly JudgedFeature[] {
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
  return judged;
}

const isStronger = (a: JudgedFeature, b: JudgedFeature): boolean =>
  a.p !== b.p ? a.p < b.p : a.evidence !== b.evidence ? a.evidence > b.evidence : a.feature < b.feature;
