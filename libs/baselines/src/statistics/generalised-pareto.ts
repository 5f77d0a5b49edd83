/** Tail of exceedances over a threshold. */
export interface ParetoTail {
  /** Shape xi, in [0, 0.5]: 0 is exponential; never negative, so no evidence is ever "impossible". */
  readonly shape: number;
  /** Scale sigma > 0, in the unit of the exceedances. */
  readonly scale: number;
}

/** Pseudo-observations that pull the shape to 0 (exponential): the shape of a tail is the least certain thing about it. */
const SHAPE_PRIOR = 50;

/**
 * Method of moments, steadied by `prior` pseudo-exceedances of mean 1.
 *
 * @param count exceedances @param sum of them @param sumOfSquares of them
 * @see Hosking & Wallis, "Parameter and Quantile Estimation for the Generalized Pareto Distribution", Technometrics 29(3), 1987
 */
export function fitParetoTail(count: number, sum: number, sumOfSquares: number, prior: number): ParetoTail {
  const mean = (sum + prior) / (count + prior);
  // Second moment of the exponential of mean 1 is 2.
  const variance = (sumOfSquares + 2 * prior) / (count + prior) - mean * mean;
  const moments = variance > 0 ? 0.5 * (1 - (mean * mean) / variance) : 0;
  const shape = Math.min(0.5, Math.max(0, (moments * count) / (count + SHAPE_PRIOR)));
  return { shape, scale: mean * (1 - shape) };
}

/** @param excess above the threshold, >= 0 @returns P(exceedance >= excess), in (0, 1] */
export function paretoSurvival({ shape, scale }: ParetoTail, excess: number): number {
  if (shape < 1e-9) return Math.exp(-excess / scale);
  return (1 + (shape * excess) / scale) ** (-1 / shape);
}
