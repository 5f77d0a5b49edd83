import type { ForeignGap, ForeignPosition, ForeignRead } from '@keyward/runtime';
import { partitionKey, type TopicPartition } from './event-time-merge.js';

/** Offsets that a partition has: the first one, and the one that the next record will get. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

type OnGap = (gap: ForeignGap) => void;

/** How far each partition of another cluster was read, and what it means when an answer begins somewhere else. */
export class ForeignPlaces {
  readonly #places = new Map<string, ForeignPosition>();

  /** Places of a topic's partitions at the start: where it was left, if the cluster still has it. */
  begin(
    topic: string,
    bounds: ReadonlyMap<number, Bounds>,
    { positions, from, onGap }: Pick<ForeignRead, 'positions' | 'from'> & { readonly onGap: OnGap },
  ): void {
    for (const [partition, { low, high }] of bounds) {
      const left = positions.find((one) => one.topic === topic && one.partition === partition)?.nextOffset;
      // A topic that was read before has only partitions that are new since: none of their records was seen by anybody.
      const isKnown = positions.some((one) => one.topic === topic);
      const first = from === 'latest' && !isKnown ? high : low;
      this.#set({ topic, partition }, left === undefined ? first : (this.#gapAt({ topic, partition }, left, { low, high }, onGap) ?? left));
    }
  }

  all(): readonly ForeignPosition[] {
    return [...this.#places.values()];
  }
  of(partition: TopicPartition): ForeignPosition | undefined {
    return this.#places.get(partitionKey(partition));
  }

  /** Whether an answer to a request for an offset is what comes next. One about a partition that is new is. */
  isAt(of: TopicPartition, asked: number): boolean {
    const place = this.of(of);
    if (!place) this.#set(of, asked);
    return (place?.nextOffset ?? asked) === asked;
  }

  /**
   * What an answer means that was asked for at another offset than the next: kafkajs goes on at the earliest record when an offset is gone.
   * @returns `here` when the batch is to be read, as far as it is not behind our place; `elsewhere` when reading must go back to it
   */
  find(of: TopicPartition, asked: number, bounds: Bounds, onGap: OnGap): 'here' | 'elsewhere' {
    const place = this.of(of)?.nextOffset ?? asked;
    // What is in hand was not lost, though it may be gone there by now.
    const moved = this.#gapAt(of, place, { ...bounds, low: Math.min(bounds.low, asked) }, onGap);
    if (moved !== undefined) this.#set(of, moved);
    return asked <= (moved ?? place) ? 'here' : 'elsewhere';
  }

  /** Everything before an offset was read. */
  passed(of: TopicPartition, nextOffset: number): void {
    const place = this.of(of)?.nextOffset ?? 0;
    this.#set(of, Math.max(place, nextOffset));
  }

  /** @returns where to go on when the cluster does not have a place any more */
  #gapAt({ topic, partition }: TopicPartition, place: number, { low, high }: Bounds, onGap: OnGap): number | undefined {
    if (place >= low && place <= high) return undefined;
    onGap({ topic, partition, kind: place < low ? 'expired' : 'recreated', from: place, to: low });
    return low;
  }

  #set({ topic, partition }: TopicPartition, nextOffset: number): void {
    this.#places.set(partitionKey({ topic, partition }), { topic, partition, nextOffset });
  }
}
