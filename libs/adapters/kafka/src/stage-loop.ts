import {
  AppError,
  backoffMs,
  describeError,
  type Batch,
  type Consumed,
  type Logger,
  type Mark,
  type Metrics,
  type Prepared,
  type StageRun,
} from '@keyward/runtime';
import { Commits, type CommitTo } from './commits.js';
import { partitionKey, type TopicPartition } from './event-time-merge.js';
import { AT_THE_BEGINNING, dayOf, type Intake, type Resume } from './intake.js';
import { MarkedIntake } from './marked-intake.js';
import { readerMetrics } from './reader-metrics.js';
import { TimeIntake } from './time-intake.js';

/** What the loop asks of the bus it reads from. */
export interface Transport extends CommitTo {
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
}

const MAX_ITEMS = 10_000;
/** Going on without a partition changes the order of a backlog, and so its scores: a busy machine must not look like a broker that is away. */
const ALIGNMENT_WAIT_MS = 15_000;
/** Where the order is restored, what is waited for has been read by another worker of ours, which may have to be replaced first. */
const MARKED_WAIT_MS = 60_000;
const RETRY = { firstDelayMs: 200, maxDelayMs: 3_000 };
/** How often it is looked whether what is waited for has been waited for long enough. */
const WAKE_MS = 1_000;
/** How often a commit that failed is tried again while nothing else happens. */
const COMMIT_AGAIN_MS = 1_000;
/** How long an ordered stop may take to save and commit. */
const STOP_MS = 20_000;
/** A stage that has handled something and then heard nothing for so long is asked to save, so that a quiet night leaves nothing uncommitted. */
const IDLE_CHECKPOINT_MS = 5_000;

export interface LoopOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly transport: Transport;
  readonly idleCheckpointMs?: number;
}

/**
 * Drives one StageHandler: buffers what is fetched, hands it on in order batch by batch, commits. One `handle` at a time.
 * The bus calls `assign`, `deliver`, `position` and `caughtUp`; the loop calls the handler and the transport.
 */
