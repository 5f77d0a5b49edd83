import { createHash } from 'node:crypto';
import { z } from 'zod';
import { COUNT_NAMES, type Count, type CountMoments } from './counts.js';
import { FeedbackContent } from './feedback/population-feedback.js';
import { LEVEL_NAMES } from './levels.js';
import type { BehaviourParameters } from './parameters.js';
import { emptyLevels, type GroupCounts } from './group-counts.js';
import { PeersWire, peersFromWire, peersToWire } from './peers/learned-peers.js';
import { PopulationSnapshot, type PopulationContent, type Visitors } from './population.js';
import type { Histogram } from './calibration.js';

const Pairs = z.array(z.number().int());
const VisitorsWire = z.record(z.string(), z.array(z.tuple([z.string(), z.number().int()])));
const Wire = z.object({
  v: z.literal(1),
  day: z.number().int(),
  groups: z.record(
    z.string(),
    z.object({
      l: z.record(z.string(), z.tuple([z.number().int(), z.record(z.string(), z.number().int())])),
      w: Pairs,
      c: z.partialRecord(z.enum(COUNT_NAMES), z.tuple([z.number().int(), z.number().int(), z.number().int()])).optional(),
    }),
  ),
  networks: VisitorsWire,
  places: VisitorsWire,
  news: z.record(z.string(), z.record(z.string(), z.tuple([z.number().int(), z.number().int(), z.number().int()]))),
  days: z.record(z.string(), z.record(z.string(), Pairs)),
  activity: z.record(z.string(), Pairs),
  verbs: z.record(z.string(), z.tuple([z.number().int(), z.record(z.string(), z.number().int())])).optional(),
  feedback: FeedbackContent.optional(),
  peers: PeersWire.optional(),
});
type Wire = z.infer<typeof Wire>;

/** Makes a snapshot whose id is the hash of its content: the same content has the same id wherever and in whatever order it was counted. */
export function sealSnapshot(content: PopulationContent, params: BehaviourParameters): PopulationSnapshot {
  const text = JSON.stringify(toWire(content));
  return new PopulationSnapshot(createHash('sha256').update(text).digest('hex').slice(0, 32), content, params);
}

export const encodeSnapshot = (snapshot: PopulationSnapshot): string => JSON.stringify(toWire(snapshot.content));

/** @throws ZodError or SyntaxError when the text is no snapshot of this version */
export function decodeSnapshot(text: string, params: BehaviourParameters): PopulationSnapshot {
  return sealSnapshot(fromWire(Wire.parse(JSON.parse(text))), params);
}

function toWire(content: PopulationContent): Wire {
  return {
    v: 1,
    day: content.day,
    groups: sorted(content.groups, (group) => ({
      l: Object.fromEntries(
        LEVEL_NAMES.filter((level) => group.levels[level].total > 0).map((level) => [
          level,
          [group.levels[level].total, sorted(group.levels[level].values, (weight) => weight)],
        ]),
      ),
      w: group.time.flatMap((weight, bin) => (weight > 0 ? [bin, weight] : [])),
      ...(Object.keys(group.counts).length > 0 && { c: countsWire(group.counts) }),
    })),
    networks: sorted(content.networks, visitorsWire),
    places: sorted(content.places, visitorsWire),
    news: sorted(content.news, (news) => sorted(news, (item) => [item.identities, item.of, item.day])),
    days: sorted(content.days, dayWire),
    activity: sorted(content.activity, histogramWire),
    // Absent where nobody types.
    ...(content.verbs.size > 0 && {
      verbs: sorted(content.verbs, ({ total, values }): [number, Record<string, number>] => [total, sorted(values, (weight) => weight)]),
    }),
    ...(content.feedback && { feedback: content.feedback }),
    ...(content.peers && { peers: peersToWire(content.peers) }),
  };
}

function fromWire(wire: Wire): PopulationContent {
  return {
    day: wire.day,
    groups: mapOf(wire.groups, (group): GroupCounts => {
      const levels = emptyLevels<{ total: number; values: ReadonlyMap<string, number> }>(() => ({ total: 0, values: new Map() }));
      for (const level of LEVEL_NAMES) {
        const table = group.l[level];
        if (table) levels[level] = { total: table[0], values: new Map(Object.entries(table[1])) };
      }
      const time = new Array<number>(192).fill(0);
      for (const [bin, weight] of pairs(group.w)) time[bin] = weight;
      const counts: CountMoments = {};
      for (const name of COUNT_NAMES) {
        const moments = group.c?.[name];
        if (moments) counts[name] = { weight: moments[0], sum: moments[1], squares: moments[2] };
      }
      return { levels, time, counts };
    }),
    networks: mapOf(wire.networks, (visitors) => visitors),
    places: mapOf(wire.places, (visitors) => visitors),
    news: mapOf(wire.news, (news) => mapOf(news, ([identities, of, day]) => ({ identities, of, day }))),
    days: new Map(Object.entries(wire.days).map(([day, histograms]) => [Number(day), mapOf(histograms, (bins) => new Map(pairs(bins)))])),
    activity: mapOf(wire.activity, (bins) => new Map(pairs(bins))),
    verbs: mapOf(wire.verbs ?? {}, ([total, values]) => ({ total, values: new Map(Object.entries(values)) })),
    ...(wire.feedback && { feedback: wire.feedback }),
    ...(wire.peers && { peers: peersFromWire(wire.peers) }),
  };
}

const countsWire = (counts: Readonly<CountMoments>): Partial<Record<Count, [number, number, number]>> =>
  Object.fromEntries(
    COUNT_NAMES.flatMap((name) => {
      const moments = counts[name];
      return moments ? [[name, [moments.weight, moments.sum, moments.squares]]] : [];
    }),
  );
const visitorsWire = (visitors: Visitors extends ReadonlyMap<string, infer V> ? V : never): [string, number][] =>
  visitors.map(([identity, day]) => [identity, day]);
const histogramWire = (histogram: Histogram): number[] => [...histogram].sort(([a], [b]) => a - b).flat();

/** A closed day goes into the snapshots of the next months as it is: written out once. */
const dayWires = new WeakMap<ReadonlyMap<string, Histogram>, Record<string, number[]>>();
function dayWire(histograms: ReadonlyMap<string, Histogram>): Record<string, number[]> {
  let wire = dayWires.get(histograms);
  if (!wire) dayWires.set(histograms, (wire = sorted(histograms, histogramWire)));
  return wire;
}

function sorted<K extends string | number, V, W>(map: ReadonlyMap<K, V>, write: (value: V) => W): Record<string, W> {
  const entries = [...map].map(([key, value]): [string, W] => [String(key), write(value)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
const mapOf = <V, W>(record: Readonly<Record<string, V>>, read: (value: V) => W): ReadonlyMap<string, W> =>
  new Map(Object.entries(record).map(([key, value]) => [key, read(value)]));
function pairs(flat: readonly number[]): [number, number][] {
  const made: [number, number][] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) made.push([flat[index] ?? 0, flat[index + 1] ?? 0]);
  return made;
}
