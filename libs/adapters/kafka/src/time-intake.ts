import type { Batch, Consumed, Mark, Prepared, StageHandler } from '@keyward/runtime';
import { EventTimeMerge, partitionKey, type TopicPartition } from './event-time-merge.js';
import type { Intake, Resume } from './intake.js';

/** Held in advance of one partition: enough to merge by, little enough that twenty partitions fit into memory. */
const HIGH_BYTES = 8 * 1024 * 1024;

interface Reach {
  /** Newest event time that was delivered, and that was handed over. */
  delivered: number;
  handed: number;
  bytesPerItem: number;
}

/**
 * Merges partitions by event time as they come: for topics that others write. Gives each item its place, which is where the order of the line
 * begins: within a partition that of the offsets, between partitions that of the newest event time so far.
 */
export class TimeIntake<T> implements Intake<T> {
  readonly #handler: StageHandler<T>;
  readonly #merge = new EventTimeMerge<T>();
  #reaches = new Map<string, Reach>();
  #partitions: readonly TopicPartition[] = [];

  constructor(handler: StageHandler<T>) {
    this.#handler = handler;
  }

  assign(partitions: readonly TopicPartition[], { notes }: Resume): void {
    this.#partitions = partitions;
    this.#merge.assign(partitions);
    this.#reaches = new Map(
      partitions.map((of) => {
        const reach = Number(notes.get(partitionKey(of)) ?? 0) || 0;
        return [partitionKey(of), { delivered: reach, handed: reach, bytesPerItem: 0 }];
      }),
    );
  }

  deliver(batch: Batch): void {
    const input = partitionKey(batch);
    const reach = this.#reaches.get(input);
    if (!reach) return;
    const items = this.#handler.prepare(batch).map((item): Prepared<T> => {
      reach.delivered = Math.max(reach.delivered, item.time);
      return { ...item, place: { released: item.offset, reach: reach.delivered, input, offset: item.offset } };
    });
    const bytes = batch.records.reduce((sum, record) => sum + record.value.length, 0);
    reach.bytesPerItem = Math.max(reach.bytesPerItem, bytes / Math.max(1, items.length));
    this.#merge.push(batch, items);
  }

  setBehind(of: TopicPartition, behind: boolean): void {
    this.#merge.setBehind(of, behind);
  }
  fetched(): void {
    // Nothing is waited for by offset.
  }

  take(max: number, force: boolean): readonly Prepared<T>[] {
    const items = this.#merge.take(max, force);
    for (const item of items) {
      const reach = this.#reaches.get(partitionKey(item));
      if (reach && item.place) reach.handed = item.place.reach;
    }
    return items;
  }

  handled(): void {
    // The stage's own word on how far it is counts: offsets are in order.
  }

  get size(): number {
    return this.#merge.size;
  }
  holds(of: TopicPartition): boolean {
    return this.#merge.heldOf(of) > 0;
  }
  isFull(of: TopicPartition, maxItems: number): boolean {
    const items = this.#merge.heldOf(of);
    return items > 2 * maxItems || items * (this.#reaches.get(partitionKey(of))?.bytesPerItem ?? 0) > HIGH_BYTES;
  }
  readonly isStuck = false;
  waitingFor(): readonly string[] {
    return this.#merge.waitingFor().map(partitionKey);
  }
  marks(): readonly Mark[] {
    return this.#partitions.map((of) => ({
      input: partitionKey(of),
      reach: this.#reaches.get(partitionKey(of))?.handed ?? 0,
      behind: this.#merge.isBehind(of),
    }));
  }
  commitOf(handled: Consumed): Consumed {
    const reach = this.#reaches.get(partitionKey(handled))?.handed ?? 0;
    return { ...handled, note: String(reach) };
  }
}
