import type { Batch, Consumed, Mark, Prepared } from '@keyward/runtime';
import type { TopicPartition } from './event-time-merge.js';

/** Where a reader begins: the notes committed with the offsets, by partition, and the inputs that the records speak of. */
export interface Resume {
  readonly notes: ReadonlyMap<string, string>;
  readonly inputs: readonly string[];
}
export const AT_THE_BEGINNING: Resume = { notes: new Map(), inputs: [] };

/** What stands between the bus and a stage: holds what was fetched, and says what may be handled next. */
export interface Intake<T> {
  /** Starts anew with these partitions: everything held is dropped, every partition counts as behind until told otherwise. */
  assign(partitions: readonly TopicPartition[], resume: Resume): void;
  deliver(batch: Batch): void;
  /** Whether the bus has more of the partition than was delivered. */
  setBehind(of: TopicPartition, behind: boolean): void;
  /** Everything before this offset was fetched; the last of it may have been markers of the broker, which are no records. */
  fetched(of: TopicPartition, nextOffset: number): void;
  /** @param force goes on without what is waited for */
  take(max: number, force: boolean): readonly Prepared<T>[];
  /** These were taken, and the stage is done with them: until then they stand in the way of a commit. */
  handled(items: readonly Prepared<T>[]): void;
  /** Records held, of all partitions. */
  readonly size: number;
  holds(of: TopicPartition): boolean;
  /** Whether so much of it is held that no more should come for now. */
  isFull(of: TopicPartition, maxItems: number): boolean;
  /** Partitions that hold the others back. */
  waitingFor(): readonly string[];
  /** What is waited for can't come, since there is no more room to wait. */
  readonly isStuck: boolean;
  /** How far each partition is once everything that was taken is handled. */
  marks(): readonly Mark[];
  /** Where to commit when the stage says that all it has handled of the partition may be. */
  commitOf(handled: Consumed): Consumed;
}

const DAY_MS = 86_400_000;
export const dayOf = (time: number): number => Math.floor(time / DAY_MS);
