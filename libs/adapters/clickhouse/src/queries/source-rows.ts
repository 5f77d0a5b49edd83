import { SourceAlarmKind } from '@keyward/contract';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { at, ms } from './sql.js';

const Counts = z.record(z.string(), z.number());
/** Arrival, epoch ms: a producer's clock that goes ahead must not make a source look alive for as long. */
const ARRIVED = "least(ifNull(last_arrival, toDateTime64(minute, 3, 'UTC')), stored_at)";
const IGNORED = 'arraySum(mapValues(i.ignored))';
const REJECTED = 'arraySum(mapValues(i.rejected))';
const rowsSince = (since: string): string => `(SELECT * FROM ingest_minutes FINAL WHERE minute >= ${at(since)}) AS i`;

export const knownSources = defineQuery({
  name: 'sources.known',
  sql: `SELECT source, f.firstArrival AS firstArrival, l.lastArrival AS lastArrival, l.lastEventTime AS lastEventTime FROM
  (SELECT source, ${ms(`max(${ARRIVED})`)} AS lastArrival, ${ms('max(last_event_time)')} AS lastEventTime FROM ingest_minutes WHERE minute >= ${at('since')} GROUP BY source) AS l
INNER JOIN (SELECT source, toUnixTimestamp(min(minute)) * 1000 AS firstArrival FROM ingest_minutes GROUP BY source) AS f USING (source) ORDER BY source`,
  params: z.object({ since: z.number() }),
  row: z.object({ source: z.string(), firstArrival: z.number(), lastArrival: z.number(), lastEventTime: z.number().nullable() }),
});
export type KnownSource = z.output<typeof knownSources.row>;

export const totals = defineQuery({
  name: 'sources.totals',
  sql: `SELECT source, sum(i.kept) AS kept, sumMap(i.ignored) AS ignored, sumMap(i.rejected) AS rejected, sumMap(i.lags) AS lags,
  sum(i.unplaced) AS unplaced, sum(i.unresolved) AS unresolved
FROM ${rowsSince('since')} GROUP BY source`,
  params: z.object({ since: z.number() }),
  row: z.object({
    source: z.string(),
    kept: z.number(),
    ignored: Counts,
    rejected: Counts,
    lags: Counts,
    unplaced: z.number(),
    unresolved: z.number(),
  }),
});
export type SourceTotals = z.output<typeof totals.row>;

/** `week`: 0 is that of the window, 1 the one before ... */
export const buckets = defineQuery({
  name: 'sources.buckets',
  sql: `SELECT source, toInt32(intDiv({to:Int64} - 1 - at_ms, 604800000)) AS week,
  toInt32(intDiv(at_ms + week * 604800000 - {since:Int64}, {bucketMs:Int64})) AS bucket,
  sum(kept) AS kept, sum(ignored) AS ignored, sum(rejected) AS rejected
FROM (SELECT source, toInt64(toUnixTimestamp(minute)) * 1000 AS at_ms, i.kept AS kept, ${IGNORED} AS ignored, ${REJECTED} AS rejected
  FROM (SELECT source, minute, kept, ignored, rejected FROM ingest_minutes FINAL
    WHERE minute >= ${at('oldest')} AND (toInt64(toUnixTimestamp(minute)) * 1000 - {oldest:Int64}) % 604800000 < {to:Int64} - {since:Int64}) AS i)
WHERE at_ms < {to:Int64} AND at_ms + week * 604800000 >= {since:Int64}
GROUP BY source, week, bucket`,
  params: z.object({ since: z.number(), to: z.number(), oldest: z.number(), bucketMs: z.number() }),
  row: z.object({
    source: z.string(),
    week: z.number(),
    bucket: z.number(),
    kept: z.number(),
    ignored: z.number(),
    rejected: z.number(),
  }),
});
export type BucketRow = z.output<typeof buckets.row>;

