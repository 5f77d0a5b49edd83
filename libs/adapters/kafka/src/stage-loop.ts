import {
  AppError,
  backoffMs,
  describeError,
  type Batch,
  type Consumed,
  type Logger,
  type Metrics,
  type Prepared,
  type StageRun,
} from '@keyward/runtime';
import { EventTimeMerge, partitionKey, type TopicPartition } from './event-time-merge.js';

/** What the loop asks of the bus it reads from. */
export interface Transport {
  /** @throws UnavailableError when it should be tried again */
  commit(consumed: readonly Consumed[]): Promise<void>;
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
}

const MAX_ITEMS = 10_000;
/** Going on without a partition changes the order of a backlog, and so its scores: a busy machine must not look like a broker that is away. */
const ALIGNMENT_WAIT_MS = 15_000;
const RETRY = { firstDelayMs: 200, maxDelayMs: 10_000 };
/** Held in advance of one partition: enough to merge by, little enough that twenty partitions fit into memory. */
const HIGH_BYTES = 8 * 1024 * 1024;
/** How often a commit that failed is tried again while nothing else happens. */
const COMMIT_AGAIN_MS = 1_000;
/** How long an ordered stop may take to save and commit. */
const STOP_MS = 20_000;
/** A stage that has handled something and then heard nothing for so long is asked to save, so that a quiet night leaves nothing uncommitted. */
const IDLE_CHECKPOINT_MS = 5_000;

/** Of one partition, since it was assigned: the offset after the last record handed to us, after all that was fetched, after what is committed. */
interface Reach {
  readonly delivered?: number;
  readonly fetched?: number;
  readonly committed?: number;
}

export interface LoopOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly transport: Transport;
  readonly idleCheckpointMs?: number;
}

/**
 * Drives one StageHandler: buffers what is fetched, merges it by event time, hands it on batch by batch, commits. One `handle` at a time.
 * The bus calls `assign`, `deliver`, `position` and `caughtUp`; the loop calls the handler and the transport.
 */
export class StageLoop<T> {
  readonly #run: StageRun<T>;
  readonly #logger: Logger;
  readonly #transport: Transport;
  readonly #merge = new EventTimeMerge<T>();
  readonly #maxItems: number;
  readonly #idleCheckpointMs: number;
  readonly #metrics: ReturnType<typeof readerMetrics>;
  readonly #paused = new Map<string, TopicPartition>();
  readonly #bytes = new Map<string, { bytes: number; items: number }>();
  readonly #toCommit = new Map<string, Consumed>();
  readonly #reach = new Map<string, Reach>();
  #assignment: readonly TopicPartition[] = [];
  #assignmentIsNew = false;
  #generation = 0;
  /** From the moment the group begins to share out anew until we know our part. */
  #rebalancing = true;
  /** No connection to commit over. */
  #lost = false;
  #busy = false;
  #failure: { readonly error: unknown } | undefined;
  #blockedSince: number | undefined;
  /** When something was handled that may not have been committed; undefined: nothing. */
  #unsavedSince: number | undefined;
  #wakers: (() => void)[] = [];

  constructor(run: StageRun<T>, { logger, metrics, transport, idleCheckpointMs }: LoopOptions) {
    this.#idleCheckpointMs = idleCheckpointMs ?? IDLE_CHECKPOINT_MS;
    this.#run = run;
    this.#logger = logger;
    this.#transport = transport;
    this.#maxItems = run.maxItems ?? MAX_ITEMS;
    this.#metrics = readerMetrics(metrics, run.group);
  }

  /** Whether the stage has something in hand. */
  get isBusy(): boolean {
    return this.#busy;
  }

  /** Our part of the partitions, read from their committed offsets. Whatever was held is dropped: it comes again. */
  assign(partitions: readonly TopicPartition[]): void {
    this.#generation += 1;
    this.#assignment = partitions;
    this.#assignmentIsNew = true;
    this.#rebalancing = false;
    this.#lost = false;
    this.#paused.clear();
    this.#bytes.clear();
    this.#toCommit.clear();
    this.#reach.clear();
    this.#unsavedSince = undefined;
    this.#merge.assign(partitions);
    this.#blockedSince = undefined;
    this.#wake();
  }

