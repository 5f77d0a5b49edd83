import type { BacktestState } from '@keyward/contract';
import { observedName, words } from '../../format/words.js';

export const BUDGET_KEY = 'unusual_behaviour.alertsPerThousand';
const NAMES: Readonly<Record<string, string>> = {
  [BUDGET_KEY]: 'Alert budget, per 1,000 people and day',
  sod: 'Duties (sod.json)',
  policy: 'Response policy',
};

/** `impossible_travel.minDistanceKm` to `Impossible travel: min distance (km)`. */
export function changedValueName(key: string): string {
  const known = NAMES[key];
  if (known !== undefined) return known;
  const [detection = '', parameter] = key.split('.');
  return parameter === undefined ? words(detection) : `${words(detection)}: ${lowerFirst(observedName(parameter))}`;
}
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

export const STATE_WORDS: Readonly<Record<BacktestState, string>> = {
  waiting: 'Waiting',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};
export const isUnderWay = (state: BacktestState): boolean => state === 'waiting' || state === 'running';

/** `+3`, `-2`, `0`. */
export const signed = (difference: number): string => (difference > 0 ? `+${difference}` : String(difference).replace('-', '−'));
