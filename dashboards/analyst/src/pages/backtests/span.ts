import { DAY_MS } from '../../format/time.js';

/** Days as the fields have them: UTC, both included. */
export interface SpanDraft {
  readonly first: string;
  readonly last: string;
  readonly warmUpDays: string;
}
export type Span = { readonly from: string; readonly to: string; readonly warmUpDays: number } | { readonly problem: string };

const MAX_WARM_UP_DAYS = 400;

/** The span as the API takes it, or what is wrong with it. */
export function spanOf({ first, last, warmUpDays }: SpanDraft, maxDays: number): Span {
  const [from, end] = [first, last].map((day) => (/^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN));
  if (from === undefined || end === undefined || Number.isNaN(from) || Number.isNaN(end)) return { problem: 'Both days are needed.' };
  if (end < from) return { problem: 'The last day is before the first.' };
  const days = (end - from) / DAY_MS + 1;
  if (days > maxDays)
    return { problem: `${days} days: at most ${maxDays} here; “keyward backtest” on a machine of its own has no such bound.` };
  const warmUp = Number(warmUpDays);
  if (warmUpDays.trim() === '' || !Number.isInteger(warmUp) || warmUp < 0 || warmUp > MAX_WARM_UP_DAYS)
    return { problem: `Days before it: a whole number from 0 to ${MAX_WARM_UP_DAYS}.` };
  return { from: new Date(from).toISOString(), to: new Date(end + DAY_MS).toISOString(), warmUpDays: warmUp };
}
