import type { Link, SourceAlarm, SourceBucket, SourceHealth, SourceState } from '@keyward/contract';
import { DAY_MS, HOUR_MS, isPrivateIp, isoInstant, MINUTE_MS } from '@keyward/events';
import { NotFoundError, rawTopic, type Clock } from '@keyward/runtime';
import { lagQuantile } from '@keyward/stages';
import type { ClickHouse } from '../client.js';
import type { Directory } from './directory.js';
import type { LagReader } from './pulse-queries.js';
import * as rows from './source-rows.js';

/** A source that has said nothing for longer is none any more. */
const KNOWN_MS = 56 * DAY_MS;
const WEEK_MS = 7 * DAY_MS;
/** Weeks that "usual" is the average of. */
const USUAL_WEEKS = 4;
const NEW_MS = DAY_MS;
const HISTORY_MS = 30 * DAY_MS;
const MAX_HISTORY = 50;
const MAX_REASONS = 10;
const MAX_ACCOUNTS = 20;
/** So that each window has some fifty bars. */
const BUCKET_MINUTES: Readonly<Record<number, number>> = { 1: 2, 24: 30, 168: 180 };

/** A reason with its newest example, as it was stored: base64. */
export interface ReasonRow {
  readonly result: 'kept' | 'ignored' | 'rejected';
  readonly reason: string;
  readonly records: number;
  readonly share: number;
  readonly sample: rows.SampleRow | undefined;
  readonly link: Link | null;
}
export interface SourcesShown {
  readonly at: string;
  readonly from: string;
  readonly bucketMinutes: number;
  readonly sources: SourceHealth[];
}
export interface SourceShown {
  readonly health: SourceHealth;
  readonly bucketMinutes: number;
  readonly reasons: readonly ReasonRow[];
  readonly unresolved: { account: string; events: number; lastSeen: string; link: Link }[];
  readonly unplaced: { address: string; events: number; link: Link }[];
  readonly history: SourceAlarm[];
}

/** How the sources do. Instants are wall time: what counts is when records arrived. @throws UnavailableError */
export class SourceQueries {
  readonly #clickhouse: ClickHouse;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #lag: LagReader;

  constructor(clickhouse: ClickHouse, directory: Directory, clock: Clock, lag: LagReader) {
    this.#clickhouse = clickhouse;
    this.#directory = directory;
    this.#clock = clock;
    this.#lag = lag;
  }

