import { addMoments, COUNT_NAMES, fadeCounts, type CountMoments } from './counts.js';
import type { Histogram } from './calibration.js';
import { TIME_BINS } from './identity-state.js';
import { LEVEL_NAMES, type Level } from './levels.js';
import type { BehaviourParameters } from './parameters.js';
import { emptyLevels, type GroupCounts } from './group-counts.js';
import { COLD_DAYS, COLD_IDENTITY_DAYS, EVERYBODY, type PopulationContent, type Visitors } from './population.js';
import { activityOf, closingHistograms, countsOfDay, identityHash, type DayTally, type Tally } from './day-tally.js';
import { HALF_LIFE_DAYS, UNIT } from './statistics/decay.js';

type Days = ReadonlyMap<number, DayTally>;
type GroupsOf = (identity: string) => readonly string[];

/** An eighth of an event: one act three months ago. Less is forgotten. */
const LEAST_WEIGHT = UNIT / 8;
/** Identities kept for a network: enough to tell shared from personal. */
const VISITORS_KEPT = 16;
const VISITOR_DAYS = 30;

const decay = (day: number, since: number): number => 2 ** ((since - day) / HALF_LIFE_DAYS);
/** Weight of one event of `eventDay` in a snapshot of `day`: UNIT for the last closed day. */
const weightIn = (day: number, eventDay: number): number => Math.round(UNIT * decay(day - 1, eventDay));
/** A resource counts once a day and identity, so that its weight is a share of identity-days. */
const capOf = (level: Level, params: BehaviourParameters): number => (level === 'res' || level === 'ent' ? 1 : params.identityDayCap);

interface OpenGroup {
  readonly levels: Record<Level, { total: number; values: Map<string, number> }>;
  readonly time: number[];
  counts: CountMoments;
}
const openGroup = (): OpenGroup => ({
  levels: emptyLevels(() => ({ total: 0, values: new Map<string, number>() })),
  time: new Array<number>(TIME_BINS).fill(0),
  counts: {},
});

export function mergeGroups(
  previous: PopulationContent,
  days: Days,
  day: number,
  groupsOf: GroupsOf,
  params: BehaviourParameters,
): ReadonlyMap<string, GroupCounts> {
  const open = new Map<string, OpenGroup>();
  const faded = decay(day, previous.day);
  for (const [name, group] of previous.groups) {
    const kept = openGroup();
    for (const level of LEVEL_NAMES) {
      kept.levels[level].total = Math.floor(group.levels[level].total * faded);
      for (const [value, weight] of group.levels[level].values) kept.levels[level].values.set(value, Math.floor(weight * faded));
    }
    group.time.forEach((weight, bin) => (kept.time[bin] = Math.floor(weight * faded)));
    kept.counts = fadeCounts(group.counts, faded);
    open.set(name, kept);
  }
  const groupNamed = (name: string): OpenGroup => {
    let group = open.get(name);
    if (!group) {
      group = openGroup();
      open.set(name, group);
    }
    return group;
  };
  for (const [eventDay, tally] of days) {
    const weight = weightIn(day, eventDay);
    for (const [level, values] of tally.levels)
      forEachCapped(values, capOf(level, params), (value, identity, events) => {
        for (const name of groupsOf(identity)) {
          const counts = groupNamed(name).levels[level];
          counts.total += events * weight;
          counts.values.set(value, (counts.values.get(value) ?? 0) + events * weight);
        }
      });
    forEachCapped(tally.time, params.identityDayCap, (bin, identity, events) => {
      for (const name of groupsOf(identity)) {
        const { time } = groupNamed(name);
        time[Number(bin)] = (time[Number(bin)] ?? 0) + events * weight;
      }
    });
    for (const [identity, counts] of countsOfDay(tally))
      for (const name of groupsOf(identity)) {
        const group = groupNamed(name);
        for (const count of COUNT_NAMES) if (counts[count]) addMoments(group.counts, count, counts[count], weight);
      }
  }
  return new Map(
    [...open].map(([name, group]): [string, GroupCounts] => [name, trim(group, params)]).filter(([, group]) => isAlive(group)),
  );
}

const isAlive = (group: GroupCounts): boolean =>
  group.time.some((weight) => weight > 0) || LEVEL_NAMES.some((level) => group.levels[level].total > 0);

function trim(group: OpenGroup, params: BehaviourParameters): GroupCounts {
  const levels = emptyLevels<{ total: number; values: ReadonlyMap<string, number> }>(() => ({ total: 0, values: new Map() }));
  for (const level of LEVEL_NAMES) {
    const { total, values } = group.levels[level];
    const kept = [...values].filter(([, weight]) => weight >= LEAST_WEIGHT);
    kept.sort(([a, aWeight], [b, bWeight]) => bWeight - aWeight || compare(a, b));
    levels[level] = { total, values: new Map(kept.slice(0, params.valuesPerGroup)) };
  }
  return { levels, time: group.time, counts: group.counts };
}

