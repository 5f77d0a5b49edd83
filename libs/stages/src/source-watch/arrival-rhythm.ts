import { DAY_MS, HOUR_MS, MINUTE_MS } from '@keyward/events';

/** How busy a source was in one hour of wall time. */
export interface SourceHour {
  /** Start of the hour, epoch ms. */
  readonly at: number;
  /** Minutes of it in which at least one record arrived, 0 to 60. */
  readonly activeMinutes: number;
}

/** A stretch without a record, between two that arrived. Epoch ms. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** When a source speaks, as learned from its past weeks. */
export interface ArrivalRhythm {
  /** Start of the first hour that it was learned from: what the source did before is not known. */
  readonly since: number;
  /** By hour of week, 168 from Monday 0 h UTC: active minutes seen, and minutes looked at. */
  readonly slots: readonly { readonly active: number; readonly minutes: number }[];
  /** Shape `a` of the gamma that a whole day's activity is multiplied by: small where days differ much (holidays, outages of the vendor). */
  readonly dayShape: number;
  /** Shape of the gaps of a source that comes in batches: 1 is at random, 8 like a clock. */
  readonly regularity: number;
  /** Expected active minutes in a gap so long that it comes once in years, by the source's own longest gaps: no alarm before that. */
  readonly rareGap: number;
}

/**
 * Minutes are counted, not records: a poller's 500 records at once or a backfill of a year are one sign of life, and no proof that silence is rare.
 *
 * @see the gamma-Poisson model of counts: A. Gelman et al., "Bayesian Data Analysis", 3rd ed., section 2.6
 * @see time rescaling, by which gaps of day and night are compared: E. Brown et al., Neural Computation 14(2), 2002
 * @see exceedances over a threshold: S. Coles, "An Introduction to Statistical Modeling of Extreme Values", 2001, chapter 4
 */
export const SILENCE = {
  /** Weeks that are learned from: long enough for a day off now and then, short enough to follow a new rhythm. */
  weeks: 8,
  /** A source that was first heard of less than this ago has no rhythm yet. */
  minKnownMs: DAY_MS,
  /** Shorter gaps are the jitter of shippers and retries. */
  minGapMs: 10 * MINUTE_MS,
  /** Of twenty sources judged all year round, one false alarm or two. */
  maxProbability: 1e-4,
  /** What a week of the same hour on other weekdays counts where an hour of week was not seen yet. */
  borrowedWeeks: 1,
  /** Days differ by this share of their variance (1 / shape) before anything was seen, which counts as so many days. */
  priorDaySpread: 0.05,
  priorDays: 7,
  /** Gaps that are taken for outages, one in so many weeks, and teach nothing: what happens more often belongs to the rhythm. */
  outages: 2,
  weeksAnOutage: 2,
  /** The longest gaps tell how much longer one may be: a tenth of them, but so many at least. */
  tailShare: 0.1,
  tailGaps: 20,
  /** Gaps of that length a week: one in two years. A busy source has thousands of gaps a week, so a small probability of each is not enough. */
  rareGapsPerWeek: 0.01,
  /** Gaps from which a clock is told from chance, the share of all gaps that they must be, and the most that is believed of it. */
  regularGaps: 20,
  regularShare: 0.9,
  maxRegularity: 8,
} as const;

const WEEK_HOURS = 168;
const HOUR_MINUTES = HOUR_MS / MINUTE_MS;
/** 1970-01-01 was a Thursday; the week begins on Monday. */
const THURSDAY = 3;
/** Weekends differ between countries: what these days are like is never concluded from others. */
const MAYBE_WEEKEND: ReadonlySet<number> = new Set([4, 5, 6]);

const slotOf = (at: number): number => (Math.floor(at / HOUR_MS) + THURSDAY * 24) % WEEK_HOURS;
const startOfHour = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;

