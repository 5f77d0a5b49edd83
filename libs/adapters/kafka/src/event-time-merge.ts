import type { Prepared } from '@keyward/runtime';

const DAY_MS = 86_400_000;
const dayOf = (time: number): number => Math.floor(time / DAY_MS);

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export const partitionKey = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** One partition's items that wait to be released; `next` is the head, so that taking from the front costs nothing. */
interface Held<T> extends TopicPartition {
  items: Prepared<T>[];
  next: number;
  /** More is known to be on the bus: its empty buffer holds the others back. */
  behind: boolean;
}

/**
 * Merges partitions by event time: always the partition whose head is the oldest goes next (then by topic and partition). Within a partition
 * the order is that of its offsets, whatever the times say. A partition that is behind and has nothing here holds the others back, since
 * what comes from it may be older; one that has caught up does not.
 *
 * It remembers nothing but the heads, so a reader that starts again at the offsets a run had reached goes on exactly as that run would have.
 */
export class EventTimeMerge<T> {
  #held: Held<T>[] = [];
  #byKey = new Map<string, Held<T>>();

  /** Starts anew: everything held is dropped, every partition counts as behind until told otherwise. */
  assign(partitions: readonly TopicPartition[]): void {
    this.#held = [...partitions]
      .sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition))
      .map(({ topic, partition }) => ({ topic, partition, items: [], next: 0, behind: true }));
    this.#byKey = new Map(this.#held.map((held) => [partitionKey(held), held]));
  }

  /**
   * Adds what was fetched next. Items of a partition that is not assigned are dropped. Offsets that go back mean that the partition is
   * read again from there: what was held of it is dropped.
   */
  push(from: TopicPartition, items: readonly Prepared<T>[]): void {
    const held = this.#byKey.get(partitionKey(from));
    const first = items[0];
    if (!held || !first) return;
    const last = held.items.at(-1);
    if (last && first.offset <= last.offset) {
      held.items = [];
      held.next = 0;
    }
    if (held.next > 0 && held.next * 2 >= held.items.length) {
      held.items = held.items.slice(held.next);
      held.next = 0;
    }
    for (const item of items) held.items.push(item);
  }

  setBehind(of: TopicPartition, behind: boolean): void {
    const held = this.#byKey.get(partitionKey(of));
    if (held) held.behind = behind;
  }

  /** Whether anything of it is still to come, from here or from the bus. */
  isBehind(of: TopicPartition): boolean {
    const held = this.#byKey.get(partitionKey(of));
    return held !== undefined && (held.behind || held.next < held.items.length);
  }

  /** Items held of one partition. */
  heldOf(of: TopicPartition): number {
    const held = this.#byKey.get(partitionKey(of));
    return held ? held.items.length - held.next : 0;
  }

  get size(): number {
    return this.#held.reduce((sum, held) => sum + held.items.length - held.next, 0);
  }

  /** Partitions that hold the others back. */
  waitingFor(): readonly TopicPartition[] {
    return this.#held.filter((held) => held.behind && held.next >= held.items.length);
  }

  /**
   * Never begins a new UTC day in the middle: what one batch leads to is visible to the next stage as a whole, so a stage that meets a day's first
   * item can already read all that came before that day.
   *
   * @param max most items to release
   * @param force goes on without the partitions that are waited for
   * @returns items in event-time order; none when all is released or a partition that is behind has nothing here
   */
  take(max: number, force = false): Prepared<T>[] {
    const taken: Prepared<T>[] = [];
    const [oldest] = this.#oldestTwo();
    const day = dayOf((oldest && headTime(oldest)) ?? 0);
    while (taken.length < max && (force || this.waitingFor().length === 0)) {
      const [first, second] = this.#oldestTwo();
      if (!first || dayOf(headTime(first) ?? 0) > day) break;
      this.#takeRun(first, second, { max, day }, taken);
    }
    return taken;
  }

  /** The partition with the oldest head, and the one that comes after it; `#held` is in order of topic and partition, so ties need no look. */
  #oldestTwo(): [Held<T> | undefined, Held<T> | undefined] {
    let first: Held<T> | undefined;
    let second: Held<T> | undefined;
    for (const held of this.#held) {
      const time = headTime(held);
      if (time === undefined) continue;
      if (first === undefined || time < (headTime(first) ?? Infinity)) {
        second = first;
        first = held;
      } else if (second === undefined || time < (headTime(second) ?? Infinity)) {
        second = held;
      }
    }
    return [first, second];
  }

  /** Takes from `first` as long as it stays ahead of `second`, and within the day. */
  #takeRun(
    first: Held<T>,
    second: Held<T> | undefined,
    { max, day }: { readonly max: number; readonly day: number },
    taken: Prepared<T>[],
  ): void {
    const limit = second === undefined ? Infinity : (headTime(second) ?? Infinity);
    const winsTies = second === undefined || this.#held.indexOf(first) < this.#held.indexOf(second);
    for (let item = first.items[first.next]; item && taken.length < max; item = first.items[first.next]) {
      if (item.time > limit || (item.time === limit && !winsTies) || dayOf(item.time) > day) return;
      taken.push(item);
      first.next += 1;
    }
  }
}

const headTime = <T>(held: Held<T>): number | undefined => held.items[held.next]?.time;
