import { parseSlice, type Slice, type Source } from '@keyward/sources';
import { answersTo, NOW } from './catalogue.js';

const WARM_UP_MS = 300;
const MEASURE_MS = 200;
const MEASUREMENTS = 8;

/**
 * Records that one core reads in a second, from text to event, by CPU time; the best of several runs, since what else runs on the machine takes
 * the caches away.
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
  let best = 0;
  for (let measurement = 0; measurement < MEASUREMENTS; measurement += 1) {
    const { records, seconds } = run(MEASURE_MS);
    best = Math.max(best, records / seconds);
  }
  return Math.round(best);
}
