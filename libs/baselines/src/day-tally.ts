import { binOf, type Histogram } from './calibration.js';
import { nats } from './combination.js';
import type { Level } from './levels.js';
import { hash32 } from './observation.js';
import { activityBin, EVERYBODY, IDENTITY_DAYS } from './population.js';

/** value -> identity -> events */
export type Tally = Map<string, Map<string, number>>;

/** All that is counted of one UTC day. Sets and integer sums only: any order gives the same. */
export class DayTally {
  readonly levels = new Map<Level, Tally>();
  readonly time: Tally = new Map();
  readonly places: Tally = new Map();
  /** `feature|observed` -> identities that had never shown it. */
  readonly news: Tally = new Map();
  readonly histograms = new Map<string, Map<number, number>>();
  /** identity -> scored events, kind, least p */
  readonly identities = new Map<string, { events: number; kind: string; leastP: number }>();

  level(level: Level): Tally {
    let counts = this.levels.get(level);
    if (!counts) {
      counts = new Map();
      this.levels.set(level, counts);
    }
    return counts;
  }
}

/** Adds the day's own summary: how alarming each identity's worst event was. Done when the day closes, since it needs all its events. */
export function closingHistograms(tally: DayTally): ReadonlyMap<string, Histogram> {
  const all = new Map<string, Map<number, number>>([...tally.histograms].map(([key, bins]) => [key, new Map(bins)]));
  for (const { leastP } of tally.identities.values()) count(all, `${IDENTITY_DAYS}|${EVERYBODY}`, binOf(nats(leastP)));
  return all;
}

/** kind -> activity bin -> identities */
export function activityOf(tally: DayTally): ReadonlyMap<string, Histogram> {
  const all = new Map<string, Map<number, number>>();
  for (const { events, kind } of tally.identities.values()) count(all, kind, activityBin(events));
  return all;
}

/** Identities stand in snapshots by hash: a snapshot goes to many workers and logs. */
export const identityHash = hash32;

export function increment(tally: Tally, value: string, identity: string): void {
  const identities = tally.get(value);
  if (identities) identities.set(identity, (identities.get(identity) ?? 0) + 1);
  else tally.set(value, new Map([[identity, 1]]));
}

export function count(histograms: Map<string, Map<number, number>>, key: string, bin: number): void {
  const bins = histograms.get(key);
  if (bins) bins.set(bin, (bins.get(bin) ?? 0) + 1);
  else histograms.set(key, new Map([[bin, 1]]));
}