  /** @param hours 1, 24 or 168 */
  async list(hours: number): Promise<SourcesShown> {
    const window = windowOf(this.#clock.now(), hours);
    const [known, totals, buckets, alarms, lag] = await Promise.all([
      this.#clickhouse.query(rows.knownSources, { since: window.now - KNOWN_MS }),
      this.#clickhouse.query(rows.totals, { since: window.since }),
      this.#clickhouse.query(rows.buckets, {
        since: window.since,
        to: window.now,
        oldest: window.since - USUAL_WEEKS * WEEK_MS,
        bucketMs: window.bucketMs,
      }),
      this.#clickhouse.query(rows.alarms, { after: window.now, source: '' }),
      this.#lag().catch(() => undefined),
    ]);
    const sources = known.map((source) => {
      const of = <Row extends { readonly source: string }>(list: readonly Row[]): Row[] =>
        list.filter((row) => row.source === source.source);
      const waiting =
        lag === undefined ? null : sum(lag.filter(({ topic }) => topic === rawTopic(source.source)).map(({ records }) => records));
      return health(source, of(totals)[0], of(buckets), of(alarms).filter(isOpen), waiting, window);
    });
    sources.sort((a, b) => rank(a.state) - rank(b.state) || (a.source < b.source ? -1 : 1));
    return { at: isoInstant(window.now), from: isoInstant(window.since), bucketMinutes: window.bucketMs / MINUTE_MS, sources };
  }

  /** @throws NotFoundError for a source that has sent nothing in 8 weeks */
  async show(source: string, hours: number): Promise<SourceShown> {
    const { sources, bucketMinutes, from } = await this.list(hours);
    const found = sources.find((one) => one.source === source);
    if (!found) throw new NotFoundError('not_found', 'This source has sent nothing in the last 8 weeks.');
    const { since, now } = windowOf(this.#clock.now(), hours);
    const [totals, rejected, ignored, codes, accounts, addresses, history] = await Promise.all([
      this.#clickhouse.query(rows.totals, { since }),
      this.#clickhouse.query(rows.rejectedSamples, { source, topic: rawTopic(source) }),
      this.#clickhouse.query(rows.ignoredSamples, { source }),
      this.#clickhouse.query(rows.keptCodes, { source, since }),
      this.#clickhouse.query(rows.unknownAccounts, { source, since }),
      this.#clickhouse.query(rows.unplacedAddresses, { source, since }),
      this.#clickhouse.query(rows.alarms, { source, after: now - HISTORY_MS }),
    ]);
    const its = totals.find((row) => row.source === source);
    const all = found.kept + found.ignored + found.rejected;
    const events = (query: Readonly<Record<string, string>>): Link => ({ to: 'events', query: { source, from, ...query } });
    const reasons = (
      result: ReasonRow['result'],
      counts: Readonly<Record<string, number>>,
      samples: readonly rows.SampleRow[],
    ): ReasonRow[] =>
      Object.entries(counts)
        .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
        .slice(0, MAX_REASONS)
        .map(([reason, records]) => ({
          ...{ result, reason, records, share: share(records, all) },
          sample: samples.find((sample) => sample.reason === reason),
          link: result === 'kept' ? events({ text: reason }) : null,
        }));
    return {
      health: found,
      bucketMinutes,
      reasons: [
        ...reasons('rejected', its?.rejected ?? {}, rejected),
        ...reasons('ignored', its?.ignored ?? {}, ignored),
        ...reasons('kept', Object.fromEntries(codes.map((row) => [row.code, row.events])), []),
      ],
      unresolved: accounts
        .filter(({ identity }) => this.#directory.organisation.identity(identity) === undefined)
        .slice(0, MAX_ACCOUNTS)
        .map(({ identity, ...row }) => ({
          account: identity.slice(identity.indexOf(':') + 1),
          events: row.events,
          lastSeen: isoInstant(row.lastSeen),
          link: events({ actor: identity }),
        })),
      unplaced: addresses.filter(({ address }) => !isPrivateIp(address)).map((row) => ({ ...row, link: events({ ip: row.address }) })),
      history: history.slice(0, MAX_HISTORY).map(alarmOf),
    };
  }
}

interface Window {
  readonly since: number;
  readonly now: number;
  readonly bucketMs: number;
  readonly hours: number;
}
/** Whole buckets, so that the same question an instant later has the same bars. */
function windowOf(now: number, hours: number): Window {
  const bucketMs = (BUCKET_MINUTES[hours] ?? 30) * MINUTE_MS;
  const end = Math.ceil(now / bucketMs) * bucketMs;
  return { since: end - hours * HOUR_MS, now, bucketMs, hours };
}

function health(
  source: rows.KnownSource,
  totals: rows.SourceTotals | undefined,
  bucketRows: readonly rows.BucketRow[],
  open: readonly rows.AlarmRow[],
  waiting: number | null,
  window: Window,
): SourceHealth {
  const [p50, p95] = [lagQuantile(totals?.lags ?? {}, 0.5), lagQuantile(totals?.lags ?? {}, 0.95)];
  const [kept, ignored, rejected] = [totals?.kept ?? 0, count(totals?.ignored), count(totals?.rejected)];
  return {
    source: source.source,
    state: stateOf(open, window.now - source.firstArrival),
    alarms: open.map(alarmOf),
    firstArrival: isoInstant(source.firstArrival),
    lastArrival: isoInstant(Math.max(source.firstArrival, source.lastArrival)),
    lastEventTime: source.lastEventTime === null ? null : isoInstant(source.lastEventTime),
    ...{ kept, ignored, rejected },
    perHour: (kept + ignored + rejected) / Math.max(1 / 60, (window.now - Math.max(window.since, source.firstArrival)) / HOUR_MS),
    lag: p50 === undefined || p95 === undefined ? null : { p50Seconds: p50, p95Seconds: p95 },
    unplaced: totals?.unplaced ?? 0,
    unresolved: totals?.unresolved ?? 0,
    waiting,
    buckets: bucketsOf(bucketRows, source.firstArrival, window),
    link: { to: 'events', query: { source: source.source } },
  };
}

function bucketsOf(list: readonly rows.BucketRow[], firstArrival: number, { since, now, bucketMs }: Window): SourceBucket[] {
  // A week that began before the source did would make "usual" too small.
  const weeks = Math.min(USUAL_WEEKS, Math.floor((since - firstArrival) / WEEK_MS));
  return Array.from({ length: Math.ceil((now - since) / bucketMs) }, (_, index) => {
    const here = list.filter(({ bucket }) => bucket === index);
    const own = here.find(({ week }) => week === 0);
    const before = here.filter(({ week }) => week >= 1 && week <= weeks);
    return {
      from: isoInstant(since + index * bucketMs),
      kept: own?.kept ?? 0,
      ignored: own?.ignored ?? 0,
      rejected: own?.rejected ?? 0,
      usual: weeks < 1 ? null : sum(before.map((row) => row.kept + row.ignored + row.rejected)) / weeks,
    };
  });
}

const WORST: readonly SourceState[] = ['silent', 'rejecting', 'late', 'new', 'steady'];
const rank = (state: SourceState): number => WORST.indexOf(state);
const stateOf = (open: readonly rows.AlarmRow[], age: number): SourceState =>
  WORST.find((state) => open.some(({ kind }) => kind === state)) ?? (age < NEW_MS ? 'new' : 'steady');
const isOpen = ({ endedAt }: rows.AlarmRow): boolean => endedAt === null;
const alarmOf = ({ uid, kind, sentence, ...at }: rows.AlarmRow): SourceAlarm => ({
  uid,
  kind,
  since: isoInstant(at.since),
  raisedAt: isoInstant(at.raisedAt),
  endedAt: at.endedAt === null ? null : isoInstant(at.endedAt),
  sentence,
});
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const count = (counts: Readonly<Record<string, number>> = {}): number => sum(Object.values(counts));
const share = (part: number, all: number): number => (all === 0 ? 0 : Math.min(1, part / all));
