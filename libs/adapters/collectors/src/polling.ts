import { AppError, RateLimitedError, UnauthenticatedError, ForbiddenError, backoffMs, describeError, sleep } from '@keyward/runtime';
import { z } from 'zod';
import type { Collector, CollectorContext } from './collector.js';
import type { Feed, FeedReader, PollSession, PollSink } from './feed.js';
import { readCursor, type PollCursor } from './poll-cursor.js';
import { SliceReader } from './slice-reader.js';
import { TailReader } from './tail-reader.js';

/** Settings that all pollers have; the defaults are the vendor's. */
export const pollSettings = (defaults: { readonly pollSeconds: number; readonly lateMinutes: number }) => ({
  pollSeconds: z.number().min(0.2).max(3_600).default(defaults.pollSeconds).describe('Pause after the end of the log was reached'),
  lateMinutes: z.number().min(0.1).max(1_440).default(defaults.lateMinutes).describe('How late the vendor may show a record'),
  startHoursAgo: z.number().min(0).max(4_320).default(24).describe('Where the very first run begins'),
});
export interface PollSettings {
  readonly pollSeconds: number;
  readonly lateMinutes: number;
  readonly startHoursAgo: number;
}

export interface PollerOptions {
  readonly name: string;
  readonly source: string;
  readonly settings: PollSettings;
  readonly feeds: (session: PollSession) => readonly Feed[];
}

/** Time as a poller meets it: who brings another clock brings its pauses too. */
export interface PollContext extends CollectorContext {
  readonly sleep?: PollSession['sleep'];
}

/** Ids that one cursor keeps, all its lists together: 660 kB, below the megabyte that a broker takes by default. */
const MAX_SEEN = 60_000;
const RETRY = { attempts: Infinity, firstDelayMs: 1_000, maxDelayMs: 60_000 };
/** A refusal ends when somebody mends the configuration: no hurry, and no log full of it. */
const REFUSED = { attempts: Infinity, firstDelayMs: 5_000, maxDelayMs: 300_000 };
/** Pages that bring nothing new are not asked for at full speed, so that a vendor who goes in circles is not hammered. */
const NOTHING_NEW_MS = 50;

interface Task {
  readonly feed: string;
  readonly reader: FeedReader;
  dueAt: number;
  failures: number;
}

/**
 * Polls the lists of one vendor, one step at a time: the list that is due longest, one page or slice of it. Everything a restart needs is in the cursor that
 * goes with the records; what the vendor's side meets is tried again with growing pauses, for ever.
 */
export class Poller implements Collector {
  readonly name: string;
  readonly source: string;
  readonly #options: PollerOptions;

  constructor(options: PollerOptions) {
    this.name = options.name;
    this.source = options.source;
    this.#options = options;
  }

  async run(context: PollContext, signal: AbortSignal): Promise<void> {
    const pause = context.sleep ?? sleep;
    const session = await PollRun.open(this.#options, context, pause);
    while (!signal.aborted) {
      const waitMs = await session.step(signal);
      if (waitMs > 0 && !isAborted(signal)) await pause(waitMs, signal).catch(onlyWhenAborted(signal));
    }
  }
}
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
const onlyWhenAborted =
  (signal: AbortSignal) =>
  (error: unknown): void => {
    if (!signal.aborted) throw error;
  };

/** One run, from a stored cursor. */
class PollRun {
  readonly #options: PollerOptions;
  readonly #context: CollectorContext;
  readonly #start: number;
  readonly #tasks: readonly Task[];
  #fresh = 0;

