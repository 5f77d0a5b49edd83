/** What stands out: three times as much as in nineteen of twenty hours before. It is over at half of that, so that it does not come and go. */
const TIMES_USUAL = 3;
const USUAL_SHARE = 0.95;
const OVER_AT = 0.5;
/** Hours to compare with; fewer say little about what is usual. */
const MIN_HOURS = 12;

export interface Level {
  /** From here on it stands out. */
  readonly alarmAt: number;
  /** Below, it is over. */
  readonly overBelow: number;
  /** What 95% of the hours before were at most. */
  readonly usual: number;
}

/**
 * @param past one value an hour, in any order and unit
 * @param floor what never stands out, however little is usual
 * @returns undefined while too little is known
 */
export function usualLevel(past: readonly number[], floor: number): Level | undefined {
  if (past.length < MIN_HOURS) return undefined;
  const usual = past.toSorted((a, b) => a - b)[Math.min(past.length - 1, Math.floor(USUAL_SHARE * past.length))] ?? 0;
  const alarmAt = Math.max(floor, TIMES_USUAL * usual);
  return { alarmAt, overBelow: OVER_AT * alarmAt, usual };
}