export function mergeVisitors(
  previous: Visitors,
  days: Days,
  read: (tally: DayTally) => Tally | undefined,
  day: number,
  params: BehaviourParameters,
): Visitors {
  const open = new Map<string, Map<string, number>>();
  const see = (where: string, identity: string, seenDay: number): void => {
    if (seenDay < day - VISITOR_DAYS) return;
    const visitors = open.get(where);
    if (!visitors) open.set(where, new Map([[identity, seenDay]]));
    else visitors.set(identity, Math.max(seenDay, visitors.get(identity) ?? seenDay));
  };
  for (const [where, visitors] of previous) for (const [identity, seenDay] of visitors) see(where, identity, seenDay);
  for (const [eventDay, tally] of days)
    for (const [where, identities] of read(tally) ?? [])
      for (const identity of identities.keys()) see(where, identityHash(identity), eventDay);
  const all = [...open].map(([where, visitors]): [string, (readonly [string, number])[]] => [
    where,
    [...visitors].sort(([a, aDay], [b, bDay]) => bDay - aDay || compare(a, b)).slice(0, VISITORS_KEPT),
  ]);
  all.sort(([a, aVisitors], [b, bVisitors]) => bVisitors.length - aVisitors.length || compare(a, b));
  return new Map(all.slice(0, params.egressNetworks));
}

/** A value is a roll-out when enough of a group that was active on one day had it for the first time. */
export function mergeNews(
  previous: PopulationContent,
  days: Days,
  day: number,
  groupsOf: GroupsOf,
  params: BehaviourParameters,
): PopulationContent['news'] {
  const news = new Map<string, Map<string, { identities: number; of: number; day: number }>>();
  const keep = (group: string, key: string, item: { identities: number; of: number; day: number }): void => {
    if (item.day < day - params.newsDays) return;
    const items = news.get(group) ?? new Map<string, { identities: number; of: number; day: number }>();
    const known = items.get(key);
    if (!known || item.day > known.day) items.set(key, item);
    news.set(group, items);
  };
  for (const [group, items] of previous.news) for (const [key, item] of items) keep(group, key, item);
  for (const [eventDay, tally] of days) {
    const active = membersByGroup(tally.identities.keys(), groupsOf);
    for (const [key, identities] of tally.news)
      for (const [group, count] of membersByGroup(identities.keys(), groupsOf)) {
        const of = active.get(group) ?? count;
        if (group !== EVERYBODY && count >= params.newsIdentities && count >= of * params.newsShare)
          keep(group, key, { identities: count, of, day: eventDay });
      }
  }
  return news;
}

function membersByGroup(identities: Iterable<string>, groupsOf: GroupsOf): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const identity of identities) for (const group of groupsOf(identity)) counts.set(group, (counts.get(group) ?? 0) + 1);
  return counts;
}

export function mergeDays(previous: PopulationContent, days: Days, day: number, params: BehaviourParameters): PopulationContent['days'] {
  const first = day - params.calibrationDays;
  const merged = new Map<number, ReadonlyMap<string, Histogram>>();
  for (const [closedDay, histograms] of previous.days) if (closedDay >= first) merged.set(closedDay, histograms);
  for (const [closedDay, tally] of [...days].sort(([a], [b]) => a - b)) {
    if (closedDay < first) continue;
    const known = merged.get(closedDay);
    const isCold =
      known?.has(`${COLD_IDENTITY_DAYS}|${EVERYBODY}`) ?? [...merged.keys()].filter((one) => one < closedDay).length < COLD_DAYS;
    const added = closingHistograms(tally, isCold);
    merged.set(closedDay, known ? sumHistograms(known, added, 1) : added);
  }
  return merged;
}

export function mergeActivity(previous: PopulationContent, days: Days, day: number): PopulationContent['activity'] {
  const faded = decay(day, previous.day);
  let merged: ReadonlyMap<string, Histogram> = new Map(
    [...previous.activity].map(([kind, bins]) => [
      kind,
      new Map([...bins].map(([bin, weight]): [number, number] => [bin, Math.floor(weight * faded)]).filter(([, weight]) => weight > 0)),
    ]),
  );
  for (const [eventDay, tally] of days) merged = sumHistograms(merged, activityOf(tally), weightIn(day, eventDay));
  return merged;
}

function sumHistograms(
  a: ReadonlyMap<string, Histogram>,
  b: ReadonlyMap<string, Histogram>,
  weight: number,
): ReadonlyMap<string, Histogram> {
  const sum = new Map<string, Map<number, number>>([...a].map(([key, bins]) => [key, new Map(bins)]));
  for (const [key, bins] of b) {
    const into = sum.get(key) ?? new Map<number, number>();
    for (const [bin, count] of bins) into.set(bin, (into.get(bin) ?? 0) + count * weight);
    sum.set(key, into);
  }
  return sum;
}

function forEachCapped(tally: Tally, cap: number, visit: (value: string, identity: string, events: number) => void): void {
  for (const [value, identities] of tally) for (const [identity, events] of identities) visit(value, identity, Math.min(events, cap));
}
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
