import type { SourceHealth, SourceState } from '@keyward/contract';
import { formatCount, formatShare } from '../../format/number.js';
import { formatDuration } from '../../format/time.js';

interface StateWords {
  readonly label: string;
  readonly tone: 'danger' | 'warning' | 'accent' | 'positive';
}
const STATES: Readonly<Record<SourceState, StateWords>> = {
  silent: { label: 'Silent', tone: 'danger' },
  rejecting: { label: 'Not readable', tone: 'danger' },
  late: { label: 'Late', tone: 'warning' },
  new: { label: 'New', tone: 'accent' },
  steady: { label: 'Steady', tone: 'positive' },
};
export const stateWords = (state: SourceState): StateWords => STATES[state];

/** Events come in seconds, minutes, days after they happened: `12 s`, `4 min`. */
export const formatLag = (seconds: number): string => (seconds <= 1 ? '≤ 1 s' : formatDuration(Math.round(seconds) * 1_000));

/** `1,204 an hour`; a trickle is told by the day. */
export function formatHourly(perHour: number): string {
  if (perHour === 0) return 'none';
  if (perHour >= 1) return `${formatCount(perHour)} an hour`;
  const perDay = perHour * 24;
  return perDay >= 1 ? `${formatCount(perDay)} a day` : '<1 a day';
}

/** What becomes of its records, for readers of a picture. */
export function describeSource({ kept, ignored, rejected }: Pick<SourceHealth, 'kept' | 'ignored' | 'rejected'>): string {
  const all = kept + ignored + rejected;
  if (all === 0) return 'no records';
  const part = (count: number, name: string): readonly string[] =>
    count === 0 ? [] : [`${formatCount(count)} ${name} (${formatShare(count / all)})`];
  return [...part(kept, 'kept'), ...part(ignored, 'ignored'), ...part(rejected, 'rejected')].join(', ');
}
