import type { Histogram } from './calibration.js';
import { nats } from './combination.js';
import { addMoments, COUNT_NAMES, observeCount, type CountMoments } from './counts.js';
import type { Level } from './levels.js';
import { hash32 } from './observation.js';
import { activityBin, COLD_IDENTITY_DAYS, EVERYBODY, IDENTITY_DAYS } from './population.js';

/** value -> identity -> events */
export type Tally = Map<string, Map<string, number>>;

interface IdentityDay {
  events: number;
  kind: string;
  leastP: number;
}

/** All that is counted of one UTC day. Sets and integer sums only: any order gives the same. */
export class DayTally {
  readonly levels = new Map<Level, Tally>();
  readonly time: Tally = new Map();
  readonly places: Tally = new Map();
  /** Of commands in privileged sessions. */
  readonly verbs: Tally = new Map();
  /** `feature|observed` -> identities that had never shown it. */
  readonly news: Tally = new Map();
  /** Clock hour (since 1970) -> identity -> acts. */
  readonly hours: Tally = new Map();
  /** `sec`, `grt` and `new` -> identity -> how many. */
  readonly acts: Tally = new Map();
  /** Counts and measures of single events, by identity; each weighs 1. */
  readonly measured = new Map<string, CountMoments>();
  readonly histograms = new Map<string, Map<number, number>>();
  /** identity -> scored events, kind, least p */
  readonly identities = new Map<string, IdentityDay>();

  level(level: Level): Tally {
    let counts = this.levels.get(level);
    if (!counts) {
      counts = new Map();
      this.levels.set(level, counts);
    }
    return counts;
  }
}

/** Day -> what was counted of it, as it comes out of a structured clone: maps and numbers without methods. */
export type DayCounts = ReadonlyMap<number, Omit<DayTally, 'level'>>;

/** Adds another tally of the same day. */
export function mergeTally(into: DayTally, from: Omit<DayTally, 'level'>): void {
  for (const [level, tally] of from.levels) addTally(into.level(level), tally);
  addTally(into.time, from.time);
  addTally(into.places, from.places);
  addTally(into.verbs, from.verbs);
  addTally(into.news, from.news);
  addTally(into.hours, from.hours);
  addTally(into.acts, from.acts);
  for (const [identity, counts] of from.measured)
    for (const name of COUNT_NAMES) if (counts[name]) addMoments(measuredOf(into, identity), name, counts[name], 1);
  for (const [key, bins] of from.histograms) for (const [bin, times] of bins) count(into.histograms, key, bin, times);
  for (const [identity, day] of from.identities) countIdentity(into, identity, day);
}

/** An account that the organisation does not know may be called an admin by one record and not by the next: whatever their order, it is one. */
export function countIdentity({ identities }: DayTally, identity: string, { events, kind, leastP }: Readonly<IdentityDay>): void {
  const known = identities.get(identity);
  if (!known) identities.set(identity, { events, kind, leastP });
  else {
    known.events += events;
    known.leastP = Math.min(known.leastP, leastP);
    if (kind < known.kind) known.kind = kind;
  }
}

function addTally(into: Tally, from: Tally): void {
  for (const [value, identities] of from) for (const [identity, times] of identities) increment(into, value, identity, times);
}

export function measuredOf({ measured }: DayTally, identity: string): CountMoments {
  let counts = measured.get(identity);
  if (!counts) measured.set(identity, (counts = {}));
  return counts;
}

/** All counts of the closed day, by identity: of single events, of its hours, and of the day itself. */
export function countsOfDay(tally: DayTally): ReadonlyMap<string, CountMoments> {
  const all = new Map([...tally.measured].map(([identity, counts]): [string, CountMoments] => [identity, { ...counts }]));
  const targets = new Map<string, number>();
  for (const identities of tally.levels.get('res')?.values() ?? [])
    for (const identity of identities.keys()) targets.set(identity, (targets.get(identity) ?? 0) + 1);
  const active = new Set<string>();
  for (const identities of tally.hours.values())
    for (const [identity, acts] of identities) {
      active.add(identity);
      const counts = all.get(identity) ?? {};
      all.set(identity, counts);
      observeCount(counts, 'hour', acts - 1, 1);
    }
  for (const identity of active) {
    const counts = all.get(identity) ?? {};
    observeCount(counts, 'dst', targets.get(identity) ?? 0, 1);
    observeCount(counts, 'sec', tally.acts.get('sec')?.get(identity) ?? 0, 1);
    observeCount(counts, 'new', tally.acts.get('new')?.get(identity) ?? 0, 1);
    observeCount(counts, 'grt', tally.acts.get('grt')?.get(identity) ?? 0, 1);
  }
  return all;
}

/**
 * Adds the day's own summary: how alarming each identity's worst event was. Done when the day closes, since it needs all its events.
 *
 * @param cold whether the day was scored while hardly anything was known
 */
export function closingHistograms(tally: DayTally, cold: boolean): ReadonlyMap<string, Histogram> {
  const all = new Map<string, Map<number, number>>([...tally.histograms].map(([key, bins]) => [key, new Map(bins)]));
  const key = `${cold ? COLD_IDENTITY_DAYS : IDENTITY_DAYS}|${EVERYBODY}`;
  for (const { leastP } of tally.identities.values()) count(all, key, worstBin(leastP));
  return all;
}

/** Bins of an identity's worst p of a day are finer, since a fifth of a nat about the alarm's threshold doubles the alarms. */
export const WORST_BINS_PER_NAT = 15;
/** @returns bin of p: [bin, bin + 1) fifteenths of a nat */
export const worstBin = (p: number): number => Math.min(MOST_WORST_BINS, Math.floor(nats(p) * WORST_BINS_PER_NAT));
/** 20 nats: p = 2e-9 alarms whatever the budget. */
export const MOST_WORST_BINS = 300;

/** kind -> activity bin -> identities */
export function activityOf(tally: DayTally): ReadonlyMap<string, Histogram> {
  const all = new Map<string, Map<number, number>>();
  for (const { events, kind } of tally.identities.values()) count(all, kind, activityBin(events));
  return all;
}

/** Identities stand in snapshots by hash: a snapshot goes to many workers and logs. */
export const identityHash = hash32;

export function increment(tally: Tally, value: string, identity: string, times = 1): void {
  const identities = tally.get(value);
  if (identities) identities.set(identity, (identities.get(identity) ?? 0) + times);
  else tally.set(value, new Map([[identity, times]]));
}

export function count(histograms: Map<string, Map<number, number>>, key: string, bin: number, times = 1): void {
  const bins = histograms.get(key);
  if (bins) bins.set(bin, (bins.get(bin) ?? 0) + times);
  else histograms.set(key, new Map([[bin, times]]));
}
