import type { ExactlyOncePublisher, Publisher, StageHandler } from './bus.js';
import type { RetryPolicy } from './retry.js';

export interface TopicSpec {
  readonly name: string;
  /** Default: what the bus is configured with. A topic that exists keeps what it has. */
  readonly partitions?: number;
  /** The broker's own settings of a topic, e.g. `retention.ms`. */
  readonly config?: Readonly<Record<string, string>>;
}

/** One stage as a reader runs it. */
export interface StageRun<T> {
  /** Consumer group: readers of one group share the partitions. */
  readonly group: string;
  readonly topics: readonly string[];
  readonly handler: StageHandler<T>;
  /**
   * Topics whose partitions are the inputs that this run's records and marks speak of: the run then restores their order (docs/adr/0022). Absent:
   * the partitions are merged by event time as they come.
   */
  readonly inputs?: readonly string[];
  /** The stage publishes marks: it is told of every change in how far its inputs are. */
  readonly announces?: boolean;
  /** No item of a UTC day is handed over while a partition may still bring items of an earlier one. */
  readonly alignDays?: boolean;
  /** Ordered stop: the batch in hand is finished, `checkpoint` is called, offsets are committed. */
  readonly signal: AbortSignal;
  /** `reader` (default) commits what `handle` returns; `handler`: it has done so itself through an ExactlyOncePublisher of the group. */
  readonly commits?: 'reader' | 'handler';
  /** Most items of one `handle`. Default 10 000. */
  readonly maxItems?: number;
  /** How long the order may be waited for while nothing comes. Default 15 000, and 60 000 with `inputs`. */
  readonly alignmentWaitMs?: number;
  /** Pauses after a retryable throw; `attempts` does not count: it is tried for ever. */
  readonly retry?: Omit<RetryPolicy, 'attempts'>;
}

/** The bus as the apps wire it: Kafka, or an in-process log with the same semantics. */
export interface MessageBus {
  /** What it is, for people: `Apache Kafka at 127.0.0.1:9092`. */
  readonly description: string;
  /** Makes the topics that are missing. @throws UnavailableError */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  /** One publisher may be shared by all of a process. */
  publisher(): Publisher;
  /**
   * @param options.transactionalId unique among the live workers, the same after a restart: a new holder fences the old one
   * @param options.group whose offsets it commits
   */
  exactlyOncePublisher(options: { readonly transactionalId: string; readonly group: string }): ExactlyOncePublisher;
  /**
   * Reads until the signal aborts, then stops in order and resolves.
   * @throws what `handle` threw when it was not retryable: a bug; the process should end
   */
  runStage<T>(run: StageRun<T>): Promise<void>;
  /** Records between what the group has committed and the end, by topic. @throws UnavailableError */
  lagOf(group: string, topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Offset that the next record of each partition will get, by topic; a topic that does not exist is missing. @throws UnavailableError */
  endOffsets(topics: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>>;
  close(): Promise<void>;
}
