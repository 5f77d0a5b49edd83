/** One record as the bus keeps it. Offsets are numbers: exact up to 2^53. */
export interface BusRecord {
  readonly offset: number;
  readonly key: string | undefined;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Epoch ms, set by whoever produced it. */
  readonly timestamp: number;
}

/** Consecutive records of one partition, in order. */
export interface Batch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly BusRecord[];
  /** Offset that the next record of the partition will get, as known when this was fetched: tells whether the reader has caught up. */
  readonly highWatermark: number;
}

export interface OutRecord {
  readonly topic: string;
  readonly key: string;
  readonly value: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How far a partition has been consumed: offset of the next record to read. */
export interface Consumed {
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: number;
}

/** @throws UnavailableError when the bus does not answer */
export interface Publisher {
  /** Resolves once the bus has all of them (acks=all). */
  publish(records: readonly OutRecord[]): Promise<void>;
}

/** Publishes what a batch led to and marks the batch as consumed, both or neither (a Kafka transaction). */
export interface ExactlyOncePublisher {
  publishConsumed(records: readonly OutRecord[], consumed: readonly Consumed[]): Promise<void>;
}

/** An item that a stage made of one record, without I/O. */
export interface Prepared<T> {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Event time, epoch ms: what the reader aligns partitions by while it catches up. */
  readonly time: number;
  readonly value: T;
}

/**
 * One stage of the line, as a reader drives it. The reader calls `prepare` for each fetched batch, merges the partitions it holds by event
 * time (so that a backlog of many partitions is worked through in the order in which things happened), and hands the merged items to `handle`.
 * A throw of a retryable AppError: the same items again, after a pause. Any other throw ends the process.
 */
export interface StageHandler<T> {
  /** Pure: decodes or parses. Makes exactly one item a record. */
  prepare(batch: Batch): readonly Prepared<T>[];
  /**
   * Loads all it needs, computes purely, stores everything.
   * @returns how far each partition may be committed; a partition that is missing is not committed yet
   */
  handle(items: readonly Prepared<T>[]): Promise<readonly Consumed[]>;
  /** The partitions this worker reads have changed: drop what belongs to others. Saved state is deterministic, so nothing is lost. */
  assigned(partitions: readonly { readonly topic: string; readonly partition: number }[]): void;
  /** Ordered stop: save and say how far may be committed. */
  checkpoint(): Promise<readonly Consumed[]>;
}
