import type { Batch, BusRecord, Consumed, Mark, Prepared, StageHandler } from '@keyward/runtime';
import { partitionKey, type TopicPartition } from './event-time-merge.js';
import { dayOf, type Intake, type Resume } from './intake.js';
import { OrderedPartition, type Released } from './ordered-partition.js';

/** Held of one partition while its order is not known yet: what one worker may be ahead of another. */
const WAITING_BYTES = 64 * 1024 * 1024;

interface Lane<T> extends TopicPartition {
  readonly order: OrderedPartition;
  /** In order, not yet taken; `next` is the head. */
  queue: Prepared<T>[];
  next: number;
}

/** Restores the order of a topic that a stage of ours wrote, from the marks in it; see OrderedPartition. */
export class MarkedIntake<T> implements Intake<T> {
  readonly #handler: StageHandler<T>;
  readonly #alignDays: boolean;
  #lanes = new Map<string, Lane<T>>();

  /** @param alignDays hands nothing of a day over while another partition may still bring something of an earlier one */
  constructor(handler: StageHandler<T>, alignDays: boolean) {
    this.#handler = handler;
    this.#alignDays = alignDays;
  }

  assign(partitions: readonly TopicPartition[], { notes, inputs }: Resume): void {
    this.#lanes = new Map(
      [...partitions]
        .sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition))
        .map(({ topic, partition }) => {
          const order = new OrderedPartition(inputs, notes.get(partitionKey({ topic, partition })));
          return [partitionKey({ topic, partition }), { topic, partition, order, queue: [], next: 0 }];
        }),
    );
  }

  deliver(batch: Batch): void {
    const lane = this.#lanes.get(partitionKey(batch));
    if (!lane) return;
    this.#queue(
      lane,
      batch.records.flatMap((record) => lane.order.read(record)),
    );
  }

  setBehind(): void {
    // What is waited for is told by marks.
  }
  fetched(of: TopicPartition, nextOffset: number): void {
    this.#lanes.get(partitionKey(of))?.order.skippedTo(nextOffset);
  }

  take(max: number, force: boolean): readonly Prepared<T>[] {
    if (force) for (const lane of this.#lanes.values()) this.#queue(lane, lane.order.force());
    const day = this.#openDay(force);
    const taken: Prepared<T>[] = [];
    while (taken.length < max) {
      const lane = this.#oldest();
      const item = lane?.queue[lane.next];
      if (!lane || !item || dayOf(reachOf(item)) > day) break;
      taken.push(item);
      lane.next += 1;
      if (lane.next === lane.queue.length) {
        lane.queue = [];
        lane.next = 0;
      }
    }
    return taken;
  }

  handled(items: readonly Prepared<T>[]): void {
    for (const item of items) this.#lanes.get(partitionKey(item))?.order.handled(item.place?.offset ?? item.offset);
  }

  get size(): number {
    let size = 0;
    for (const { order, queue, next } of this.#lanes.values()) size += order.waiting + queue.length - next;
    return size;
  }
  holds(of: TopicPartition): boolean {
    const lane = this.#lanes.get(partitionKey(of));
    return lane !== undefined && lane.order.waiting + lane.queue.length - lane.next > 0;
  }
  isFull(of: TopicPartition, maxItems: number): boolean {
    const lane = this.#lanes.get(partitionKey(of));
    return lane !== undefined && (lane.queue.length - lane.next > 2 * maxItems || lane.order.bytes > WAITING_BYTES);
  }
  get isStuck(): boolean {
    return [...this.#lanes.values()].some(({ order }) => order.bytes > WAITING_BYTES);
  }
  waitingFor(): readonly string[] {
    const head = this.#headDay();
    return [...this.#lanes.values()]
      .filter((lane) => lane.order.isBehind || (this.#alignDays && dayReached(lane) < head))
      .map(partitionKey);
  }
  marks(): readonly Mark[] {
    return [...this.#lanes.values()].map((lane) => {
      const head = lane.queue[lane.next];
      const reach = Math.min(lane.order.watermark, head ? reachOf(head) : Infinity);
      // Whether the bus has more does not matter: the marks that say that all inputs rest stand behind all that was written before.
      return { input: partitionKey(lane), reach, behind: lane.order.isBehind || head !== undefined };
    });
  }
  commitOf(handled: Consumed): Consumed {
    const position = this.#lanes.get(partitionKey(handled))?.order.position;
    return position ? { ...handled, ...position } : handled;
  }

  #queue(lane: Lane<T>, released: readonly Released[]): void {
    if (released.length === 0) return;
    const { topic, partition } = lane;
    const records = released.map(({ record }): BusRecord => record);
    const items = this.#handler.prepare({ topic, partition, records, highWatermark: 0 });
    for (const [index, item] of items.entries()) {
      const place = released[index]?.place;
      if (place) lane.queue.push({ ...item, offset: place.released, place });
    }
  }

  #oldest(): Lane<T> | undefined {
    let oldest: Lane<T> | undefined;
    let reach = Infinity;
    for (const lane of this.#lanes.values()) {
      const head = lane.queue[lane.next];
      if (head && reachOf(head) < reach) {
        oldest = lane;
        reach = reachOf(head);
      }
    }
    return oldest;
  }

  #headDay(): number {
    const lane = this.#oldest();
    const head = lane?.queue[lane.next];
    return head ? dayOf(reachOf(head)) : -Infinity;
  }

  /** The newest day of which items may be handed over; -Infinity while another partition may still bring something older. */
  #openDay(force: boolean): number {
    if (!this.#alignDays) return Infinity;
    const day = this.#headDay();
    if (!force) for (const lane of this.#lanes.values()) if (dayReached(lane) < day) return -Infinity;
    return day;
  }
}

const reachOf = (item: Prepared<unknown>): number => item.place?.reach ?? item.time;
/** The day up to which everything of the partition is here. */
const dayReached = <T>({ queue, next, order }: Lane<T>): number => (queue.length > next ? Infinity : dayOf(order.watermark));
