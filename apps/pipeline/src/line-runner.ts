import { describeError, type Logger, type MessageBus, type StageHandler } from '@keyward/runtime';
import type { Role, WorkerRole } from './config.js';
import { LINE } from './line.js';

export interface LineRunnerDeps {
  readonly bus: MessageBus;
  readonly logger: Logger;
  readonly roles: readonly WorkerRole[];
  readonly stages: Readonly<Record<Role, StageHandler<never>>>;
  readonly signal: AbortSignal;
}

/** Runs the stages of this worker's roles until it is stopped. */
export class LineRunner {
  readonly #deps: LineRunnerDeps;
  #running: Promise<void> = Promise.resolve();
  /** Stages that are reading now. */
  readonly active = new Set<Role>();

  constructor(deps: LineRunnerDeps) {
    this.#deps = deps;
  }

  /** @param onFailure called once when a stage ends by itself: a bug, after which nothing may go on */
  start(onFailure: (error: unknown) => void): void {
    const { bus, logger, roles, stages, signal } = this.#deps;
    const runs = LINE.filter(({ role }) => roles.includes(role)).map(async ({ role, group, reads, commits, ...order }) => {
      this.active.add(role);
      logger.info({ role, group, topics: reads.length }, 'reading');
      try {
        await bus.runStage({ ...order, group, topics: reads, handler: stages[role], signal, commits });
      } catch (error) {
        // Stopped while it waited for its store: nothing of the batch was committed, and it comes again.
        if (signal.aborted && error === signal.reason) {
          logger.warn({ role }, 'stopped with a batch in hand, which will be read again');
          return;
        }
        logger.fatal({ role }, describeError(error));
        onFailure(error);
      } finally {
        this.active.delete(role);
      }
    });
    this.#running = Promise.all(runs).then(() => undefined);
  }

  /** Resolves when every stage has stopped in order; the signal must have been aborted. */
  stopped(): Promise<void> {
    return this.#running;
  }
}