  /**
   * The group is about to share out anew: gives up a batch that waits for its next try, and resolves when none is in hand (or `limitMs` has
   * passed), so that nobody else gets our partitions while we are still writing.
   */
  async release(limitMs: number): Promise<void> {
    this.#rebalancing = true;
    this.#wake();
    const until = Date.now() + limitMs;
    while (this.#busy && Date.now() < until) await this.#awake(Math.max(1, until - Date.now()));
  }

  /** The bus is gone for the moment: nothing is begun or committed until there is a new share of the partitions. */
  lost(): void {
    this.#rebalancing = true;
    this.#lost = true;
    this.#wake();
  }

  /** Takes a fetched batch. @throws what `prepare` throws: a bug */
  deliver(batch: Batch): void {
    const items = this.#run.handler.prepare(batch);
    this.#merge.push(batch, items);
    const end = (batch.records.at(-1)?.offset ?? -1) + 1;
    this.#reach.set(partitionKey(batch), { ...this.#reach.get(partitionKey(batch)), delivered: end, fetched: end });
    this.#merge.setBehind(batch, end < batch.highWatermark);
    const bytes = batch.records.reduce((sum, record) => sum + record.value.length, 0);
    const known = this.#bytes.get(partitionKey(batch)) ?? { bytes: 0, items: 0 };
    this.#bytes.set(partitionKey(batch), { bytes: known.bytes + bytes, items: known.items + batch.records.length });
    if (this.#isFull(batch)) {
      this.#paused.set(partitionKey(batch), batch);
      this.#transport.pause(batch);
    }
    this.#wake();
  }

  /** How far a partition has been fetched, and where its end was then. */
  position(of: TopicPartition, nextOffset: number, highWatermark: number): void {
    // A partition that rests does not hear of what comes: whether it is behind is known after the next round.
    this.#merge.setBehind(of, nextOffset < highWatermark || this.#paused.has(partitionKey(of)));
    this.#reach.set(partitionKey(of), { ...this.#reach.get(partitionKey(of)), fetched: nextOffset });
    this.#skipMarkers(of);
    this.#wake();
  }

  /** The bus was asked for more of the partition and had nothing. */
  caughtUp(of: TopicPartition): void {
    this.#merge.setBehind(of, false);
    this.#wake();
  }

  /** The bus can't go on: `drive` rejects with the error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }

  /** Resolves after the ordered stop. @throws what `handle` threw when it was not retryable, or what `fail` was given */
  async drive(): Promise<void> {
    const onAbort = (): void => {
      this.#wake();
    };
    this.#run.signal.addEventListener('abort', onAbort);
    try {
      while (!this.#run.signal.aborted && !this.#failure) await this.#step();
      if (this.#failure) throw this.#failure.error;
      await this.#stop();
    } finally {
      this.#run.signal.removeEventListener('abort', onAbort);
      this.#wake();
    }
  }

  async #step(): Promise<void> {
    if (this.#rebalancing) return this.#awake(COMMIT_AGAIN_MS);
    if (this.#assignmentIsNew) {
      this.#assignmentIsNew = false;
      this.#run.handler.assigned(this.#assignment);
    }
    const items = this.#merge.take(this.#maxItems, this.#mayGoOnWithout());
    this.#metrics.buffered.set(this.#merge.size);
    this.#resumeDrained();
    if (items.length > 0) {
      this.#blockedSince = undefined;
      await this.#handle(items);
      return;
    }
    await this.#saveWhenIdle();
    await this.#commit();
    await this.#awake(
      this.#merge.size > 0 ? (this.#run.alignmentWaitMs ?? ALIGNMENT_WAIT_MS) : Math.min(COMMIT_AGAIN_MS, this.#idleCheckpointMs),
    );
  }

  /** True when partitions that are behind have kept the others waiting for long enough. */
  #mayGoOnWithout(): boolean {
    if (this.#merge.size === 0 || this.#merge.waitingFor().length === 0) {
      this.#blockedSince = undefined;
      return false;
    }
    this.#blockedSince ??= Date.now();
    if (Date.now() - this.#blockedSince < (this.#run.alignmentWaitMs ?? ALIGNMENT_WAIT_MS)) return false;
    this.#metrics.unaligned.inc();
    this.#logger.warn({ group: this.#run.group, waitingFor: this.#merge.waitingFor() }, 'goes on without partitions that do not answer');
    return true;
  }

  async #handle(items: readonly Prepared<T>[]): Promise<void> {
    const generation = this.#generation;
    this.#busy = true;
    try {
      const consumed = await this.#handleUntilDone(items, generation);
      if (consumed === undefined || generation !== this.#generation || this.#run.commits === 'handler') return;
      for (const one of consumed) this.#toCommit.set(partitionKey(one), one);
      await this.#commit();
    } finally {
      this.#busy = false;
      this.#wake();
    }
  }

  /** @returns undefined when it was given up: the same records come again to whoever reads the partition next */
  async #handleUntilDone(items: readonly Prepared<T>[], generation: number): Promise<readonly Consumed[] | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const consumed = await this.#run.handler.handle(items);
        this.#metrics.items.inc(items.length);
        this.#unsavedSince = Date.now();
        this.#metrics.retrying.set(0);
        return consumed;
      } catch (error) {
        if (!(error instanceof AppError) || error.disposition !== 'retry') {
          this.fail(error);
          return undefined;
        }
        const delayMs = Math.max(askedFor(error), backoffMs({ ...(this.#run.retry ?? RETRY), attempts: Infinity }, attempt));
        this.#metrics.retrying.set(1);
        this.#metrics.retries.inc();
        this.#logger.warn({ group: this.#run.group, attempt, delayMs, items: items.length }, `tries again: ${describeError(error)}`);
        const until = Date.now() + delayMs;
        while (Date.now() < until && !this.#givesUp(generation)) await this.#awake(until - Date.now());
        if (this.#givesUp(generation)) return undefined;
      }
    }
  }
  #givesUp(generation: number): boolean {
    return this.#run.signal.aborted || this.#rebalancing || generation !== this.#generation || this.#failure !== undefined;
  }

  /** A commit that fails is no harm: what was not committed is read again. It is tried again with the next one. */
  async #commit(): Promise<void> {
    if (this.#toCommit.size === 0 || this.#lost) return;
    const consumed = [...this.#toCommit.values()];
    try {
      await this.#transport.commit(consumed);
      for (const one of consumed) {
        if (this.#toCommit.get(partitionKey(one)) === one) this.#toCommit.delete(partitionKey(one));
        this.#reach.set(partitionKey(one), { ...this.#reach.get(partitionKey(one)), committed: one.nextOffset });
        this.#skipMarkers(one);
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#logger.warn({ group: this.#run.group }, `did not commit: ${describeError(error)}`);
    }
  }

  /**
   * What stands behind the last record of a transaction is its marker, which no handler sees. When all that was delivered is committed, the place
   * behind the marker is committed too: or a partition at rest would look as if something were still to be read.
   */
  #skipMarkers(of: TopicPartition): void {
    const { delivered = 0, committed = 0, fetched = 0 } = this.#reach.get(partitionKey(of)) ?? {};
    if (this.#run.commits === 'handler' || delivered > committed || fetched <= committed || this.#toCommit.has(partitionKey(of))) return;
    this.#toCommit.set(partitionKey(of), { topic: of.topic, partition: of.partition, nextOffset: fetched });
  }

  async #saveWhenIdle(): Promise<void> {
    if (this.#unsavedSince === undefined || Date.now() - this.#unsavedSince < this.#idleCheckpointMs) return;
    this.#busy = true;
    try {
      await this.#checkpoint();
    } finally {
      this.#busy = false;
      this.#wake();
    }
  }

  async #stop(): Promise<void> {
    if (this.#rebalancing) return;
    await this.#checkpoint();
    await this.#commit();
  }

  async #checkpoint(): Promise<void> {
    const generation = this.#generation;
    this.#unsavedSince = undefined;
    try {
      const saved = await within(STOP_MS, this.#run.handler.checkpoint());
      if (this.#run.commits === 'handler' || generation !== this.#generation) return;
      for (const one of saved ?? []) this.#toCommit.set(partitionKey(one), one);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#unsavedSince = Date.now();
      this.#logger.warn({ group: this.#run.group }, `no checkpoint; what is missing would be read again: ${describeError(error)}`);
    }
  }

  #isFull(of: TopicPartition): boolean {
    const held = this.#merge.heldOf(of);
    const known = this.#bytes.get(partitionKey(of));
    const bytesPerItem = known && known.items > 0 ? known.bytes / known.items : 0;
    return held > 2 * this.#maxItems || held * bytesPerItem > HIGH_BYTES;
  }
  #resumeDrained(): void {
    for (const [key, partition] of this.#paused) {
      if (this.#isFull(partition)) continue;
      this.#paused.delete(key);
      this.#bytes.delete(key);
      this.#transport.resume(partition);
    }
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }
  #awake(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakers.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

const askedFor = (error: AppError): number => (typeof error.context['retryAfterMs'] === 'number' ? error.context['retryAfterMs'] : 0);

/** @returns undefined when the time is over */
async function within<V>(ms: number, work: Promise<V>): Promise<V | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
    }, ms);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

const readerMetrics = (metrics: Metrics, group: string) => ({
  items: metrics.counter('keyward_reader_items_total', 'Records that a stage has handled', ['group']).labels(group),
  buffered: metrics.gauge('keyward_reader_buffered_items', 'Records fetched and not yet handled', ['group']).labels(group),
  retrying: metrics.gauge('keyward_reader_retrying', '1 while a batch waits for its next try', ['group']).labels(group),
  retries: metrics.counter('keyward_reader_retries_total', 'Batches that were handed to the stage again', ['group']).labels(group),
  unaligned: metrics
    .counter('keyward_reader_unaligned_total', 'Times a reader went on without a partition that is behind and gave nothing', ['group'])
    .labels(group),
});
