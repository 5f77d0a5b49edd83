import { seededRandom } from '../random.js';

export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** How often each of `people` was drawn, with replacement, `people` times. */
export function drawPeople(people: number, random: () => number): Uint16Array<ArrayBuffer> {
  const drawn = new Uint16Array(people);
  for (let draw = 0; draw < people; draw += 1) {
    const person = Math.floor(random() * people);
    drawn[person] = (drawn[person] ?? 0) + 1;
  }
  return drawn;
}

/**
 * Percentile bootstrap over people: whole people are drawn with all their days, since the days of one person resemble each other.
 *
 * @param measure figures of one resample; each call gets how often every person was drawn. The same resample serves all figures, so differences are paired.
 * @returns by resample
 * @see Efron & Tibshirani, "An Introduction to the Bootstrap", chapter 13
 */
export function bootstrap<T>(
  people: number,
  resamples: number,
  seed: string,
  measure: (drawn: Uint16Array<ArrayBuffer>) => T,
): readonly T[] {
  const random = seededRandom(seed);
  return Array.from({ length: resamples }, () => measure(drawPeople(people, random)));
}

/** Middle 95 % of the resamples around the figure of the whole. Resamples without a figure (NaN) are left out. */
export function intervalOf(estimate: number, resampled: readonly number[]): Interval {
  const sorted = resampled.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return { estimate, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

/** By linear interpolation between order statistics (type 7, as in R and NumPy). @param sorted rising @returns NaN for none */
export function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return NaN;
  const position = (sorted.length - 1) * share;
  const low = sorted[Math.floor(position)] ?? NaN;
  const high = sorted[Math.ceil(position)] ?? NaN;
  // Equal neighbours first: of two infinities the difference has no value.
  return low === high ? low : low + (high - low) * (position - Math.floor(position));
}
