import type { AccessEvent } from '@keyward/events';
import type { Assessment, Term } from './assessment.js';
import { cauchyCombination, nats, quantise, rankWeight, rankWeightedSum, scoreOf } from './combination.js';
import type { Evaluation, Factor } from './models/model.js';
import { COMBINED, type PopulationSnapshot } from './population.js';

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
  const order = judged.sort((a, b) => a.p - b.p || b.evidence - a.evidence || (a.feature < b.feature ? -1 : 1));
  const ps = order.map((feature) => feature.p);
  const calibrator = snapshot.calibrator(COMBINED, stratum);
  const p = ps.length === 0 ? 1 : calibrator.p(rankWeightedSum(ps), cauchyCombination(ps));
  const total = rankWeightedSum(ps);
  const score = scoreOf(p);
  // The p-values if the term at `index` had been usual: without its own, and a 1 at the end.
  const rest = [...ps.slice(1), 1];
  const terms = order.map((feature, index): Term => {
    if (index > 0) rest[index - 1] = ps[index - 1] ?? 1;
    const without = feature.p >= 1 ? score : scoreOf(calibrator.p(rankWeightedSum(rest), cauchyCombination(rest)));
    const contribution = nats(feature.p) * rankWeight(index);
    return {
      feature: feature.feature,
      observed: feature.evaluation.observed,
      usual: feature.evaluation.usual,
      evidence: feature.evidence,
      p: feature.p,
      share: total === 0 ? 0 : quantise(contribution / total),
      counts: feature.evaluation.counts,
      confidence: quantise(feature.evaluation.confidence),
      factors: feature.factors,
      scoreWithout: without,
      history: feature.evaluation.history,
      details: feature.evaluation.details,
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
