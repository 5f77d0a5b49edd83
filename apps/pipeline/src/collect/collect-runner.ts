import { CURSORS, CursorIntake, CursorLog, PlainIntake, partitionOf, publisherOf, type Collector } from '@keyward/adapter-collectors';
import {
  CURSORS_TOPIC,
  ConflictError,
  describeError,
  retry,
  type Clock,
  type ExactlyOncePublisher,
  type Logger,
  type MessageBus,
  type Metrics,
} from '@keyward/runtime';
import { CollectorTask } from './collector-task.js';
import type { ConfiguredCollector } from './collectors-file.js';

export interface CollectRunnerDeps {
  readonly bus: MessageBus;
  readonly collectors: readonly ConfiguredCollector[];
  /** Name of this worker. */
  readonly instance: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * The role `collect`: runs the collectors of this worker's share. Workers share them out as the partitions of `access.cursors`, by the names of the
 * collectors; those that the file gives to this worker, and listeners, it runs for itself (docs/adr/0031).
 */
export class CollectRunner {
  readonly #deps: CollectRunnerDeps;
  readonly #shares: Share[] = [];
  readonly #own: CollectorTask[] = [];
  readonly #reading = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  constructor(deps: CollectRunnerDeps) {
    this.#deps = deps;
  }

  /**
   * @param onFailure called when it ends by itself: a bug
   * @throws ConflictError `collectors.cursors_topic` when the topic is not one that cursors can be kept in; UnavailableError
   */
  async start(onFailure: (error: unknown) => void): Promise<void> {
    const { bus, collectors, instance, clock } = this.#deps;
    const here = collectors.filter(({ worker }) => worker === undefined || worker === instance);
    if (here.length === 0) return;
    await refuseSmallTopic(bus);
    for (const { collector } of here.filter((one) => isOfEach(one))) {
      const publisher = publisherOf(bus, collector.name, instance);
      const openIntake = (signal: AbortSignal): Promise<PlainIntake> =>
        Promise.resolve(new PlainIntake({ ...this.#deps, collector: collector.name, publisher, signal }, clock.now()));
      this.#own.push(new CollectorTask({ ...this.#deps, collector, openIntake, onBug: onFailure }));
    }
    const shared = here.filter((one) => !isOfEach(one));
    const groups = [
      { group: 'keyward-collect', members: shared.filter(({ worker }) => worker === undefined) },
      { group: `keyward-collect-on-${instance}`, members: shared.filter(({ worker }) => worker !== undefined) },
    ].filter(({ members }) => members.length > 0);
    const runs = groups.map(async ({ group, members }) => {
      const share = new Share(this.#deps, members.map(({ collector }) => collector), onFailure); // prettier-ignore
      this.#shares.push(share);
      try {
        await bus.runStage({
          ...{ group, topics: [CURSORS_TOPIC], handler: share.log, commits: 'handler', signal: this.#reading.signal },
          alignmentWaitMs: 500,
        });
      } catch (error) {
        this.#deps.logger.fatal({ group }, describeError(error));
        onFailure(error);
      }
    });
    this.#ended = Promise.all(runs).then(() => undefined);
  }

  /** Each collector settles what it has in hand, then reading ends. */
  async stop(): Promise<void> {
    await Promise.all([...this.#own, ...this.#shares].map((one) => one.stop()));
    this.#reading.abort(new Error('stopping'));
    await this.#ended;
  }
}

/** The collectors that this worker shares with others: it runs those whose partition it has. */
class Share {
  readonly log: CursorLog;
  readonly #deps: CollectRunnerDeps;
  readonly #collectors: readonly Collector[];
  readonly #onBug: (error: unknown) => void;
  readonly #tasks = new Map<string, CollectorTask>();
  readonly #publishers = new Map<string, ExactlyOncePublisher>();
  readonly #leaving = new Map<string, Promise<void>>();
  #mine: ReadonlySet<number> = new Set();
  #isStopped = false;

  constructor(deps: CollectRunnerDeps, collectors: readonly Collector[], onBug: (error: unknown) => void) {
    this.#deps = deps;
    this.#collectors = collectors;
    this.#onBug = onBug;
    this.log = new CursorLog((partitions) => {
      this.#assigned(partitions);
    });
  }

  #assigned(partitions: ReadonlySet<number>): void {
    this.#mine = partitions;
    for (const collector of this.#collectors) {
      if (partitions.has(partitionOf(collector.name))) this.#begin(collector);
      else this.#leave(collector.name);
    }
  }

  #begin(collector: Collector): void {
    const { name } = collector;
    // Still settling from when it was ours before: begun when that is over, if it is still ours then.
    if (this.#isStopped || this.#tasks.has(name) || this.#leaving.has(name)) return;
    const publisher = this.#publishers.get(name) ?? publisherOf(this.#deps.bus, name);
    this.#publishers.set(name, publisher);
    const openIntake = (signal: AbortSignal): Promise<CursorIntake> =>
      CursorIntake.open({ ...this.#deps, collector: name, publisher, signal, log: this.log });
    this.#tasks.set(name, new CollectorTask({ ...this.#deps, collector, openIntake, onBug: this.#onBug }));
  }

  #leave(name: string): void {
    const task = this.#tasks.get(name);
    if (!task) return;
    this.#tasks.delete(name);
    this.#deps.logger.info({ collector: name }, 'another worker collects from here on');
    const left = task.stop().then(() => {
      this.#leaving.delete(name);
      const collector = this.#collectors.find((one) => one.name === name);
      if (collector && this.#mine.has(partitionOf(name))) this.#begin(collector);
    });
    this.#leaving.set(name, left);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...[...this.#tasks.values()].map((task) => task.stop()), ...this.#leaving.values()]);
  }
}

const isOfEach = ({ collector }: ConfiguredCollector): boolean => collector.runsOn === 'every';

/** A broker that has just started, or made the topic just now, needs a moment. */
const START_RETRY = { attempts: 20, firstDelayMs: 250, maxDelayMs: 2_000 };

/** Somebody else may have made the topic before us. */
async function refuseSmallTopic(bus: MessageBus): Promise<void> {
  const partitions = (await retry(() => bus.endOffsets([CURSORS_TOPIC]), { policy: START_RETRY })).get(CURSORS_TOPIC)?.size ?? 0;
  if (partitions >= (CURSORS.partitions ?? 1)) return;
  throw new ConflictError(
    'collectors.cursors_topic',
    `The topic ${CURSORS_TOPIC} has ${partitions} partitions; cursors are looked for in ${CURSORS.partitions ?? 1}. Delete it, and the next start makes it.`,
  );
}