/**
 * Learns when a source speaks. Pure: the same counts give the same rhythm, in any order.
 *
 * @param hours hours with activity; those left out had none
 * @param gaps the source's gaps of at least `minGapMs` within the same time
 * @param span from the source's first record, or the beginning of what is looked at, up to the hour that is not over yet; epoch ms
 */
export function learnRhythm(
  hours: readonly SourceHour[],
  gaps: readonly Gap[],
  span: { readonly from: number; readonly to: number },
): ArrivalRhythm {
  const [from, to] = [startOfHour(span.from), startOfHour(span.to)];
  const activity = new Map(hours.map(({ at, activeMinutes }) => [startOfHour(at), activeMinutes]));
  const seen = Array.from({ length: WEEK_HOURS }, () => ({ active: 0, minutes: 0 }));
  for (let at = from; at < to; at += HOUR_MS) {
    const slot = seen[slotOf(at)];
    if (!slot) continue;
    slot.active += activity.get(at) ?? 0;
    slot.minutes += HOUR_MINUTES;
  }
  const slots = seen.map((slot, index) => (slot.minutes > 0 ? slot : borrowed(seen, index)));
  const dayShape = shapeOfDays(activity, slots, from, to);
  const rhythm: ArrivalRhythm = { since: from, slots, dayShape, regularity: 1, rareGap: 0 };
  const expected = gaps.map((gap) => expectedActivity(rhythm, gap.from, gap.to)).sort((a, b) => b - a);
  const weeks = (to - from) / (7 * DAY_MS);
  const usual = expected.slice(Math.min(SILENCE.outages, Math.floor(weeks / SILENCE.weeksAnOutage)));
  const active = hours.reduce((sum, { activeMinutes }) => sum + activeMinutes, 0);
  return { ...rhythm, regularity: regularityOf(usual, active), rareGap: rareGapOf(usual, weeks) };
}

/** Nothing is concluded from long gaps alone where there are short ones between: of these only the number is known. */
function regularityOf(gaps: readonly number[], active: number): number {
  if (gaps.length < SILENCE.regularGaps || gaps.length < SILENCE.regularShare * active) return 1;
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  return Math.max(1, Math.min(SILENCE.maxRegularity, Math.floor(mean ** 2 / Math.max(variance, 1e-9))));
}

/** @param gaps longest first, in expected active minutes: above a high threshold they fall off exponentially */
function rareGapOf(gaps: readonly number[], weeks: number): number {
  const tail = gaps.slice(0, Math.max(SILENCE.tailGaps, Math.ceil(SILENCE.tailShare * gaps.length)));
  const threshold = tail.at(-1);
  if (threshold === undefined) return 0;
  const excess = tail.reduce((sum, gap) => sum + gap - threshold, 0) / tail.length;
  const perWeek = tail.length / Math.max(weeks, 1 / 7);
  return Math.max(tail[0] ?? 0, threshold + excess * Math.log(Math.max(1, perWeek / SILENCE.rareGapsPerWeek)));
}

/** In the first week: the same hour of other working days, as far as they were seen. */
function borrowed(seen: ArrivalRhythm['slots'], index: number): ArrivalRhythm['slots'][number] {
  if (MAYBE_WEEKEND.has(Math.floor(index / 24))) return { active: 0, minutes: 0 };
  let [active, minutes] = [0, 0];
  for (let day = 0; day < 7; day += 1) {
    const slot = seen[day * 24 + (index % 24)];
    if (!slot || MAYBE_WEEKEND.has(day)) continue;
    active += slot.active;
    minutes += slot.minutes;
  }
  if (minutes === 0) return { active: 0, minutes: 0 };
  const share = (SILENCE.borrowedWeeks * HOUR_MINUTES) / minutes;
  return { active: active * share, minutes: minutes * share };
}

