import type { Environment, OutboundHttp } from '@keyward/outbound';
import { InvalidInputError, type ForeignTopics, type Logger, type Metrics } from '@keyward/runtime';
import type { z } from 'zod';

/**
 * Where a collector brings its records. What `put` has answered is in the bus for good; a collector goes on only then.
 */
export interface Intake {
  /**
   * Records to `access.raw.<source>`, one each, and the collector's new cursor: both or neither. One call at a time.
   *
   * A bus that is away is waited for in here, for as long as the collector runs: an answer that got lost is looked up, so that nothing is put twice.
   *
   * @param records as the vendor wrote them; none where only the cursor moves
   * @param cursor what the collector must know to go on behind these records; absent when it keeps none
   * @throws UnavailableError when the bus does not take them before the worker stops; ConflictError `collector.taken_over` when another worker runs
   *   this collector now. Either way `run` should end with it: the next run begins at the stored cursor
   */
  put(collector: string, source: string, records: readonly string[], cursor?: string): Promise<void>;
  /** Cursor of the last `put` of this collector that had one; undefined before the first. */
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
  /**
   * `one` (default): one worker of all that have it runs it, another goes on from its cursor when that one dies. `every`: each worker runs it, for
   * what waits at an address of the worker's own; such a collector keeps no cursor.
   */
  readonly runsOn?: 'one' | 'every';
  /**
   * Runs until aborted, and resolves then with everything settled: `put` goes on working for some seconds. What can be tried again it tries itself.
   * An UnavailableError or RateLimitedError starts it anew after a pause; any other throw is a bug or a configuration that can't work.
   */
  run(context: CollectorContext, signal: AbortSignal): Promise<void>;
}

/** What a collector gets from the edge when it is made. */
export interface CollectorParts {
  /** Checks addresses; reads answers of up to 64 MiB. */
  readonly http: OutboundHttp;
  /** Where secrets are looked up (`secretFrom`) by the name that a setting ending in `Env` gives. */
  readonly env: Environment;
  /** Reads topics of clusters that are not the line's own; absent where nothing can. */
  readonly foreignTopics?: ForeignTopics;
}

/** One kind of collector: a folder and a line in `registry.ts`. */
export interface CollectorKind {
  /** As the collectors file names it. */
  readonly kind: string;
  readonly settings: z.ZodType;
  /**
   * @param settings as the collectors file has them; parsed here
   * @throws InvalidInputError naming each setting that can't be used, or the secret that is not set
   */
  create(name: string, settings: unknown, parts: CollectorParts): Collector;
}

/** Keeps the type of the settings inside the folder. `settings` is a strict object. */
export function defineCollector<Settings>(kind: {
  readonly kind: string;
  readonly settings: z.ZodType<Settings>;
  create(name: string, settings: Settings, parts: CollectorParts): Collector;
}): CollectorKind {
  return {
    kind: kind.kind,
    settings: kind.settings,
    create: (name, settings, parts) => kind.create(name, parseSettings(kind.settings, settings), parts),
  };
}

function parseSettings<Settings>(schema: z.ZodType<Settings>, settings: unknown): Settings {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${['settings', ...path].join('.')}: ${message}`);
  throw new InvalidInputError('collector.bad_settings', problems.join('; '));
}
