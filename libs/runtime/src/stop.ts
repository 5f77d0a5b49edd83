import { describeError } from './errors.js';
import type { Logger } from './logger.js';

/** Ends a process in order: what was started last is stopped first; each step gets its time, and none hides the next. */
export class OrderedStop {
  readonly #steps: { readonly name: string; readonly stop: () => Promise<void> }[] = [];
  readonly #logger: Logger;
  #stopping: Promise<void> | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }
  add(name: string, stop: () => Promise<void>): void {
    this.#steps.push({ name, stop });
  }
  /** Safe to call twice: the second call waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#run();
    return this.#stopping;
  }
  async #run(): Promise<void> {
    for (const step of this.#steps.toReversed()) {
      try {
        await step.stop();
      } catch (error) {
        this.#logger.warn({ step: step.name }, `did not stop cleanly: ${describeError(error)}`);
      }
    }
  }
}
