import type { BusRecord, Place } from '@keyward/runtime';
import { dayOf } from './intake.js';
import { inputsOfNote, marksOfRecord, noteOf, orderOfRecord, type Inputs } from './marks.js';

/** A record that is in order now. */
export interface Released {
  readonly record: BusRecord;
  readonly place: Place;
}

/** A record that has been read, until it and all before it are handled. */
interface Open {
  readonly offset: number;
  /** What was known of the inputs just before it was read. */
  readonly inputs: Inputs;
  isHandled: boolean;
}

interface Waiting {
  readonly record: BusRecord;
  readonly reach: number;
}

/** Nothing older than this can follow: the place of the input that is furthest behind. */
interface Bound {
  readonly reach: number;
  readonly input: string;
}
const COMPACT_FROM = 1_024;
const NO_BOUND: Bound = { reach: Infinity, input: '' };

/**
 * Puts the records of one partition in order. They come from several inputs, each in its own order and interleaved as the workers that wrote
 * them happened to be scheduled. A record is released once every input that is behind has come past its place; those released together go by
 * reach, input and offset. So the order is the one that a single worker would have made, and depends on the log alone: a reader that starts again
 * at a `position`, with its note, releases every record exactly where it was released before.
 *
 * Inputs that rest hold nobody back. A record without an order (somebody else's) is released where it stands.
 */
export class OrderedPartition {
  #inputs: Inputs;
  #bound: Bound;
  #waiting = new Map<string, { items: Waiting[]; next: number }>();
  #waitingCount = 0;
  #bytes = 0;
  /** In offset order. */
  #open: Open[] = [];
  #firstOpen = 0;
  #byOffset = new Map<number, Open>();
  #next = 0;
  /** Newest reach of any record. */
  #newest = -1;
  /** Newest UTC day that the watermark was seen at: an input that rests and then begins to be behind takes the watermark back, and nothing else with it. */
  #day = 0;

  /** @param expected inputs that must have been heard of before anything of another is in order */
  constructor(expected: readonly string[], note: string | undefined) {
    this.#inputs = inputsOfNote(note, expected);
    this.#bound = boundOf(this.#inputs);
  }

  /** Records that wait for their turn, and their size. */
  get waiting(): number {
    return this.#waitingCount;
  }
  get bytes(): number {
    return this.#bytes;
  }

  /** @returns what is in order now, in order */
  read(record: BusRecord): Released[] {
    this.#next = record.offset + 1;
    const marks = marksOfRecord(record);
    if (marks) {
      const day = this.#dayReached();
      this.#learn(marks);
      return this.#release(record.offset, day);
    }
    const open: Open = { offset: record.offset, inputs: this.#inputs, isHandled: false };
    this.#open.push(open);
    this.#byOffset.set(record.offset, open);
    const order = orderOfRecord(record);
    if (!order) return [{ record, place: { released: record.offset, reach: 0, input: '', offset: record.offset } }];
    const isInOrder = isWithin(order.reach, order.input, this.#bound);
    const day = isInOrder ? this.#dayReached() : 0;
    const queue = this.#waiting.get(order.input) ?? { items: [], next: 0 };
    this.#waiting.set(order.input, queue);
    queue.items.push({ record, reach: order.reach });
    this.#newest = Math.max(this.#newest, order.reach);
    this.#waitingCount += 1;
    this.#bytes += record.value.length;
    return isInOrder ? this.#release(record.offset, day) : [];
  }

  /** Goes on without the inputs that are waited for, until they are heard of again. */
  force(): Released[] {
    const day = this.#dayReached();
    this.#learn([...this.#inputs].map(([input, { reach }]) => ({ input, reach, behind: false })));
    return this.#release(this.#next - 1, day);
  }

  /** Places behind this offset that only markers of the broker stand at. */
  skippedTo(nextOffset: number): void {
    this.#next = Math.max(this.#next, nextOffset);
  }

  handled(offset: number): void {
    const open = this.#byOffset.get(offset);
    if (!open) return;
    open.isHandled = true;
    this.#byOffset.delete(offset);
    while (this.#open[this.#firstOpen]?.isHandled) this.#firstOpen += 1;
    if (this.#firstOpen > COMPACT_FROM && this.#firstOpen * 2 > this.#open.length) {
      this.#open = this.#open.slice(this.#firstOpen);
      this.#firstOpen = 0;
    }
  }

  /** Where a reader may begin again: before the first record that is not handled, with what was known of the inputs there. */
  get position(): { readonly nextOffset: number; readonly note: string } {
    const first = this.#open[this.#firstOpen];
    return first ? { nextOffset: first.offset, note: noteOf(first.inputs) } : { nextOffset: this.#next, note: noteOf(this.#inputs) };
  }

  /** No record that is released later has a smaller reach, but for late ones of inputs that rest. */
  get watermark(): number {
    if (this.#bound !== NO_BOUND) return this.#bound.reach;
    // Marks tell nothing of an input that rests but its day; what came from it is newer.
    let newest = this.#newest;
    for (const { reach } of this.#inputs.values()) newest = Math.max(newest, reach);
    return newest;
  }
  /** Inputs that hold others back. */
  get isBehind(): boolean {
    return this.#bound !== NO_BOUND || this.#waitingCount > 0;
  }

  #dayReached(): number {
    this.#day = Math.max(this.#day, dayOf(this.watermark));
    return this.#day;
  }

  #learn(marks: readonly { readonly input: string; readonly reach: number; readonly behind: boolean }[]): void {
    const inputs = new Map(this.#inputs);
    for (const { input, reach, behind } of marks) inputs.set(input, { reach, behind });
    this.#inputs = inputs;
    this.#bound = boundOf(inputs);
  }

  #release(at: number, day: number): Released[] {
    const released: Released[] = [];
    while (this.#waitingCount > 0) {
      const first = this.#oldest();
      if (!first || !isWithin(first.item.reach, first.input, this.#bound)) break;
      const { item, input, queue } = first;
      queue.next += 1;
      if (queue.next === queue.items.length) this.#waiting.delete(input);
      else if (queue.next > COMPACT_FROM && queue.next * 2 > queue.items.length) {
        queue.items = queue.items.slice(queue.next);
        queue.next = 0;
      }
      this.#waitingCount -= 1;
      this.#bytes -= item.record.value.length;
      released.push({ record: item.record, place: { released: at, reach: item.reach, input, offset: item.record.offset, day } });
    }
    return released;
  }

  /** Inputs are few, so looking at each head is cheaper than keeping a heap of records. */
  #oldest(): { readonly item: Waiting; readonly input: string; readonly queue: { items: Waiting[]; next: number } } | undefined {
    let oldest: { item: Waiting; input: string; queue: { items: Waiting[]; next: number } } | undefined;
    for (const [input, queue] of this.#waiting) {
      const item = queue.items[queue.next];
      if (!item) continue;
      if (!oldest || item.reach < oldest.item.reach || (item.reach === oldest.item.reach && input < oldest.input)) {
        oldest = { item, input, queue };
      }
    }
    return oldest;
  }
}

function boundOf(inputs: Inputs): Bound {
  let bound = NO_BOUND;
  for (const [input, { reach, behind }] of inputs) {
    if (behind && (reach < bound.reach || (reach === bound.reach && input < bound.input))) bound = { reach, input };
  }
  return bound;
}

const isWithin = (reach: number, input: string, bound: Bound): boolean =>
  bound === NO_BOUND || reach < bound.reach || (reach === bound.reach && input <= bound.input);