export const alarms = defineQuery({
  name: 'sources.alarms',
  sql: `SELECT uid, source, kind, ${ms('since')} AS since, ${ms('raised_at')} AS raisedAt, ${ms('ended_at')} AS endedAt, sentence
FROM source_alarms FINAL WHERE (ended_at IS NULL OR raised_at >= ${at('after')}) AND ({source:String} = '' OR source = {source:String})
ORDER BY raised_at DESC, uid LIMIT 500`,
  params: z.object({ after: z.number(), source: z.string() }),
  row: z.object({
    uid: z.string(),
    source: z.string(),
    kind: SourceAlarmKind,
    since: z.number(),
    raisedAt: z.number(),
    endedAt: z.number().nullable(),
    sentence: z.string(),
  }),
});
export type AlarmRow = z.output<typeof alarms.row>;

/** base64 of so many bytes: a multiple of three. */
export const SAMPLE_BYTES = 3 * 700;
const SAMPLE_TEXT = (SAMPLE_BYTES / 3) * 4;
const Sample = z.object({
  reason: z.string(),
  message: z.string(),
  payload: z.string(),
  bytes: z.number(),
  topic: z.string(),
  partition: z.number(),
  offset: z.number(),
  at: z.number(),
});
export type SampleRow = z.output<typeof Sample>;
const newestOf = (column: string): string => `argMax(d.${column}, d.stored_at)`;
const sampleColumns = (message: string): string => `${message} AS message, substring(${newestOf('payload')}, 1, ${SAMPLE_TEXT}) AS payload,
  ${newestOf('bytes')} AS bytes, ${newestOf('topic')} AS topic, ${newestOf('partition')} AS partition, ${newestOf('offset')} AS offset, ${ms('max(d.stored_at)')} AS at`;

export const rejectedSamples = defineQuery({
  name: 'sources.rejected_samples',
  sql: `SELECT code AS reason, ${sampleColumns(newestOf('message'))} FROM dead_letters AS d
WHERE d.topic = {topic:String} AND d.source = {source:String} GROUP BY code ORDER BY at DESC LIMIT 50`,
  params: z.object({ source: z.string(), topic: z.string() }),
  row: Sample,
});
export const ignoredSamples = defineQuery({
  name: 'sources.ignored_samples',
  sql: `SELECT reason, ${sampleColumns("''")} FROM ignored_samples AS d WHERE d.source = {source:String} GROUP BY reason ORDER BY at DESC LIMIT 50`,
  params: z.object({ source: z.string() }),
  row: Sample,
});

const eventsOf = `FROM access_events AS e FINAL WHERE e.time >= ${at('since')} AND e.source = {source:String}`;
const Window = z.object({ since: z.number(), source: z.string() });
export const keptCodes = defineQuery({
  name: 'sources.kept_codes',
  sql: `SELECT code, count() AS events ${eventsOf} GROUP BY code ORDER BY events DESC, code LIMIT 10`,
  params: Window,
  row: z.object({ code: z.string(), events: z.number() }),
});
/** The identity of an account of nobody known is the account itself. */
export const unknownAccounts = defineQuery({
  name: 'sources.unknown_accounts',
  sql: `SELECT identity, count() AS events, ${ms('max(e.time)')} AS lastSeen ${eventsOf}
  AND e.actor_system != '' AND startsWith(e.identity, concat(e.actor_system, ':'))
GROUP BY identity ORDER BY events DESC, identity LIMIT 200`,
  params: Window,
  row: z.object({ identity: z.string(), events: z.number(), lastSeen: z.number() }),
});
export const unplacedAddresses = defineQuery({
  name: 'sources.unplaced_addresses',
  sql: `SELECT src_ip AS address, count() AS events ${eventsOf} AND e.src_ip != '' AND e.lat IS NULL AND e.network_kind != 'private'
GROUP BY address ORDER BY events DESC, address LIMIT 20`,
  params: Window,
  row: z.object({ address: z.string(), events: z.number() }),
});
