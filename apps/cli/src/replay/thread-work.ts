import type { AccessEvent } from '@keyward/events';
import { buildOrganisation } from '@keyward/identity';
import type { GeoLookup } from '@keyward/stages';
import { AskedPlaces, EventReader, type ReadEvents } from './event-reader.js';
import { LedgerShare } from './ledger-share.js';
import type { DayReport, Report, ScoreTask, Task, ThreadSetup } from './messages.js';

export interface ThreadWiring {
  /** How many other threads score a part of the same days. */
  readonly others: number;
  /** Without it, places are asked for with a `where` report. */
  readonly geo?: GeoLookup;
  readonly report: (report: Report) => void;
  readonly tellOthers: (report: DayReport) => void;
}

interface Waiting {
  readonly task: ScoreTask;
  readonly events: readonly AccessEvent[];
}

/** What a thread of the replay does with its tasks, whatever carries them: reads records, then scores the ledgers that are its own. */
export class ThreadWork {
  readonly #wiring: ThreadWiring;
  readonly #asked: AskedPlaces | undefined;
  readonly #reader: EventReader;
  readonly #share: LedgerShare;
  readonly #unplaced: ReadEvents[] = [];
  readonly #toScore: Waiting[] = [];
  readonly #dayReports = new Map<number, DayReport[]>();
  /** The day of which the others' counts are not all here. */
  #closing: number | undefined;

  constructor({ organisation: records, sod, now, verdicts }: ThreadSetup, wiring: ThreadWiring) {
    const organisation = buildOrganisation(records);
    this.#wiring = wiring;
    this.#asked = wiring.geo ? undefined : new AskedPlaces();
    this.#reader = new EventReader(organisation, wiring.geo ?? this.#asked ?? new AskedPlaces(), now);
    this.#share = new LedgerShare(organisation, sod, verdicts);
  }

  handle(task: Task): void {
    switch (task.kind) {
      case 'read':
        this.#place(this.#reader.parse(task));
        return;
      case 'places':
        this.#placed(task.places);
        return;
      case 'score': {
        // Read at once, so that this is done while others are waited for.
        const text = Buffer.from(task.events.buffer, task.events.byteOffset, task.events.byteLength).toString('utf8');
        this.#toScore.push({ task, events: JSON.parse(text) as AccessEvent[] }); // our own text of a moment ago
        this.#score();
      }
    }
  }

  otherThread(report: DayReport): void {
    const reports = this.#dayReports.get(report.day);
    if (reports) reports.push(report);
    else this.#dayReports.set(report.day, [report]);
    this.#score();
  }

  #place(read: ReadEvents): void {
    const missing = this.#asked?.missing(read.events) ?? [];
    if (missing.length === 0 && this.#unplaced.length === 0) {
      this.#wiring.report(this.#reader.pack(read));
      return;
    }
    // Each question has one answer, so a batch waits for its own even when it asks for nothing.
    this.#unplaced.push(read);
    this.#wiring.report({ kind: 'where', addresses: missing });
  }

  #placed(places: Extract<Task, { kind: 'places' }>['places']): void {
    this.#asked?.learn(places);
    const read = this.#unplaced.shift();
    if (read) this.#wiring.report(this.#reader.pack(read));
    if (this.#unplaced.length === 0) this.#asked?.forgetSome();
  }

  #score(): void {
    for (;;) {
      if (this.#closing !== undefined && !this.#closed(this.#closing)) return;
      const next = this.#toScore.shift();
      if (!next) return;
      const scored = this.#share.score(next.task, next.events);
      if (next.task.closesDay) {
        this.#closing = next.task.day;
        if (this.#wiring.others > 0) this.#wiring.tellOthers(this.#share.dayReport(next.task.day));
      }
      // Written out after the others were told, who wait for it.
      this.#wiring.report(this.#share.report(scored));
    }
  }

  #closed(day: number): boolean {
    const reports = this.#dayReports.get(day) ?? [];
    if (reports.length < this.#wiring.others) return false;
    this.#share.closeDay(day, reports);
    this.#dayReports.delete(day);
    this.#closing = undefined;
    return true;
  }
}
