import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker, type MessagePort, type Transferable } from 'node:worker_threads';
import type { GeoLookup } from '@keyward/stages';
import type { ReadReport, Report, ScoreReport, Task, ThreadSetup } from './messages.js';
import { ThreadWork } from './thread-work.js';

/** One that reads and scores: a worker thread, or this one. Answers each `read` and `score` with one report, in order. */
export interface ReplayThread {
  post(task: Task): void;
  /** @throws Error when the thread has ended */
  nextRead(): Promise<ReadReport>;
  /** @throws Error when the thread has ended */
  nextScored(): Promise<ScoreReport>;
  close(): Promise<void>;
}

/** More than this many were never tried; each takes some hundred MB. */
const MOST_BY_DEFAULT = 8;
const ENTRY = new URL('./thread-entry.js', import.meta.url);

/** A thread for each core. Run from TypeScript sources there is no file that a thread could be started with, so it is this one. */
export const defaultThreads = (): number => (existsSync(fileURLToPath(ENTRY)) ? Math.min(availableParallelism(), MOST_BY_DEFAULT) : 1);

/** @param count 1: this thread does all of it */
export function startThreads(count: number, setup: ThreadSetup, geo: GeoLookup, entry: URL = ENTRY): readonly ReplayThread[] {
  if (count <= 1) return [new ThisThread(setup, geo)];
  const ports = Array.from({ length: count }, (): MessagePort[] => []);
  for (let a = 0; a < count; a += 1)
    for (let b = a + 1; b < count; b += 1) {
      const { port1, port2 } = new MessageChannel();
      ports[a]?.push(port1);
      ports[b]?.push(port2);
    }
  return ports.map((others) => new WorkerThread(entry, setup, others, geo));
}

/** Nearly all that an event leaves behind is garbage at once: 192 MB instead of 48 took 5 % off the time of a long replay. */
const YOUNG_MB = 192;

/** The reports of a thread, in their order, for whoever asks for the next one. */
class Inbox {
  readonly #reports: Report[] = [];
  #waiting: { resolve: (report: Report) => void; reject: (error: Error) => void } | undefined;
  #failure: Error | undefined;

  deliver(report: Report): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting.resolve(report);
    else this.#reports.push(report);
  }
  fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }
  next(): Promise<Report> {
    if (this.#failure) return Promise.reject(this.#failure);
    const report = this.#reports.shift();
    if (report) return Promise.resolve(report);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }
  async nextRead(): Promise<ReadReport> {
    const report = await this.next();
    if (report.kind !== 'read') throw new Error(`a thread reports "${report.kind}" where it was to read`);
    return report;
  }
  async nextScored(): Promise<ScoreReport> {
    const report = await this.next();
    if (report.kind !== 'scored') throw new Error(`a thread reports "${report.kind}" where it was to score`);
    return report;
  }
}

class ThisThread implements ReplayThread {
  readonly #inbox = new Inbox();
  readonly #work: ThreadWork;
  constructor(setup: ThreadSetup, geo: GeoLookup) {
    const report = (one: Report): void => {
      this.#inbox.deliver(one);
    };
    this.#work = new ThreadWork(setup, { others: 0, geo, report, tellOthers: () => undefined });
  }
  post(task: Task): void {
    this.#work.handle(task);
  }
  nextRead(): Promise<ReadReport> {
    return this.#inbox.nextRead();
  }
  nextScored(): Promise<ScoreReport> {
    return this.#inbox.nextScored();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

class WorkerThread implements ReplayThread {
  readonly #inbox = new Inbox();
  readonly #worker: Worker;
  constructor(entry: URL, setup: ThreadSetup, others: readonly MessagePort[], geo: GeoLookup) {
    this.#worker = new Worker(entry, {
      workerData: { setup, others },
      transferList: [...others],
      name: 'keyward-replay',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker.on('message', (report: Report) => {
      if (report.kind === 'where') this.post({ kind: 'places', places: report.addresses.map((ip) => [ip, geo.lookup(ip)]) });
      else this.#inbox.deliver(report);
    });
    this.#worker.on('error', (error) => {
      this.#inbox.fail(new Error('a thread of the replay failed', { cause: error }));
    });
    this.#worker.on('exit', (code) => {
      this.#inbox.fail(new Error(`a thread of the replay ended with code ${code}`));
    });
  }
  post(task: Task): void {
    this.#worker.postMessage(task, transferOf(task));
  }
  nextRead(): Promise<ReadReport> {
    return this.#inbox.nextRead();
  }
  nextScored(): Promise<ScoreReport> {
    return this.#inbox.nextScored();
  }
  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Memory of the task that is handed over rather than copied. */
const transferOf = (task: Task): Transferable[] =>
  task.kind === 'score' ? [task.events.buffer, task.eventAt.buffer, task.sequence.buffer] : [];
