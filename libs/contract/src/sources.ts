import { z } from 'zod';
import { Instant, Link } from './primitives.js';

/** How far back the page of the sources looks, hours. */
export const SOURCE_WINDOWS = [1, 24, 168] as const;
export const SourceQuery = z.object({
  hours: z.coerce
    .number()
    .pipe(z.union(SOURCE_WINDOWS.map((hours) => z.literal(hours))))
    .default(24),
});
export type SourceQuery = z.infer<typeof SourceQuery>;

/** An alert about a source is about nobody: in place of an identity it names the source so. */
const SUBJECT = 'source:';
/** @param identity as alerts name it @returns the source that the alert is about; undefined when it is about an identity */
export const sourceOfSubject = (identity: string): string | undefined =>
  identity.startsWith(SUBJECT) ? identity.slice(SUBJECT.length) : undefined;

/** What can be wrong with a source. */
export const SourceAlarmKind = z.enum(['silent', 'late', 'rejecting']);
export type SourceAlarmKind = z.infer<typeof SourceAlarmKind>;

/** `new`: heard of for less than a day, so nothing is known of its rhythm; the worst alarm that is open; else `steady`. */
export const SourceState = z.enum(['steady', 'new', ...SourceAlarmKind.options]);
export type SourceState = z.infer<typeof SourceState>;

export const SourceAlarm = z.object({
  uid: z.string().describe('Of the alert that told of it'),
  kind: SourceAlarmKind,
  since: Instant.describe('silent: its last record; else the beginning of the hour that stood out'),
  raisedAt: Instant,
  endedAt: Instant.nullable(),
  sentence: z.string(),
});
export type SourceAlarm = z.infer<typeof SourceAlarm>;

const Count = z.number().int().nonnegative();

export const SourceBucket = z.object({
  from: Instant,
  kept: Count,
  ignored: Count,
  rejected: Count,
  usual: z
    .number()
    .nonnegative()
    .nullable()
    .describe('Records that weeks before brought on average in the same time of week; null: not known yet'),
});
export type SourceBucket = z.infer<typeof SourceBucket>;

export const SourceHealth = z.object({
  source: z.string(),
  state: SourceState,
  alarms: z.array(SourceAlarm).describe('Open ones'),
  firstArrival: Instant,
  lastArrival: Instant,
  lastEventTime: Instant.nullable(),
  kept: Count.describe('In the window, as is all that follows'),
  ignored: Count,
  rejected: Count,
  perHour: z.number().nonnegative(),
  lag: z
    .object({ p50Seconds: z.number().nonnegative(), p95Seconds: z.number().nonnegative() })
    .nullable()
    .describe('Arrival minus event time, at most, within 19%; null: no events'),
  unplaced: Count.describe('Kept events with an address of the internet whose place nobody knows'),
  unresolved: Count.describe('Kept events whose actor is an account of nobody known'),
  waiting: Count.nullable().describe('Records on its topic not yet read; null when the bus does not say'),
  buckets: z.array(SourceBucket).describe('Of the whole window, oldest first, also empty ones'),
  link: Link.describe('Its events'),
});
export type SourceHealth = z.infer<typeof SourceHealth>;

export const SourceList = z.object({
  at: Instant,
  from: Instant,
  bucketMinutes: z.number().int().positive(),
  sources: z.array(SourceHealth).describe('Those with an open alarm first, then by name'),
});
export type SourceList = z.infer<typeof SourceList>;

/** The beginning of a record as it came, secrets masked. */
export const RecordSample = z.object({
  at: Instant.describe('When it was stored'),
  text: z.string(),
  isCut: z.boolean().describe('The record is longer'),
  bytes: Count,
  origin: z.string().describe('Topic, partition and offset'),
  message: z.string().nullable().describe('What was wrong with it'),
});
export type RecordSample = z.infer<typeof RecordSample>;

export const SourceReason = z.object({
  result: z.enum(['kept', 'ignored', 'rejected']),
  reason: z.string().describe("ignored: why; rejected: the error's code; kept: the vendor's own name of the operation"),
  records: Count,
  share: z.number().min(0).max(1).describe('Of all records of the source in the window'),
  sample: RecordSample.nullable().describe('Newest that is kept: of rejected records for 30 days, of ignored ones for 7'),
  link: Link.nullable().describe('kept: its events'),
});
export type SourceReason = z.infer<typeof SourceReason>;

export const SourceDetail = z.object({
  health: SourceHealth,
  bucketMinutes: z.number().int().positive(),
  reasons: z.array(SourceReason).describe('At most ten of each result, most frequent first'),
  unresolved: z
    .array(z.object({ account: z.string(), events: Count, lastSeen: Instant, link: Link }))
    .describe('Accounts of nobody known, most events first, at most 20'),
  unplaced: z
    .array(z.object({ address: z.string(), events: Count, link: Link }))
    .describe('Addresses without a place, most events first, at most 20'),
  history: z.array(SourceAlarm).describe('Alarms of the last 30 days, newest first, at most 50'),
});
export type SourceDetail = z.infer<typeof SourceDetail>;
