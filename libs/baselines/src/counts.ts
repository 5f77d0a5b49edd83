import { GREATEST_COUNT, type Expected, type Moments } from './statistics/moments.js';

/**
 * What is counted or measured, for persons, peer groups and the population: `mean` and `square` (mean of squares) are expected of somebody about whom, and
 * about whose peers, nothing is known. They fade with the first twenty observations; what they are is less important than that they are wide.
 */
export const COUNTS = {
  /** Failed sign-ins before a successful one. */
  fail: { mean: 0.2, square: 0.8 },
  /** Acts within a clock hour with one, beyond the first. */
  hour: { mean: 6, square: 120 },
  /** Distinct targets on a day with an act. */
  dst: { mean: 3, square: 30 },
  /** Passwords and secrets taken out on a day with an act. */
  sec: { mean: 0.5, square: 4 },
  /** Rights given to others on a day with an act. */
  grt: { mean: 0.05, square: 0.2 },
  /** Applications and resources of others used for the first time, on a day with an act. */
  new: { mean: 0.2, square: 0.6 },
  /** Length of a time-bound right: 4 log2 of minutes. 2 hours, four times as much or as little. */
  dur: { mean: 27.6, square: 27.6 ** 2 + 8 ** 2 },
  /** Days between uses of a privilege, capped at 60. */
  gap: { mean: 7, square: 98 },
  /** From request to approval: 4 log2 of seconds. Half an hour, sixteen times as much or as little. */
  lat: { mean: 43.3, square: 43.3 ** 2 + 16 ** 2 },
  /** Bytes of one session, file or query: 4 log2. A megabyte, 32 times as much or as little. */
  qty: { mean: 79.7, square: 79.7 ** 2 + 20 ** 2 },
  /** 1 for the activation of a right for which the records do not list the identity, else 0. */
  ine: { mean: 0.05, square: 0.05 },
} as const satisfies Record<string, Expected>;
export type Count = keyof typeof COUNTS;

/** In this order everything that loops over counts runs. */
export const COUNT_NAMES = [
  'fail',
  'hour',
  'dst',
  'sec',
  'grt',
  'new',
  'dur',
  'gap',
  'lat',
  'qty',
  'ine',
] as const satisfies readonly Count[];

/** Observations of one event, to be learned with it. */
export type Observed = Readonly<Partial<Record<Count, number>>>;

export type CountMoments = Partial<Record<Count, Moments>>;

/** Adds `times` observations of one value. @param value whole, >= 0, cut off at 10,000 @param weight in decay units */
export function observeCount(counts: CountMoments, count: Count, value: number, weight: number): void {
  const bounded = Math.min(GREATEST_COUNT, value);
  const known = counts[count];
  counts[count] = {
    weight: (known?.weight ?? 0) + weight,
    sum: (known?.sum ?? 0) + bounded * weight,
    squares: (known?.squares ?? 0) + bounded * bounded * weight,
  };
}

/** Adds what was observed elsewhere, each observation weighed by `weight`. */
export function addMoments(counts: CountMoments, count: Count, more: Moments, weight: number): void {
  const known = counts[count];
  counts[count] = {
    weight: (known?.weight ?? 0) + more.weight * weight,
    sum: (known?.sum ?? 0) + more.sum * weight,
    squares: (known?.squares ?? 0) + more.squares * weight,
  };
}

/** Multiplies all by `factor` < 1, rounded down; what weighs less than one unit is forgotten. */
export function fadeCounts(counts: Readonly<CountMoments>, factor: number): CountMoments {
  const faded: CountMoments = {};
  for (const count of COUNT_NAMES) {
    const known = counts[count];
    if (!known) continue;
    const weight = Math.floor(known.weight * factor);
    if (weight > 0) faded[count] = { weight, sum: Math.floor(known.sum * factor), squares: Math.floor(known.squares * factor) };
  }
  return faded;
}

/** After sixty days of silence all trust is reset (scoring.md section 2), so a longer gap teaches no more. */
export const LONGEST_GAP_DAYS = 60;

/** Quarter octaves: a value of the counts `dur` (minutes), `lat` (seconds) and `qty` (bytes). @param value > 0 */
export const durationStep = (value: number): number => Math.max(0, Math.round(4 * Math.log2(Math.max(1, value))));
/** @returns minutes of a `dur`, seconds of a `lat`, bytes of a `qty` */
export const minutesOf = (step: number): number => 2 ** (step / 4);
