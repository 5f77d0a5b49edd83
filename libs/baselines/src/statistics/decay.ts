/** Counters halve in so many days (scoring.md section 2). */
export const HALF_LIFE_DAYS = 30;
/** What one event adds to a counter on its base day. Integers: exact in JSON, and any order of additions gives the same sum. */
export const UNIT = 256;

/**
 * Forward decay: instead of shrinking old counts each day, newer events weigh more, relative to a base day.
 *
 * @param day day of the event @param base day the counters refer to, both in whole days since 1970
 * @returns integer units, UNIT on the base day and 2 UNIT thirty days later
 * @see Cormode, Shkapenyuk, Srivastava, Xu, "Forward Decay", ICDE 2009
 */
export function weightOn(day: number, base: number): number {
  const days = day - base;
  return (days >= 0 ? WEIGHTS[days] : undefined) ?? weightAfter(days);
}
const weightAfter = (days: number): number => Math.max(1, Math.round(UNIT * 2 ** (days / HALF_LIFE_DAYS)));

/** @returns what to multiply a counter with to read it as a decayed number of events on `day` */
export function readScale(day: number, base: number): number {
  const days = day - base;
  return (days >= 0 ? SCALES[days] : undefined) ?? scaleAfter(days);
}
const scaleAfter = (days: number): number => 2 ** (-days / HALF_LIFE_DAYS) / UNIT;

/** Of the days that are asked for with every event. */
const USUAL_DAYS = 91;
const WEIGHTS = Array.from({ length: USUAL_DAYS }, (_, days) => weightAfter(days));
const SCALES = Array.from({ length: USUAL_DAYS }, (_, days) => scaleAfter(days));

/** @returns whole half-lives from `base` to `day`; counters are divided by 2^n when it is 1 or more, which is exact but for the last bit */
export const halfLivesBetween = (base: number, day: number): number => Math.max(0, Math.floor((day - base) / HALF_LIFE_DAYS));
