import { MINUTE_MS, SECOND_MS, isPrivateIp, type AccessEvent, type ParseResult } from '@keyward/events';
import type { Organisation } from '@keyward/identity';
import type { IngestCounts } from './ports.js';

/** One Kafka record as it is counted. */
export interface CountedRecord {
  readonly source: string;
  /** When the bus got it, epoch ms. */
  readonly arrivedAt: number;
  readonly results: readonly ParseResult[];
  /** What was kept of it, with place and identities. */
  readonly events: readonly AccessEvent[];
}

/** Steps a factor of two in lag: an estimate is at most 19% too high. */
const STEPS_PER_OCTAVE = 4;
/** 2^30 s, 34 years: a vendor's clock in 1970 is no longer told from one in 1980. */
const LAST_STEP = 30 * STEPS_PER_OCTAVE;

/** @param lagMs arrival minus event time; a clock that goes ahead makes it negative @returns step 0 up to a second, then step n up to 2^(n/4) seconds */
export const lagStep = (lagMs: number): number =>
  lagMs <= SECOND_MS ? 0 : Math.min(LAST_STEP, Math.ceil(STEPS_PER_OCTAVE * Math.log2(lagMs / SECOND_MS)));

/** @param lags events by step @param share in (0, 1] @returns seconds at most, for that share of the events; undefined without events */
export function lagQuantile(lags: Readonly<Record<string, number>>, share: number): number | undefined {
  const steps = Object.entries(lags)
    .map(([step, events]) => ({ step: Number(step), events }))
    .sort((a, b) => a.step - b.step);
  const all = steps.reduce((sum, { events }) => sum + events, 0);
  let seen = 0;
  for (const { step, events } of steps) {
    seen += events;
    if (seen >= share * all && events > 0) return step === 0 ? 1 : 2 ** (step / STEPS_PER_OCTAVE);
  }
  return undefined;
}

/** @param records of one partition: the first one's arrival is their minute, since a redelivery begins with the same record and may end with another */
export function countRecords(records: readonly CountedRecord[], organisation: Organisation): IngestCounts {
  const ignored: Record<string, number> = {};
  const rejected: Record<string, number> = {};
  const arrivals: Record<string, number> = {};
  const lags: Record<string, number> = {};
  let [kept, unplaced, unresolved] = [0, 0, 0];
  let lastEventTime: number | undefined;
  let lastArrival: number | undefined;
  for (const { arrivedAt, results, events } of records) {
    lastArrival = Math.max(lastArrival ?? -Infinity, arrivedAt);
    add(arrivals, String(minuteOf(arrivedAt)), results.length);
    for (const result of results) {
      if (result.kind === 'kept') kept += 1;
      else if (result.kind === 'ignored') add(ignored, result.reason, 1);
      else add(rejected, result.code, 1);
    }
    for (const event of events) {
      lastEventTime = Math.max(lastEventTime ?? -Infinity, event.time);
      add(lags, String(lagStep(arrivedAt - event.time)), 1);
      if (isUnplaced(event)) unplaced += 1;
      if (isUnresolved(event, organisation)) unresolved += 1;
    }
  }
  return {
    source: records[0]?.source ?? '',
    minute: minuteOf(records[0]?.arrivedAt ?? 0) * MINUTE_MS,
    ...{ kept, ignored, rejected, lastEventTime, lastArrival, arrivals, lags, unplaced, unresolved },
  };
}

/** Minutes since 1970 fit into the store's 32 bits; a producer's clock outside of that says nothing about rhythm. */
const LAST_MINUTE = 2 ** 32 - 1;
const minuteOf = (at: number): number => Math.min(LAST_MINUTE, Math.max(0, Math.floor(at / MINUTE_MS)));

/** It names an address of the internet, and nobody knows where that is. */
const isUnplaced = ({ src }: AccessEvent): boolean => src?.ip !== undefined && !isPrivateIp(src.ip) && src.geo?.lat === undefined;

/** Its actor is nobody whom the organisation knows: an account by itself, `<system>:<name>`. */
const isUnresolved = ({ actor }: AccessEvent, organisation: Organisation): boolean =>
  actor?.identity !== undefined && actor.identity.startsWith(`${actor.system}:`) && organisation.identity(actor.identity) === undefined;

function add(counts: Record<string, number>, name: string, n: number): void {
  counts[name] = (counts[name] ?? 0) + n;
}
