import type { Alert } from '@keyward/alerts';
import { DAY_MS, HOUR_MS, isoInstant, MINUTE_MS } from '@keyward/events';
import { ALERTS_TOPIC, type Clock, type Logger, type Metrics, type Publisher } from '@keyward/runtime';
import { lagQuantile } from '../ingest-counts.js';
import type { AlertStore } from '../ports.js';
import { SILENCE, alarmingSince, expectedActivity, learnRhythm, type ArrivalRhythm, type Gap, type SourceHour } from './arrival-rhythm.js';
import { alertOfSource, sourceAlarmUid, type SourceAlarm, type SourceAlarmKind } from './source-alarm.js';
import { usualLevel, type Level } from './usual-level.js';

/** What came of one source's records in some time. */
export interface SourceCounts {
  readonly records: number;
  readonly rejected: number;
  /** Kept events by `lagStep`. */
  readonly lags: Readonly<Record<string, number>>;
}
export interface SourcePast {
  /** Its first record ever, epoch ms. */
  readonly firstArrival: number;
  readonly hours: readonly (SourceHour & SourceCounts)[];
  readonly gaps: readonly Gap[];
}
/** Counts of arrived records, by source. Wall time, epoch ms. @throws UnavailableError */
export interface SourceHistory {
  /** @param from, to whole hours: what arrived from then until before then */
  past(from: number, to: number, minGapMs: number): Promise<ReadonlyMap<string, SourcePast>>;
  /** Of the sources that have sent anything since `from`: the arrival of the newest record, and what came since `recently`. */
  present(from: number, recently: number): Promise<ReadonlyMap<string, SourceCounts & { readonly lastArrival: number }>>;
}
/** @throws UnavailableError */
export interface SourceAlarmStore {
  open(): Promise<readonly SourceAlarm[]>;
  /** A second version takes the place of the first, and closes its alert unless an analyst has taken it in hand. */
  save(alarm: SourceAlarm): Promise<void>;
}

export interface SourceWatchDeps {
  readonly history: SourceHistory;
  readonly alarms: SourceAlarmStore;
  readonly alerts: Pick<AlertStore, 'upsertAlerts'>;
  readonly publisher: Publisher;
  /** Records on the topic of each source that were not read yet. */
  readonly waiting: () => Promise<ReadonlyMap<string, number>>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Records, or events, in an hour that say something about a share or a median. */
const MIN_RECORDS = 20;
/** Less is the odd broken line. */
const REJECTED_FLOOR = 0.02;
/** Pollers and log shippers take some minutes. */
const LAG_FLOOR_SECONDS = 300;

interface Known {
  readonly rhythm: ArrivalRhythm;
  readonly rejected: Level | undefined;
  readonly lag: Level | undefined;
}

/**
 * Says when a source falls silent against its own rhythm, when its records begin to come late, and when more of them than usual can't be read: by an
 * alert that goes the way of all alerts, one for each time, and by another version of it when it is over. Asked by one worker at a time, on a timer;
 * two that ask at once say the same.
 */
export class SourceWatch {
  readonly #deps: SourceWatchDeps;
  /** Nobody has listened before. */
  readonly #listeningSince: number;
  #known: { readonly hour: number; readonly sources: ReadonlyMap<string, Known> } | undefined;

  constructor(deps: SourceWatchDeps) {
    this.#deps = deps;
    this.#listeningSince = deps.clock.now();
  }

  /** @throws UnavailableError: nothing was concluded, ask again later */
  async check(): Promise<void> {
    const now = this.#deps.clock.now();
    const known = await this.#learned(now);
    const [present, waiting, open] = await Promise.all([
      this.#deps.history.present(now - SILENCE.weeks * 7 * DAY_MS, now - HOUR_MS),
      this.#deps.waiting(),
      this.#deps.alarms.open(),
    ]);
    for (const [source, counts] of present) {
      const its = known.get(source);
      const isOpen = (kind: SourceAlarmKind): SourceAlarm | undefined => open.find((one) => one.source === source && one.kind === kind);
      await this.#silence(source, counts.lastArrival, its, isOpen('silent'), (waiting.get(source) ?? 0) > 0, now);
      if (!its || now - its.rhythm.since < SILENCE.minKnownMs) continue;
      await this.#level(source, 'rejecting', rejectedShare(counts), its.rejected, isOpen('rejecting'), now);
      await this.#level(source, 'late', medianLag(counts), its.lag, isOpen('late'), now);
    }
    this.#measure(present, await this.#deps.alarms.open(), now);
  }

  /** Learned anew each hour, from whole hours: what is usual is the same for everybody who asks within the hour. */
  async #learned(now: number): Promise<ReadonlyMap<string, Known>> {
    const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
    if (this.#known?.hour === hour) return this.#known.sources;
    const from = hour - SILENCE.weeks * 7 * DAY_MS;
    const past = await this.#deps.history.past(from, hour, SILENCE.minGapMs);
    const sources = new Map<string, Known>();
    for (const [source, { firstArrival, hours, gaps }] of past) {
      sources.set(source, {
        rhythm: learnRhythm(hours, gaps, { from: Math.max(from, firstArrival), to: hour }),
        rejected: usualLevel(hours.map(rejectedShare).filter(isKnown), REJECTED_FLOOR),
        lag: usualLevel(hours.map(medianLag).filter(isKnown), LAG_FLOOR_SECONDS),
      });
    }
    this.#known = { hour, sources };
    return sources;
  }

