import type { AccessEvent } from '@keyward/events';
import type { Assessment, Term } from './assessment.js';
import type { Calibrator } from './calibration.js';
import { cauchyCombination, nats, quantise, rankWeight, rankWeightedSum, scoreOf } from './combination.js';
import type { Evaluation, Factor } from './models/model.js';
import { COMBINED, type PopulationSnapshot } from './population.js';

/** A feature that could be evaluated, with its evidence after factors and its calibrated p. */
export interface JudgedFeature {
  readonly feature: string;
  readonly evaluation: Evaluation;
  readonly factors: readonly Factor[];
  readonly evidence: number;
  readonly p: number;
}

export interface Judgement {
  readonly event: AccessEvent;
  readonly identity: string;
  readonly snapshot: PopulationSnapshot;
  readonly stratum: string;
  readonly judged: readonly JudgedFeature[];
  readonly notEvaluated: readonly { readonly feature: string; readonly why: string }[];
}

/** Combines the features to one p and score, and explains it: terms strongest first, with shares and counterfactuals. */
export function assemble({ event, identity, snapshot, stratum, judged, notEvaluated }: Judgement): Assessment {
  const order = [...judged].sort((a, b) => a.p - b.p || b.evidence - a.evidence || (a.feature < b.feature ? -1 : 1));
  const ps = order.map((feature) => feature.p);
  const calibrator = snapshot.calibrator(COMBINED, stratum);
  const p = ps.length === 0 ? 1 : calibrator.p(rankWeightedSum(ps), cauchyCombination(ps));
  const total = rankWeightedSum(ps);
  const score = scoreOf(p);
  const terms = order.map((feature, index): Term => {
    const contribution = nats(feature.p) * rankWeight(index);
    return {
      feature: feature.feature,
      observed: feature.evaluation.observed,
      usual: [...feature.evaluation.usual],
      evidence: feature.evidence,
      p: feature.p,
      share: total === 0 ? 0 : quantise(contribution / total),
      counts: feature.evaluation.counts,
      confidence: quantise(feature.evaluation.confidence),
      factors: [...feature.factors],
      scoreWithout: feature.p >= 1 ? score : scoreWithout(calibrator, ps, index),
      sentence: feature.evaluation.sentence + factorsText(feature.factors),
    };
  });
  return {
    eventUid: event.uid,
    identity,
    time: event.time,
    score,
    p,
    terms,
    notEvaluated: [...notEvaluated],
    snapshot: snapshot.id,
    stratum,
  };
}

/** The score if the term at `index` had been usual: its p 1, and so the last in order. */
function scoreWithout(calibrator: Calibrator, ps: readonly number[], index: number): number {
  const rest = [...ps, 1];
  rest.splice(index, 1);
  return scoreOf(calibrator.p(rankWeightedSum(rest), cauchyCombination(rest)));
}

const factorsText = (factors: readonly Factor[]): string =>
  factors.length === 0 ? '' : ` Weighed by: ${factors.map(({ name, factor }) => `${name} (x ${factor})`).join('; ')}.`;
