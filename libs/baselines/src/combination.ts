/** Least p that is told apart: e^-80; below it a double's logarithm still works but no histogram means it. */
const LEAST_P = 1.8e-35;
const SCORE_QUANTUM = 1e6;

/** Weight of the i-th strongest reason (i from 1): i^-0.5. The strongest counts whole, the second 0.71, the third 0.58: reasons of one event are correlated. */
const WEIGHTS: readonly number[] = Array.from({ length: 64 }, (_, index) => (index + 1) ** -0.5);
export const rankWeight = (index: number): number => WEIGHTS[index] ?? (index + 1) ** -0.5;

/** @returns -ln p, in [0, 80] nats */
export const nats = (p: number): number => (p >= 1 ? 0 : -Math.log(Math.max(p, LEAST_P)));

/**
 * Most that a p-value can speak against its null hypothesis, in nats: the bound `1 / (-e p ln p)` of its Bayes factor. p = 0.05 says 0.9 nats and not 3,
 * p = 1e-3 says 4.0 and not 6.9, p above 1/e nothing: a dozen slightly unusual features are no incident.
 *
 * @param natsOfP -ln p @returns nats, >= 0
 * @see Sellke, Bayarri & Berger, "Calibration of p Values for Testing Precise Null Hypotheses", The American Statistician 55(1), 2001
 */
export const weightOfEvidence = (natsOfP: number): number => (natsOfP <= 1 ? 0 : natsOfP - 1 - Math.log(natsOfP));

/**
 * S = sum over i of w(p_(i)) / sqrt(i), with w the {@link weightOfEvidence}. Fisher's sum of -ln p raises 45 times the nominal false alarms at a
 * correlation of 0.3 since everything slightly unusual adds up; here only what speaks counts.
 *
 * @param sorted p-values, smallest first
 */
export function rankWeightedSum(sorted: readonly number[]): number {
  let sum = 0;
  for (let index = 0; index < sorted.length; index += 1) sum += weightOfEvidence(nats(sorted[index] ?? 1)) * rankWeight(index);
  return sum;
}

/**
 * The p of one reason that would speak as strongly as all of an event's together: `w(-ln p) = S`. That is the p of an event. Counted on generated histories it
 * is met by about the share of harmless events that it names (docs/adr/0035).
 *
 * @param sum S of {@link rankWeightedSum}, >= 0 @returns p in (0, 1/e], 1 when nothing speaks
 */
export function combinedP(sum: number): number {
  if (sum <= 0) return 1;
  // w is convex and rises: from above, Newton's steps come down to the root and never pass it.
  let e = 1 + sum + Math.sqrt(2 * sum);
  // A sum too small to be told from none leaves 1 nat.
  for (let step = 0; step < NEWTON_STEPS && e > 1; step += 1) e -= (e - 1 - Math.log(e) - sum) / (1 - 1 / e);
  return Math.exp(-e);
}
/** Enough for all digits of a double anywhere in (0, 80] nats. */
const NEWTON_STEPS = 5;

/** {@link rankWeightedSum} of the p-values of one event, and of the same with one of them replaced by a 1 at the end: each logarithm is taken once. */
export class CombinedTerms {
  readonly #weights: readonly number[];

  /** @param sorted p-values, smallest first */
  constructor(sorted: readonly number[]) {
    this.#weights = sorted.map((p) => weightOfEvidence(nats(p)));
  }

  /** @param without index of the p-value that counts as 1; none by default */
  sum(without = this.#weights.length): number {
    const all = this.#weights;
    let sum = 0;
    for (let index = 0; index < without; index += 1) sum += (all[index] ?? 0) * rankWeight(index);
    for (let index = without + 1; index < all.length; index += 1) sum += (all[index] ?? 0) * rankWeight(index - 1);
    return sum;
  }

  /** Weight of the term at `index`, its rank included. */
  share(index: number): number {
    return (this.#weights[index] ?? 0) * rankWeight(index);
  }
}

/** @returns 100 (1 - exp(-e/10)) with e = -ln p: in [0, 100], quantised to 1e-6. p = 1e-6 gives 74.9. */
export const scoreOf = (p: number): number => quantise(100 * (1 - Math.exp(-nats(p) / 10)));

export const quantise = (value: number): number => Math.round(value * SCORE_QUANTUM) / SCORE_QUANTUM;
