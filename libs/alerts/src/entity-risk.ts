import { DAY_MS } from '@keyward/events';
import type { RiskContribution } from './alert.js';

/** Half-life of what a finding adds, in days: standing access stays a risk longer than one strange act (scoring.md 3.3). */
export const HALF_LIFE_DAYS = { rule: 7, behaviour: 7, sod: 30 } as const;

/** Below this p nothing more is learned: -ln 1e-30 is 69 nats, an entity risk of 99.9. Keeps p = 0 finite. */
const SMALLEST_P = 1e-30;
/** Contributions that have decayed below this many nats are forgotten: even alone they would add 0.1 points of risk. */
export const FORGOTTEN_EVIDENCE_NATS = 0.01;
/** Contributions kept per identity, strongest first. Rank 200 weighs 1/2828 in the sum. */
export const MAX_CONTRIBUTIONS = 200;

export interface RiskModifiers {
  /** 0.5 low, 1 medium, 1.5 high, 2 critical. */
  readonly criticality: number;
  readonly privileged: boolean;
  readonly kind: 'human' | 'service' | 'shared' | 'break_glass';
}

export interface EntityRiskAt {
  /** 0 to 100, quantised to 1e-6. */
  readonly risk: number;
  /** Strongest first; shares sum to 1 (or the list is empty). */
  readonly contributions: readonly (RiskContribution & { readonly share: number })[];
}

/** @param p chance of the finding under innocence, in [0, 1] @returns `-ln p` in nats, in [0, 69.1] */
export const evidenceOf = (p: number): number => quantise(-Math.log(Math.min(1, Math.max(SMALLEST_P, p))));

/** Evidence left at an instant, in nats. A contribution of the future weighs nothing yet. */
export const decayedEvidence = (contribution: RiskContribution, at: number): number =>
  contribution.at > at ? 0 : contribution.evidence * 2 ** (-(at - contribution.at) / (contribution.halfLifeDays * DAY_MS));

/** Odds multipliers: criticality {.5, 1, 1.5, 2} times privilege {1 ordinary, 1.5 privileged, 2.5 break-glass}. */
export const oddsMultiplier = ({ criticality, privileged, kind }: RiskModifiers): number =>
  criticality * (kind === 'break_glass' ? 2.5 : privileged ? 1.5 : 1);

/**
 * Rank-weighted sum of evidence: the strongest counts fully, the i-th by 1 / i^1.5, so that many weak findings never outweigh a strong one.
 *
 * @param evidence nats, any order
 * @returns nats
 */
export const rankWeightedEvidence = (evidence: readonly number[]): number =>
  evidence.toSorted((a, b) => b - a).reduce((sum, value, index) => sum + value / (index + 1) ** 1.5, 0);

/** @param total nats @param multiplier odds multiplier @returns 100 (1 - exp(-E/10)), its odds multiplied; in [0, 100] */
export function riskOf(total: number, multiplier = 1): number {
  const odds = multiplier * Math.expm1(total / 10);
  return quantise((100 * odds) / (1 + odds));
}

/**
 * An identity's risk at an instant: a pure function of its contributions, the time asked for and who it is.
 *
 * @param at epoch ms; contributions after it do not count
 */
export function entityRiskAt(contributions: readonly RiskContribution[], at: number, modifiers: RiskModifiers): EntityRiskAt {
  const ranked = contributions
    .map((contribution) => ({ contribution, evidence: decayedEvidence(contribution, at) }))
    .filter(({ evidence }) => evidence > 0)
    .sort((a, b) => b.evidence - a.evidence || a.contribution.at - b.contribution.at || compare(a.contribution, b.contribution));
  const terms = ranked.map(({ evidence }, index) => evidence / (index + 1) ** 1.5);
  const total = terms.reduce((sum, term) => sum + term, 0);
  return {
    risk: riskOf(total, oddsMultiplier(modifiers)),
    contributions: ranked.map(({ contribution }, index) => ({ ...contribution, share: (terms[index] ?? 0) / total })),
  };
}

/** Drops what has decayed to nothing at `at`, then all but the strongest `MAX_CONTRIBUTIONS`. Keeps the order of arrival. */
export function pruneContributions(contributions: readonly RiskContribution[], at: number): RiskContribution[] {
  // A finding of the future (a clock ahead) is kept at its full weight: it has only not begun to decay.
  const left = (contribution: RiskContribution): number => decayedEvidence(contribution, Math.max(at, contribution.at));
  const alive = contributions.filter((contribution) => left(contribution) >= FORGOTTEN_EVIDENCE_NATS);
  if (alive.length <= MAX_CONTRIBUTIONS) return alive;
  const kept = new Set(alive.toSorted((a, b) => left(b) - left(a) || compare(a, b)).slice(0, MAX_CONTRIBUTIONS));
  return alive.filter((contribution) => kept.has(contribution));
}

const compare = (a: RiskContribution, b: RiskContribution): number =>
  a.findingUid < b.findingUid ? -1 : a.findingUid > b.findingUid ? 1 : 0;
/** Six decimals: the same on every machine, whatever its libm does in the last bit. */
const quantise = (value: number): number => Math.round(value * 1e6) / 1e6;