  async #silence(
    source: string,
    lastArrival: number,
    known: Known | undefined,
    open: SourceAlarm | undefined,
    isBehind: boolean,
    now: number,
  ): Promise<void> {
    if (open) {
      // Records that nobody has read yet are no silence, and what they say is told once they are read.
      if (lastArrival > open.since) await this.#end(open, lastArrival);
      return;
    }
    if (!known || isBehind) return;
    const from = Math.max(lastArrival, this.#listeningSince);
    const since = alarmingSince(known.rhythm, from, now);
    if (since === undefined) return;
    const minutes = Math.round(expectedActivity(known.rhythm, from, since));
    await this.#raise({
      ...{ uid: sourceAlarmUid(source, 'silent', lastArrival), version: 1, source, kind: 'silent', since: lastArrival, raisedAt: since },
      endedAt: undefined,
      sentence:
        `No record of ${source} has arrived since ${isoInstant(lastArrival).slice(0, 16).replace('T', ' ')} UTC. By its own rhythm of the last weeks, ` +
        `${minutes < 2 ? 'records' : `records in about ${String(minutes)} different minutes`} were to be expected in the ${spanOf(since - from)} until this alarm.`,
    });
  }

  async #level(
    source: string,
    kind: 'rejecting' | 'late',
    value: number | undefined,
    level: Level | undefined,
    open: SourceAlarm | undefined,
    now: number,
  ): Promise<void> {
    if (value === undefined || !level) return;
    if (open) {
      if (value < level.overBelow) await this.#end(open, now);
      return;
    }
    if (value < level.alarmAt) return;
    const since = Math.floor((now - HOUR_MS) / MINUTE_MS) * MINUTE_MS;
    const sentence =
      kind === 'rejecting'
        ? `${percent(value)} of the records of ${source} in the last hour can't be read; usual is at most ${percent(level.usual)}.`
        : `Half of the events of ${source} in the last hour arrived ${spanOf(value * 1_000)} or more after they happened; usual is at most ${spanOf(level.usual * 1_000)}.`;
    await this.#raise({
      uid: sourceAlarmUid(source, kind, since),
      version: 1,
      source,
      kind,
      since,
      raisedAt: now,
      endedAt: undefined,
      sentence,
    });
  }

  #raise(alarm: SourceAlarm): Promise<void> {
    this.#deps.logger.warn({ source: alarm.source, alarm: alarm.kind }, alarm.sentence);
    return this.#tell(alarm);
  }
  #end(alarm: SourceAlarm, endedAt: number): Promise<void> {
    this.#deps.logger.info({ source: alarm.source, alarm: alarm.kind }, 'over');
    return this.#tell({ ...alarm, version: 2, endedAt });
  }

  /** The alarm is noted last: after a crash it is told again, with the same ids, and a receiver drops the repeat. */
  async #tell(alarm: SourceAlarm): Promise<void> {
    const alert: Alert = alertOfSource(alarm);
    await this.#deps.alerts.upsertAlerts([alert]);
    await this.#deps.publisher.publish([{ topic: ALERTS_TOPIC, key: alert.identity, value: JSON.stringify(alert) }]);
    await this.#deps.alarms.save(alarm);
  }

  /** Another worker watches: what this one measured is true no more. */
  release(): void {
    for (const gauge of Object.values(this.#gauges())) gauge.reset();
  }

  #measure(present: ReadonlyMap<string, SourceCounts & { readonly lastArrival: number }>, open: readonly SourceAlarm[], now: number): void {
    const { age, lag, alarms } = this.#gauges();
    for (const [source, { lastArrival, lags }] of present) {
      age.set({ source }, Math.max(0, now - lastArrival) / 1_000);
      for (const quantile of [0.5, 0.95]) lag.set({ source, quantile }, lagQuantile(lags, quantile) ?? 0);
      for (const kind of ['silent', 'late', 'rejecting']) {
        alarms.set({ source, kind }, open.some((alarm) => alarm.source === source && alarm.kind === kind) ? 1 : 0);
      }
    }
  }

  #gauges() {
    const { metrics } = this.#deps;
    return {
      age: metrics.gauge('keyward_source_last_record_seconds', 'Time since the newest record of a source arrived', ['source']),
      lag: metrics.gauge('keyward_source_lag_seconds', 'Arrival minus event time of a source in the last hour; 0: no events', [
        'source',
        'quantile',
      ]),
      alarms: metrics.gauge('keyward_source_alarms', 'Open alarms of a source: 1 while it is so', ['source', 'kind']),
    };
  }
}

const rejectedShare = ({ records, rejected }: SourceCounts): number | undefined => (records < MIN_RECORDS ? undefined : rejected / records);
function medianLag({ lags }: SourceCounts): number | undefined {
  const events = Object.values(lags).reduce((sum, n) => sum + n, 0);
  return events < MIN_RECORDS ? undefined : lagQuantile(lags, 0.5);
}
const isKnown = (value: number | undefined): value is number => value !== undefined;

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)}%`;
/** The two largest units: `2 h 5 min`. */
function spanOf(ms: number): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  if (minutes < 1) return `${String(Math.floor(ms / 1_000))} s`;
  const [days, hours] = [Math.floor(ms / DAY_MS), Math.floor((ms % DAY_MS) / HOUR_MS)];
  if (days > 0) return `${String(days)} d ${String(hours)} h`;
  return hours > 0 ? `${String(hours)} h ${String(minutes % 60)} min` : `${String(minutes)} min`;
}
