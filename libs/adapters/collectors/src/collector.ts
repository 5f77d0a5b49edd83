import type { Logger, Metrics } from '@keyward/runtime';

/**
 * Where a collector brings its records. What `put` has answered is in the bus for good; a collector goes on only then.
 */
export interface Intake {
  /**
   * Records to `access.raw.<source>`, one each, and the collector's new cursor: both or neither.
   *
   * @param records as the vendor wrote them
   * @param cursor what the collector must know to go on behind these records; absent when it keeps none
   * @throws UnavailableError when the bus does not take them: the same call again
   */
  put(collector: string, source: string, records: readonly string[], cursor?: string): Promise<void>;
  /** Cursor of the last `put` of this collector; undefined before the first. */
  cursor(collector: string): Promise<string | undefined>;
}

export interface CollectorContext {
  readonly intake: Intake;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Epoch ms. */
  readonly now: () => number;
}

/** A way in that runs beside the line: a poller, a listener, a followed file. */
export interface Collector {
  /** Unique in the configuration; its cursor is stored under it. */
  readonly name: string;
  /** Source whose topic its records go to. */
  readonly source: string;
  /** Runs until aborted, and resolves then with everything settled. What can be tried again it tries itself; a throw is a bug or a configuration that can't work. */
  run(context: CollectorContext, signal: AbortSignal): Promise<void>;
}
