import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityContextOf, type Alert } from '@keyward/alerts';
import { createBehaviourModel } from '@keyward/baselines';
import { createDetectionEngine, type Finding } from '@keyward/detections';
import { isoInstant, type AccessEvent, type LedgerEntry } from '@keyward/events';
import { grantStateAt, type Grant, type Organisation } from '@keyward/identity';
import { Metrics, silentLogger, systemClock, type BusRecord, type OutRecord, type Prepared } from '@keyward/runtime';
import type { SodPolicy } from '@keyward/sod';
import type { Source } from '@keyward/sources';
import { AlertStage, AssessStage, eventEntries, type AssessedEvent, type GeoLookup } from '@keyward/stages';
import { EventOrder } from './event-order.js';
import { NdjsonFile } from './ndjson-file.js';
import { OfflineAlerts, OfflineAssessments, OfflineSnapshots, Outbox, memoryLedgers } from './offline-stores.js';
import { readEvents, type SourceCounts } from './read-input.js';
import { DayRisk, Sessions, riskFrom } from './tallies.js';

export interface ReplayOptions {
  readonly inputs: readonly { readonly source: Source; readonly file: string }[];
  readonly organisation: Organisation;
  readonly sod: SodPolicy;
  readonly geo: GeoLookup;
  readonly out: string;
  readonly onProgress?: (phase: 'reading' | 'scoring', events: number) => void;
}
export interface ReplaySummary {
  readonly sources: Readonly<Record<string, SourceCounts>>;
  readonly seconds: number;
}

/** Entries handed to a stage at once: large enough that awaiting costs nothing, small enough that findings follow their events closely. */
const BATCH_ENTRIES = 2_000;

/** Events are handed on as they are, so no stage meets what it can't read. */
const NO_DEAD_LETTERS = { insertDeadLetters: () => Promise.reject(new Error('a replay reads no records between the stages')) };

/**
 * The stages of the service, offline and in event time over all inputs together: no Kafka, no ClickHouse. Writes the files of the contract
 * (docs/replay.md) into `out`.
 */
