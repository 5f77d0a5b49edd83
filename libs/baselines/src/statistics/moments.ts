import { negativeBinomialMidTail, normalTail } from './tails.js';

/** Integer sums over observations, each weighed by its age: exact, in any order, and decaying together. */
export interface Moments {
  /** Weight of all observations, in decay units. */
  readonly weight: number;
  /** Weighted sum of the values. */
  readonly sum: number;
  /** Weighted sum of their squares. */
  readonly squares: number;
}

/** What one more observation is expected to be. `square` is the mean of squares, so that two of these can be mixed. */
export interface Expected {
  readonly mean: number;
  readonly square: number;
}

/** Of a machine's events in an hour, and the largest whose square times a year of weights is still an exact integer. */
export const GREATEST_COUNT = 10_000;
/** A rate is never known better than to a quarter of itself: days differ, whatever sixty equal ones say. */
const LEAST_SPREAD = 1 / 16;
/** Below one standard deviation above the mean a count says nothing, and its tail need not be computed. */
const UNREMARKABLE_DEVIATIONS = 1;

/**
 * Shrinks what was observed towards what a wider group expects, as `pseudo` more observations of that. Means and mean squares are mixed, not variances:
 * where both differ, the difference of their means widens what is expected.
 *
 * @param own observations @param scale what turns their weight into a decayed number @param wider expected without them
 * @param pseudo weight of `wider`, in observations @param most observations that `own` speaks with at most
 */
export function shrink(own: Moments | undefined, scale: number, wider: Expected, pseudo: number, most = Infinity): Expected {
  if (!own || own.weight <= 0) return wider;
  const say = Math.min(own.weight * scale, most);
  return {
    mean: ((own.sum / own.weight) * say + pseudo * wider.mean) / (say + pseudo),
    square: ((own.squares / own.weight) * say + pseudo * wider.square) / (say + pseudo),
  };
}

/** @returns variance of the next observation: that of the observations, and of their mean as an estimate from so many */
export const predictiveVariance = ({ mean, square }: Expected, observations: number): number =>
  Math.max(0, square - mean * mean) * (1 + 1 / Math.max(1, observations));

/**
 * Predictive tail of a count (Gamma-Poisson): the negative binomial of this mean and variance, mid-p. z-scores and MAD on counts fire 11 to 53 times too
 * often at 1e-3 (scoring.md section 1). The Gamma's shape is `mean^2 / (variance - mean)`, its rate `mean / (variance - mean)`.
 *
 * @param count whole, >= 0 @param mean > 0 @param variance raised to `mean + mean^2 / 16` where it is less
 * @returns P(X > count) + P(X = count) / 2 in (0, 1]; 1 for a count up to one standard deviation above the mean
 * @see Gelman et al., "Bayesian Data Analysis", 3rd ed., section 2.6
 */
export function countTail(count: number, mean: number, variance: number): number {
  const spread = Math.max(variance - mean, mean * mean * LEAST_SPREAD);
  if (count <= 0 || count <= mean + UNREMARKABLE_DEVIATIONS * Math.sqrt(mean + spread)) return 1;
  return negativeBinomialMidTail(count, (mean * mean) / spread, mean / spread);
}

/** @returns P(X >= value) of a normal with this mean and variance, in (0, 1]; 1 for what is no more than the mean */
export function normalExcessTail(value: number, mean: number, variance: number): number {
  return value <= mean ? 1 : normalTail((value - mean) / Math.sqrt(variance));
}

/**
 * Predictive tail of a gap between uses that are exponential with an unknown rate (Lomax): `(1 + gap / (b + total))^-(a + gaps)`,
 * the rate being Gamma(a, b) before the first gap.
 *
 * @param gap >= 0, days @param gaps how many were seen @param total of them, days @param priorGaps a > 1 @param priorMean b / (a - 1), days
 * @returns P(the next gap is at least so long), in (0, 1]
 * @see Gelman et al., "Bayesian Data Analysis", 3rd ed., section 2.6 (exponential model)
 */
export const gapTail = (gap: number, gaps: number, total: number, priorGaps: number, priorMean: number): number =>
  (1 + gap / ((priorGaps - 1) * priorMean + total)) ** -(priorGaps + gaps);