  private constructor(options: PollerOptions, context: CollectorContext, cursor: PollCursor, pause: PollSession['sleep']) {
    this.#options = options;
    this.#context = context;
    this.#start = cursor.start;
    const feeds = options.feeds({
      now: context.now,
      sleep: pause,
      answered: (status) => {
        this.#requests().inc({ collector: options.name, status });
      },
    });
    const limits = { start: cursor.start, lateMs: options.settings.lateMinutes * 60_000, maxSeen: Math.floor(MAX_SEEN / feeds.length) };
    this.#tasks = feeds.map((feed) => {
      const stored = cursor.feeds[feed.id];
      const sink = this.#sink(feed.id);
      const reader =
        feed.kind === 'slices'
          ? new SliceReader(feed, sink, limits, stored?.kind === 'slices' ? stored : undefined)
          : new TailReader(feed, sink, limits, stored?.kind === 'tail' ? stored : undefined);
      return { feed: feed.id, reader, dueAt: 0, failures: 0 };
    });
  }

  /** The first run of all writes down where the history begins, so that a restart before the first record does not move it. */
  static async open(options: PollerOptions, context: CollectorContext, pause: PollSession['sleep']): Promise<PollRun> {
    const stored = await context.intake.cursor(options.name);
    const start = context.now() - options.settings.startHoursAgo * 3_600_000;
    const run = new PollRun(options, context, stored === undefined ? { version: 1, start, feeds: {} } : readCursor(stored), pause);
    if (stored === undefined) await context.intake.put(options.name, options.source, [], run.#cursor());
    return run;
  }

  /** @returns milliseconds until there is something to do; @throws what `Intake.put` throws, or a bug */
  async step(signal: AbortSignal): Promise<number> {
    const now = this.#context.now();
    const [task] = this.#tasks.toSorted((a, b) => a.dueAt - b.dueAt);
    if (!task) return 3_600_000;
    if (task.dueAt > now) return task.dueAt - now;
    this.#fresh = 0;
    try {
      const state = await task.reader.advance(signal);
      const pauseMs = state === 'caught_up' ? this.#options.settings.pollSeconds * 1_000 : this.#fresh === 0 ? NOTHING_NEW_MS : 0;
      task.dueAt = this.#context.now() + pauseMs;
      this.#succeeded(task);
    } catch (error) {
      if (error instanceof PutFailed) throw error.cause;
      if (signal.aborted) return 0;
      if (!(error instanceof AppError)) throw error;
      this.#failed(task, error);
    }
    return 0;
  }

  #sink(feed: string): PollSink {
    const { name, source } = this.#options;
    const labels = { collector: name, feed };
    return {
      now: this.#context.now,
      put: async (records) => {
        this.#fresh += records.length;
        const texts = records.map(({ text }) => text);
        await this.#context.intake.put(name, source, texts, this.#cursor()).catch((error: unknown) => {
          throw new PutFailed(error);
        });
        if (records.length === 0) return;
        this.#context.metrics
          .counter('keyward_poll_records_total', 'Records that pollers put', ['collector', 'feed'])
          .inc(labels, records.length);
        const newest = records.reduce((latest, { at }) => Math.max(latest, at), 0);
        const lagSeconds = Math.max(0, this.#context.now() - newest) / 1000;
        this.#context.metrics
          .gauge('keyward_poll_lag_seconds', 'Age of the newest record when it was put', ['collector', 'feed'])
          .set(labels, lagSeconds);
        this.#context.logger.info({ ...labels, records: records.length, lagSeconds }, 'polled');
      },
      windowCut: () => {
        this.#context.metrics
          .counter('keyward_poll_window_cut_total', 'Times that the window for late records had to be shortened', ['collector', 'feed'])
          .inc(labels);
      },
    };
  }

  #cursor(): string {
    const cursor: PollCursor = {
      version: 1,
      start: this.#start,
      feeds: Object.fromEntries(this.#tasks.map(({ feed, reader }) => [feed, reader.progress()])),
    };
    return JSON.stringify(cursor);
  }

  #succeeded(task: Task): void {
    const labels = { collector: this.#options.name, feed: task.feed };
    if (task.failures > 0) this.#context.logger.info({ ...labels, failures: task.failures }, 'polling works again');
    task.failures = 0;
    this.#failing().set(labels, 0);
    this.#context.metrics
      .gauge('keyward_poll_last_success_timestamp_seconds', 'When a list was last read without an error', ['collector', 'feed'])
      .set(labels, this.#context.now() / 1000);
  }

  #failed(task: Task, error: AppError): void {
    const labels = { collector: this.#options.name, feed: task.feed };
    task.failures += 1;
    const asked = typeof error.context['retryAfterMs'] === 'number' ? error.context['retryAfterMs'] : 0;
    const pauseMs = Math.max(asked, backoffMs(error.disposition === 'retry' ? RETRY : REFUSED, task.failures));
    task.dueAt = this.#context.now() + pauseMs;
    const refused = error instanceof UnauthenticatedError || error instanceof ForbiddenError;
    if (!(error instanceof RateLimitedError)) this.#failing().set(labels, refused ? 2 : 1);
    const line = { ...labels, code: error.code, failures: task.failures, pauseMs };
    // The first of a row, then one line for each doubling: a refusal that lasts for days fills no log.
    if (Number.isInteger(Math.log2(task.failures))) this.#context.logger.warn(line, `polling failed: ${describeError(error)}`);
    else this.#context.logger.debug(line, 'polling failed again');
  }

  #failing(): ReturnType<CollectorContext['metrics']['gauge']> {
    return this.#context.metrics.gauge(
      'keyward_poll_failing',
      '1 while a list can not be read, 2 while the vendor refuses our credentials',
      ['collector', 'feed'],
    );
  }
  #requests(): ReturnType<CollectorContext['metrics']['counter']> {
    return this.#context.metrics.counter('keyward_poll_requests_total', "Requests to vendors' log interfaces", ['collector', 'status']);
  }
}

/** Told apart from what the vendor's side throws: it ends the run. */
class PutFailed extends Error {
  constructor(cause: unknown) {
    super('the bus did not take the records', { cause });
  }
}