export async function replay(options: ReplayOptions): Promise<ReplaySummary> {
  const began = performance.now();
  mkdirSync(options.out, { recursive: true });
  const { order, counts } = await readAll(options);
  const line = new OfflineLine(options);
  let scored = 0;
  for await (const events of order.inOrder()) {
    await line.push(events);
    scored += events.length;
    options.onProgress?.('scoring', scored);
  }
  await line.end();
  const summary = { sources: counts, seconds: Math.round(performance.now() - began) / 1_000 };
  writeFileSync(join(options.out, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  return summary;
}

async function readAll(options: ReplayOptions): Promise<{ order: EventOrder; counts: Record<string, SourceCounts> }> {
  const order = new EventOrder();
  const counts: Record<string, SourceCounts> = {};
  const now = systemClock.now();
  let read = 0;
  for (const { source, file } of options.inputs) {
    const tally = (counts[source.id] ??= { records: 0, kept: 0, ignored: 0, rejected: 0 });
    for await (const events of readEvents(source, file, now, tally)) {
      await order.add(events);
      read += events.length;
      options.onProgress?.('reading', read);
    }
  }
  return { order, counts };
}

class OfflineLine {
  readonly #organisation: Organisation;
  readonly #geo: GeoLookup;
  readonly #assess: AssessStage;
  readonly #alert: AlertStage;
  readonly #assessments: OfflineAssessments;
  readonly #alerts = new OfflineAlerts();
  readonly #findingsOut = new Outbox();
  readonly #dayRisk: DayRisk;
  readonly #sessions = new Sessions();
  readonly #files: Record<'assessments' | 'sessions' | 'findings' | 'alerts' | 'risk' | 'grants', NdjsonFile>;
  #entries: Prepared<LedgerEntry>[] = [];
  #entryOffset = 0;
  #findingOffset = 0;
  #lastTime = 0;

  constructor({ organisation, sod, geo, out }: ReplayOptions) {
    this.#organisation = organisation;
    this.#geo = geo;
    const file = (name: string): NdjsonFile => new NdjsonFile(join(out, `${name}.ndjson`));
    this.#files = {
      assessments: file('assessments'),
      sessions: file('sessions'),
      findings: file('findings'),
      alerts: file('alerts'),
      risk: file('risk'),
      grants: file('grants'),
    };
    const model = createBehaviourModel();
    const created = createDetectionEngine();
    if (created.kind === 'invalid') throw new Error(created.problems.join('; '));
    const snapshots = new OfflineSnapshots(model, organisation);
    this.#assessments = new OfflineAssessments(snapshots, {
      rows: (rows) => {
        for (const row of rows) this.#writeRow(row);
      },
      findings: (findings) => {
        for (const finding of findings) this.#writeFinding(finding);
      },
    });
    this.#dayRisk = new DayRisk((identity, at) => this.#riskAt(identity, at));
    const common = {
      ledgers: memoryLedgers,
      organisation: { current: () => ({ organisation, sod }) },
      logger: silentLogger,
      metrics: new Metrics(),
      signal: new AbortController().signal,
      deadLetters: NO_DEAD_LETTERS,
    };
    this.#assess = new AssessStage({
      ...common,
      store: this.#assessments,
      snapshots,
      publisher: this.#findingsOut,
      model,
      engine: created.engine,
      clock: systemClock,
      checkpoints: { everyMs: Infinity, everyEntries: Infinity, maxLedgers: Infinity },
    });
    this.#alert = new AlertStage({ ...common, store: this.#alerts, publisher: new Outbox() });
  }

  /** @param events in order of time */
  async push(events: readonly AccessEvent[]): Promise<void> {
    for (const event of events) {
      this.#lastTime = event.time;
      for (const value of eventEntries(event, this.#organisation, this.#geo)) {
        this.#entries.push({ topic: 'events', partition: 0, offset: this.#entryOffset++, time: event.time, value });
      }
      if (this.#entries.length >= BATCH_ENTRIES) await this.#handle();
    }
  }

  async end(): Promise<void> {
    await this.#handle();
    for (const row of this.#dayRisk.closeBefore(Infinity)) this.#files.risk.add(row);
    for (const row of this.#sessions.close()) this.#files.sessions.add(row);
    for (const alert of [...this.#alerts.alerts.values()].sort(byFirstTime)) this.#files.alerts.add(alertLine(alert));
    for (const grant of this.#assessments.grants.values()) this.#files.grants.add(grantLine(grant, this.#lastTime));
    await Promise.all(Object.values(this.#files).map((file) => file.close()));
  }

  async #handle(): Promise<void> {
    const entries = this.#entries;
    this.#entries = [];
    await this.#assess.handle(entries);
    const findings = this.#findingsOut.take();
    if (findings.length > 0) {
      const records = findings.map((record) => asRead(record, this.#findingOffset++));
      await this.#alert.handle(this.#alert.prepare({ topic: 'findings', partition: 0, records, highWatermark: this.#findingOffset }));
    }
    await Promise.all(Object.values(this.#files).map((file) => file.flush()));
  }

  #writeRow({ event, identity, assessment }: AssessedEvent): void {
    this.#files.assessments.add({
      eventId: event.uid,
      nativeId: event.nativeId,
      source: event.source,
      time: isoInstant(event.time),
      identity,
      score: assessment.score,
      p: assessment.p,
      terms: assessment.terms,
      notEvaluated: assessment.notEvaluated,
      snapshot: assessment.snapshot,
    });
    for (const row of this.#dayRisk.assessed(event, identity, assessment)) this.#files.risk.add(row);
    for (const row of this.#sessions.assessed(event, identity, assessment)) this.#files.sessions.add(row);
  }
  #writeFinding(finding: Finding): void {
    this.#dayRisk.found(finding);
    this.#files.findings.add({ ...finding, time: isoInstant(finding.time) });
  }
  #riskAt(identity: string, at: number): number {
    const stored = this.#alerts.risks.get(identity);
    return stored ? riskFrom(stored.contributions, at, identityContextOf(this.#organisation, identity)) : 0;
  }
}

const byFirstTime = (a: Alert, b: Alert): number => a.firstTime - b.firstTime || (a.uid < b.uid ? -1 : 1);

const alertLine = ({
  uid,
  firstTime,
  lastTime,
  identity,
  title,
  score,
  severity,
  entityRisk,
  detections,
  attack,
  eventUids,
  grantUids,
  explanation,
}: Alert): object => ({
  uid,
  time: isoInstant(firstTime),
  lastTime: isoInstant(lastTime),
  identity,
  title,
  score,
  severity,
  entityRisk,
  detections,
  attack,
  eventIds: eventUids,
  grantUids,
  explanation,
});

function grantLine(grant: Grant, at: number): object {
  const { requestedAt, startsAt, endsAt, endedAt } = grant;
  const instants = Object.entries({ requestedAt, startsAt, endsAt, endedAt }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, isoInstant(value)] as const],
  );
  return { ...grant, ...Object.fromEntries(instants), state: grantStateAt(grant, at) };
}

/** What a reader of the bus would see of a published record. */
const asRead = (record: OutRecord, offset: number): BusRecord => ({
  offset,
  key: record.key,
  value: typeof record.value === 'string' ? Buffer.from(record.value) : record.value,
  headers: {},
  timestamp: 0,
});
