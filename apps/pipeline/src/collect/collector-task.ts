import type { Collector, Intake } from '@keyward/adapter-collectors';
import { AppError, ConflictError, backoffMs, describeError, sleep, type Clock, type Logger, type Metrics } from '@keyward/runtime';

/** What a collector in hand may still put after it was told to stop. */
const GRACE_MS = 10_000;
/** A vendor that is away, or a worker that still holds the collector. */
const AGAIN = { attempts: Infinity, firstDelayMs: 1_000, maxDelayMs: 60_000 };
/** Something that only a change elsewhere will mend: a permission, a port that is taken. */
const MENDED_LATER = { attempts: Infinity, firstDelayMs: 15_000, maxDelayMs: 300_000 };
/** A run that went on for so long was a good one: what ends it begins a new count of failures. */
const GOOD_RUN_MS = 60_000;

export interface TaskDeps {
  readonly collector: Collector;
  /** @param signal aborts when the bus is not to be waited for any longer */
  readonly openIntake: (signal: AbortSignal) => Promise<Intake>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Told of a bug, which nothing may go on after. */
  readonly onBug: (error: unknown) => void;
}

/** Runs one collector until told to stop, again and again: it ends neither with the vendor's failures nor with those of the bus. */
export class CollectorTask {
  readonly #deps: TaskDeps;
  readonly #stopping = new AbortController();
  readonly #overdue = new AbortController();
  readonly #metrics;
  readonly #ended: Promise<void>;

  constructor(deps: TaskDeps) {
    this.#deps = deps;
    this.#metrics = {
      up: deps.metrics.gauge('keyward_collector_up', 'Whether the collector runs on this worker: 1, or 0 while it waits for its next try', [
        'collector',
      ]),
      failures: deps.metrics.counter('keyward_collector_failures_total', 'Runs of a collector that ended with an error', [
        'collector',
        'code',
      ]),
      records: deps.metrics.counter('keyward_collector_records_total', 'Records that a collector has brought to the bus', [
        'collector',
        'source',
      ]),
    };
    this.#ended = this.#loop();
  }

  /** Resolves when it has settled. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => {
      this.#overdue.abort(new Error('stopping'));
    }, GRACE_MS);
    this.#stopping.abort(new Error('stopping'));
    await this.#ended;
    clearTimeout(timer);
    this.#metrics.up.remove({ collector: this.#deps.collector.name });
  }

  async #loop(): Promise<void> {
    const { collector, clock, logger, onBug } = this.#deps;
    const { signal } = this.#stopping;
    const label = { collector: collector.name };
    let failures = 0;
    while (!this.#isStopping()) {
      const begun = clock.now();
      let pauseMs = AGAIN.firstDelayMs;
      try {
        await this.#run();
        if (!this.#isStopping()) logger.warn(label, 'the collector has ended by itself: it is started anew');
      } catch (error) {
        if (!(error instanceof AppError)) {
          this.#metrics.up.set(label, 0);
          logger.fatal(label, describeError(error));
          onBug(error);
          return;
        }
        failures = clock.now() - begun > GOOD_RUN_MS ? 1 : failures + 1;
        pauseMs = pauseAfter(error, failures);
        this.#tell(error, pauseMs);
      }
      this.#metrics.up.set(label, 0);
      await sleep(pauseMs, signal).catch(() => undefined);
    }
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    const { collector, openIntake, clock, logger, metrics } = this.#deps;
    const intake = await openIntake(this.#overdue.signal);
    if (this.#isStopping()) return;
    this.#metrics.up.set({ collector: collector.name }, 1);
    logger.info({ collector: collector.name, source: collector.source }, 'collecting');
    const counted: Intake = {
      cursor: (name) => intake.cursor(name),
      put: async (name, source, records, cursor) => {
        await intake.put(name, source, records, cursor);
        this.#metrics.records.inc({ collector: name, source }, records.length);
      },
    };
    await collector.run({ intake: counted, logger, metrics, now: () => clock.now() }, this.#stopping.signal);
  }

  #tell(error: AppError, pauseMs: number): void {
    const { collector, logger } = this.#deps;
    const context = { collector: collector.name, pauseMs };
    if (this.#isStopping()) {
      logger.warn(context, `stopped with something in hand, which is collected again: ${describeError(error)}`);
      return;
    }
    this.#metrics.failures.inc({ collector: collector.name, code: error.code });
    if (error.disposition === 'retry' || isTakenOver(error)) logger.warn(context, `the collector is tried again: ${describeError(error)}`);
    else logger.error(context, `the collector can't work: ${describeError(error)}`);
  }
}

const isTakenOver = (error: AppError): boolean => error instanceof ConflictError && error.code === 'collector.taken_over';

function pauseAfter(error: AppError, failures: number): number {
  const asked = typeof error.context['retryAfterMs'] === 'number' ? error.context['retryAfterMs'] : 0;
  const policy = error.disposition === 'retry' || isTakenOver(error) ? AGAIN : MENDED_LATER;
  return Math.max(asked, backoffMs(policy, failures));
}
