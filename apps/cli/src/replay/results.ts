import { join } from 'node:path';
import type { Alert } from '@keyward/alerts';
import { sentenceOf, type Term } from '@keyward/baselines';
import type { Finding } from '@keyward/detections';
import { isoInstant } from '@keyward/events';
import { grantStateAt, type Grant, type Organisation } from '@keyward/identity';
import type { ScoredRows, ScoreReport } from './messages.js';
import { NdjsonFile } from './ndjson-file.js';
import { OfflineAlerts } from './offline-alerts.js';
import { isPrimary } from './packed-events.js';
import type { Tallied } from './reasons.js';
import type { Unit } from './scoring.js';
import { Sessions } from './sessions.js';
import { DayRisk } from './tallies.js';

/** Puts what the threads found into the order of the events again, tallies it, makes alerts of it, and writes the files. */
export class Results {
  readonly #alerts: OfflineAlerts;
  readonly #grants = new Map<string, Grant>();
  readonly #dayRisk: DayRisk;
  readonly #sessions = new Sessions();
  readonly #files: Record<'assessments' | 'sessions' | 'findings' | 'alerts' | 'risk' | 'grants', NdjsonFile>;
  #found: Finding[] = [];
  #lastTime = 0;

  constructor(organisation: Organisation, out: string) {
    const file = (name: string): NdjsonFile => new NdjsonFile(join(out, `${name}.ndjson`));
    this.#files = {
      assessments: file('assessments'),
      sessions: file('sessions'),
      findings: file('findings'),
      alerts: file('alerts'),
      risk: file('risk'),
      grants: file('grants'),
    };
    this.#alerts = new OfflineAlerts(organisation);
    this.#dayRisk = new DayRisk(
      (identity, at) => this.#alerts.riskAt(identity, at),
      (identity) => organisation.peerGroups(identity),
    );
  }

  /** @param reports of each thread; units come in order */
  async add(unit: Unit, reports: readonly ScoreReport[]): Promise<void> {
    this.#addRows(unit, reports);
    for (const grant of inOrder(reports.map(({ grants }) => grants))) this.#grants.set(grant.uid, grant);
    for (const text of inOrder(reports.map(({ findings }) => findings))) this.#addFinding(text);
    if (!unit.endsBatch) return;
    this.#alerts.add(this.#found);
    this.#found = [];
    await Promise.all(Object.values(this.#files).map((file) => file.flush()));
  }

  async end(): Promise<void> {
    for (const row of this.#dayRisk.closeBefore(Infinity)) this.#files.risk.add(row);
    for (const row of this.#sessions.close()) this.#files.sessions.add(row);
    for (const alert of this.#alerts.inOrder()) this.#files.alerts.add(alertLine(alert));
    for (const grant of this.#grants.values()) this.#files.grants.add(grantLine(grant, this.#lastTime));
    await Promise.all(Object.values(this.#files).map((file) => file.close()));
  }

  #addRows({ events }: Unit, reports: readonly ScoreReport[]): void {
    // Each thread's rows stand in order, so the next row is the first one left of the thread that has the entry.
    const cursors = reports.map(({ rows }) => ({ rows, next: 0, from: 0, term: 0 }));
    let sequence = 0;
    for (const { time, session, entries } of events) {
      this.#lastTime = time;
      for (const entry of entries) {
        const at = sequence++;
        if (!isPrimary(entry)) continue;
        const cursor = cursors.find(({ rows, next }) => rows.sequence[next] === at);
        if (!cursor) continue; // a vendor's repeat makes no row
        const { rows, next, from } = cursor;
        cursor.next += 1;
        cursor.from += rows.lengths[next] ?? 0;
        const line = rows.lines.subarray(from, cursor.from);
        this.#files.assessments.addBytes(line);
        const p = rows.p[next];
        const command = rows.command[next];
        // Of a command it may be asked when its block is over: a copy, so that the whole piece is not held for one line.
        const say = p === undefined ? undefined : sayerOf(command ? Buffer.from(line) : line);
        const terms = termsAt(rows, cursor.term, rows.terms[next] ?? 0);
        cursor.term += terms.length;
        const tallied = { time, identity: rows.identity[next] ?? '', session, p, say, terms, command };
        for (const row of this.#dayRisk.assessed(tallied)) this.#files.risk.add(row);
        for (const row of this.#sessions.assessed(tallied)) this.#files.sessions.add(row);
      }
    }
  }
  #addFinding(text: string): void {
    const finding = JSON.parse(text) as Finding; // a thread's own text of a moment ago
    this.#dayRisk.found(finding);
    this.#files.findings.add({ ...finding, time: isoInstant(finding.time) });
    this.#found.push(finding);
  }
}

const termsAt = ({ features, featureP, sharedKeys }: ScoredRows, from: number, count: number): Tallied['terms'] =>
  Array.from({ length: count }, (_, index) => ({
    feature: features[from + index] ?? '',
    p: featureP[from + index] ?? 1,
    sharedKey: sharedKeys.get(from + index),
  }));

const BEFORE_TERMS = '"terms":[';
const BETWEEN_TERMS = '},{"feature":"';
const AFTER_TERMS = '}],"notEvaluated":';

/**
 * The words of the strongest term of a row, made for the few that are read. The term is found in the row's text, where these marks can't stand within
 * a string: its quotes would be escaped.
 */
const sayerOf =
  ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  (): string => {
    const line = Buffer.from(buffer, byteOffset, byteLength);
    const from = line.indexOf(BEFORE_TERMS) + BEFORE_TERMS.length;
    const end = line.indexOf(AFTER_TERMS, from);
    // What was not evaluated is listed alike behind the terms.
    const next = line.indexOf(BETWEEN_TERMS, from);
    const term = line.toString('utf8', from, (next === -1 || next > end ? end : next) + 1);
    return sentenceOf(JSON.parse(term) as Term); // a thread's own text of a moment ago
  };

type Numbered<T> = readonly (readonly [number, T])[];
/** Lists that are each in order of their numbers, as one. No number stands in two of them. */
function* inOrder<T>(lists: readonly Numbered<T>[]): Generator<T> {
  for (const [, value] of lists.flat().sort(([a], [b]) => a - b)) yield value;
}

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
  const { requestedAt, approvedAt, startsAt, endsAt, endedAt } = grant;
  const instants = Object.entries({ requestedAt, approvedAt, startsAt, endsAt, endedAt }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, isoInstant(value)] as const],
  );
  return { ...grant, ...Object.fromEntries(instants), state: grantStateAt(grant, at) };
}