export class StageLoop<T> {
  readonly #run: StageRun<T>;
  readonly #logger: Logger;
  readonly #transport: Transport;
  readonly #intake: Intake<T>;
  readonly #waitMs: number;
  readonly #maxItems: number;
  readonly #idleCheckpointMs: number;
  readonly #metrics: ReturnType<typeof readerMetrics>;
  readonly #paused = new Map<string, TopicPartition>();
  readonly #commits: Commits;
  /** What the stage has announced last of each input. */
  readonly #announced = new Map<string, Mark>();
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
    this.#intake = run.inputs ? new MarkedIntake(run.handler, run.alignDays === true) : new TimeIntake(run.handler);
    this.#commits = new Commits(this.#intake, run.commits === 'handler');
    this.#waitMs = run.alignmentWaitMs ?? (run.inputs ? MARKED_WAIT_MS : ALIGNMENT_WAIT_MS);
  }

  /** Whether the stage has something in hand. */
  get isBusy(): boolean {
    return this.#busy;
  }

  /** Our part of the partitions, read from their committed offsets. Whatever was held is dropped: it comes again. */
  assign(partitions: readonly TopicPartition[], resume: Resume = AT_THE_BEGINNING): void {
    this.#generation += 1;
    this.#assignment = partitions;
    this.#assignmentIsNew = true;
    this.#rebalancing = false;
    this.#lost = false;
    // The bus keeps a pause over a new share: what we held is dropped, so nothing would ever resume it.
    for (const partition of this.#paused.values()) this.#transport.resume(partition);
    this.#paused.clear();
    this.#commits.clear();
    this.#announced.clear();
    this.#unsavedSince = undefined;
    this.#intake.assign(partitions, resume);
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
    this.#intake.deliver(batch);
    const end = (batch.records.at(-1)?.offset ?? -1) + 1;
    this.#commits.fetched(batch, end);
    this.#intake.setBehind(batch, end < batch.highWatermark);
    if (this.#intake.isFull(batch, this.#maxItems)) {
      this.#paused.set(partitionKey(batch), batch);
      this.#transport.pause(batch);
    }
    this.#wake();
  }

  /** How far a partition has been fetched, and where its end was then. */
  position(of: TopicPartition, nextOffset: number, highWatermark: number): void {
    // A partition that rests does not hear of what comes: whether it is behind is known after the next round.
    this.#intake.setBehind(of, nextOffset < highWatermark || this.#paused.has(partitionKey(of)));
    this.#intake.fetched(of, nextOffset);
    this.#commits.fetched(of, nextOffset);
    this.#wake();
  }

  /** The bus was asked for more of the partition and had nothing. */
  caughtUp(of: TopicPartition): void {
    this.#intake.setBehind(of, false);
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
    const items = this.#intake.take(this.#maxItems, this.#mayGoOnWithout());
    this.#metrics.buffered.set(this.#intake.size);
    this.#resumeDrained();
    const marks = this.#run.announces ? this.#news() : [];
    if (items.length > 0 || marks.length > 0) {
      if (items.length > 0) this.#blockedSince = undefined;
      await this.#handle(items, marks);
      return;
    }
    await this.#saveWhenIdle();
    this.#commits.addWhatRests(this.#assignment);
    await this.#commit();
    await this.#awake(this.#intake.size > 0 ? Math.min(this.#waitMs, WAKE_MS) : Math.min(COMMIT_AGAIN_MS, this.#idleCheckpointMs));
  }

  /** True when what is waited for has kept the others waiting for long enough. */
  #mayGoOnWithout(): boolean {
    if (this.#intake.size === 0 || this.#intake.waitingFor().length === 0) {
      this.#blockedSince = undefined;
      return false;
    }
    this.#blockedSince ??= Date.now();
    if (Date.now() - this.#blockedSince < this.#waitMs && !this.#intake.isStuck) return false;
    this.#metrics.unaligned.inc();
    this.#logger.warn({ group: this.#run.group, waitingFor: this.#intake.waitingFor() }, 'goes on without partitions that do not answer');
    return true;
  }

  /**
   * What has changed in how far our inputs are, everything taken being handled. While an input rests, its reach is nobody's concern but for the
   * day, which the snapshots of the others wait for.
   */
  #news(): readonly Mark[] {
    return this.#intake.marks().filter((mark) => {
      const told = this.#announced.get(mark.input);
      if (told?.behind !== mark.behind) return true;
      return mark.behind ? told.reach !== mark.reach : dayOf(told.reach) !== dayOf(mark.reach);
    });
  }

  async #handle(items: readonly Prepared<T>[], marks: readonly Mark[]): Promise<void> {
    const generation = this.#generation;
    this.#busy = true;
    this.#commits.handed(items);
    try {
      const consumed = await this.#handleUntilDone(items, marks, generation);
      if (consumed === undefined || generation !== this.#generation) return;
      this.#intake.handled(items);
      for (const mark of marks) this.#announced.set(mark.input, mark);
      this.#commits.add(consumed);
      await this.#commit();
    } finally {
      this.#busy = false;
      this.#wake();
    }
  }

  /** @returns undefined when it was given up: the same records come again to whoever reads the partition next */
  async #handleUntilDone(
    items: readonly Prepared<T>[],
    marks: readonly Mark[],
    generation: number,
  ): Promise<readonly Consumed[] | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const consumed = await this.#run.handler.handle(items, marks);
        this.#metrics.items.inc(items.length);
        if (items.length > 0) this.#unsavedSince = Date.now();
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
    if (this.#lost) return;
    try {
      await this.#commits.send(this.#transport);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#logger.warn({ group: this.#run.group }, `did not commit: ${describeError(error)}`);
    }
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
      if (generation === this.#generation) this.#commits.add(saved ?? []);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#unsavedSince = Date.now();
      this.#logger.warn({ group: this.#run.group }, `no checkpoint; what is missing would be read again: ${describeError(error)}`);
    }
  }

  #resumeDrained(): void {
    for (const [key, partition] of this.#paused) {
      if (this.#intake.isFull(partition, this.#maxItems)) continue;
      this.#paused.delete(key);
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
