import { parseSlice, type Slice, type Source } from '@keyward/sources';
import { answersTo, NOW } from './catalogue.js';

const WARM_UP_MS = 300;
const MEASURE_MS = 1_200;

/**
 * Records that one core reads in a second, from text to event, by CPU time (what else runs on the machine doesn't count).
 *
 * @param slices records of one source; repeated as often as it takes
 */
export function recordsPerSecond(source: Source, slices: readonly Slice[]): number {
  if (slices.length === 0) return NaN;
  const perRound = slices.reduce((sum, slice) => sum + answersTo(source, slice), 0);
  const run = (forMs: number): { readonly records: number; readonly seconds: number } => {
    const from = process.cpuUsage();
    let records = 0;
    let used = 0;
    while (used < forMs * 1_000) {
      for (const slice of slices) parseSlice(source, slice, { now: NOW });
      records += perRound;
      const { user, system } = process.cpuUsage(from);
      used = user + system;
    }
    return { records, seconds: used / 1e6 };
  };
  run(WARM_UP_MS);
  const { records, seconds } = run(MEASURE_MS);
  return Math.round(records / seconds);
}