/** How much whole days differ beyond chance: moments of (seen - expected), with a prior of a week. */
function shapeOfDays(activity: ReadonlyMap<number, number>, slots: ArrivalRhythm['slots'], from: number, to: number): number {
  let [spread, square, days] = [0, 0, 0];
  for (let day = Math.ceil(from / DAY_MS) * DAY_MS; day + DAY_MS <= to; day += DAY_MS) {
    let [found, expected] = [0, 0];
    for (let at = day; at < day + DAY_MS; at += HOUR_MS) {
      const slot = slots[slotOf(at)];
      found += activity.get(at) ?? 0;
      expected += slot && slot.minutes > 0 ? (slot.active / slot.minutes) * HOUR_MINUTES : 0;
    }
    if (expected === 0) continue;
    spread += (found - expected) ** 2 - expected;
    square += expected ** 2;
    days += 1;
  }
  const mean = days === 0 ? 1 : square / days;
  const prior = SILENCE.priorDays * mean;
  return (square + prior) / (Math.max(0, spread) + SILENCE.priorDaySpread * prior);
}

/**
 * Active minutes that were to be expected from `from` to `to`, each hour of week discounted by how little is known of it: the exponent of the
 * gamma-Poisson probability of none, sum of k ln(1 + e / n) for k active of n minutes seen and e minutes waited.
 *
 * @param from, to epoch ms
 */
export function expectedActivity(rhythm: Pick<ArrivalRhythm, 'slots'>, from: number, to: number): number {
  const whole = Math.floor((to - from) / (7 * DAY_MS));
  if (whole > 0) return whole * weekOf(rhythm) + expectedActivity(rhythm, from + whole * 7 * DAY_MS, to);
  let sum = 0;
  for (let at = from; at < to;) {
    const end = Math.min(to, startOfHour(at) + HOUR_MS);
    sum += ofSlot(rhythm.slots[slotOf(at)], (end - at) / MINUTE_MS);
    at = end;
  }
  return sum;
}
const weekOf = (rhythm: Pick<ArrivalRhythm, 'slots'>): number => rhythm.slots.reduce((sum, slot) => sum + ofSlot(slot, HOUR_MINUTES), 0);
const ofSlot = (slot: ArrivalRhythm['slots'][number] | undefined, minutes: number): number =>
  slot && slot.minutes > 0 ? slot.active * Math.log1p(minutes / slot.minutes) : 0;

/**
 * Probability that a source of this rhythm says nothing from `from`, where it spoke, to `to`, though all is well: a gap of gamma shape `regularity` and mean 1
 * in expected activity, which days that differ make smaller; for shape 1 that is the gamma-Poisson probability of none.
 *
 * @returns in (0, 1]
 */
export function silenceProbability({ regularity, dayShape, ...rhythm }: ArrivalRhythm, from: number, to: number): number {
  const expected = dayShape * Math.log1p(expectedActivity(rhythm, from, to) / dayShape);
  const scaled = regularity * expected;
  let [term, sum] = [1, 1];
  for (let i = 1; i < regularity; i += 1) {
    term *= scaled / i;
    sum += term;
  }
  return sum * Math.exp(-scaled);
}

/**
 * The minute from which on a silence is alarming: a pure function of when it began, so whoever looks, and however often, says the same.
 *
 * @param from the source's last record, or since when somebody has listened if that is later; epoch ms
 * @param now epoch ms
 * @returns epoch ms; undefined while all may be well
 */
export function alarmingSince(rhythm: ArrivalRhythm, from: number, now: number): number | undefined {
  const knownFrom = rhythm.since + SILENCE.minKnownMs;
  const isAlarming = (at: number): boolean =>
    at >= knownFrom &&
    at - from >= SILENCE.minGapMs &&
    expectedActivity(rhythm, from, at) > rhythm.rareGap &&
    silenceProbability(rhythm, from, at) < SILENCE.maxProbability;
  let [low, high] = [Math.ceil(from / MINUTE_MS), Math.floor(now / MINUTE_MS)];
  if (!isAlarming(high * MINUTE_MS)) return undefined;
  // Once alarming it stays so: expected activity only grows.
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isAlarming(middle * MINUTE_MS)) high = middle;
    else low = middle + 1;
  }
  return high * MINUTE_MS;
}
