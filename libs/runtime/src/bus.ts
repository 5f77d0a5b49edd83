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

/**
 * Where a record stands among all records of the line, so that whoever reads it can restore the order whatever number of workers wrote it
 * (docs/adr/0022).
 */
export interface Order {
  /** The partition that the stage read to write this: `access.raw.okta/0`. */
  readonly input: string;
  /** Newest event time in that partition up to the record that led to this one, epoch ms: never goes back within an input. */
  readonly reach: number;
}

/** Told of an input: what is behind `reach` in order has been published; `behind`: there is more to come before the input rests. */
export interface Mark extends Order {
  readonly behind: boolean;
}

/** Marks for every partition of a topic, behind the records that were published before them. */
export interface Announcement {
  readonly topic: string;
  readonly marks: readonly Mark[];
}

export interface OutRecord {
  readonly topic: string;
  readonly key: string;
  readonly value: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly order?: Order | undefined;
  /** Default: what the key says. */
  readonly partition?: number;
}

/** How far a partition has been consumed: offset of the next record to read. */
export interface Consumed {
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: number;
  /** What a reader must know to go on from there in the same order; kept with the offset, written and read by the bus alone. */
  readonly note?: string;
}

/** @throws UnavailableError when the bus does not answer */
export interface Publisher {
  /** Resolves once the bus has all of them (acks=all). */
  publish(records: readonly OutRecord[], announcement?: Announcement): Promise<void>;
}

/** Publishes what a batch led to and marks the batch as consumed, both or neither (a Kafka transaction). */
export interface ExactlyOncePublisher {
  /**
   * Takes the transactional id, also back from another holder: ends what a former one left open, so that its records and offsets are settled before
   * anybody reads them.
   */
  open(): Promise<void>;
  publishConsumed(records: readonly OutRecord[], consumed: readonly Consumed[], announcement?: Announcement): Promise<void>;
}

/** An item that a stage made of one record, without I/O. */
export interface Prepared<T> {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Event time, epoch ms: what the reader aligns partitions by while it catches up. */
  readonly time: number;
  readonly value: T;
  /** Set by the reader. */
  readonly place?: Place;
}

/**
 * Place of an item in the order in which its partition is worked through: compare by `released`, then `reach`, `input`, `offset`. A pure function
 * of the partition's records, so the same after every restart.
 */
export interface Place extends Order {
  /** Offset of the record with which the item came to be in order: nothing that belongs before it can follow. Its own when it never had to wait. */
  readonly released: number;
  /** Its own offset. */
  readonly offset: number;
  /**
   * UTC day (whole days since 1970) that the partition had come to before the item was in order: what happened earlier comes late. Belongs to the
   * place, but takes no part in the order. Absent where nothing is put in order.
   */
  readonly day?: number;
}

/** @returns less than 0 when `a` comes before `b` */
export function comparePlaces(a: Place, b: Place): number {
  if (a.released !== b.released) return a.released - b.released;
  if (a.reach !== b.reach) return a.reach - b.reach;
  if (a.input !== b.input) return a.input < b.input ? -1 : 1;
  return a.offset - b.offset;
}

/** What is published of an item carries the item's own partition as its input. */
export const orderOf = ({ topic, partition, place }: Prepared<unknown>): Order | undefined =>
  place && { input: `${topic}/${partition}`, reach: place.reach };

/**
 * One stage of the line, as a reader drives it. The reader calls `prepare` for what it has fetched, puts the items in order (so that a backlog
 * of many partitions is worked through in the order in which things happened), and hands them to `handle`.
 * A throw of a retryable AppError: the same items again, after a pause. Any other throw ends the process.
 */
export interface StageHandler<T> {
  /** Before anything is read: settles what a former run left open. @throws UnavailableError when it should be tried again */
  open?(): Promise<void>;
  /** Pure: decodes or parses. Makes exactly one item a record. */
  prepare(batch: Batch): readonly Prepared<T>[];
  /**
   * Loads all it needs, computes purely, stores everything.
   * @param marks how far each input is once these items are handled, to be announced to the topic that the stage writes; only what has changed,
   *   and only to a stage that announces (`StageRun.announces`): then also without items
   * @returns how far each partition may be committed: up to the last item handed over, or not at all when it is missing
   */
  handle(items: readonly Prepared<T>[], marks?: readonly Mark[]): Promise<readonly Consumed[]>;
  /** The partitions this worker reads have changed: drop what belongs to others. Saved state is deterministic, so nothing is lost. */
  assigned(partitions: readonly { readonly topic: string; readonly partition: number }[]): void;
  /** Ordered stop: save and say how far may be committed. */
  checkpoint(): Promise<readonly Consumed[]>;
}
