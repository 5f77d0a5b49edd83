/**
 * Counts between which a Poisson variable stays in 95 of 100 cases: what chance alone makes of an expected number.
 *
 * @param mean >= 0, below 700 (beyond, e^-mean is no number any more)
 * @returns whole numbers: the least k with P(X <= k) >= 0.025, and the least with P(X <= k) >= 0.975
 */
export function poissonRange(mean: number): { readonly low: number; readonly high: number } {
  let probability = Math.exp(-mean);
  let cumulative = probability;
  let count = 0;
  let low: number | undefined;
  while (cumulative < 0.975 && count < 10 * mean + 100) {
    if (cumulative >= 0.025) low ??= count;
    count += 1;
    probability *= mean / count;
    cumulative += probability;
  }
  return { low: low ?? count, high: count };
}
