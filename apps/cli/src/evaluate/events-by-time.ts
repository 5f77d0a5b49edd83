import type { AccessEvent } from '@keyward/events';
import type { Source } from '@keyward/sources';
import { InvalidInputError } from '@keyward/runtime';
import { readRecords } from '../replay/read-input.js';

/** Events in order of time, a list at a time: a promise for each would cost as much as reading it. */
export interface EventStream {
  readonly name: string;
  readonly batches: AsyncIterable<readonly AccessEvent[]>;
}

/** The kept events of a vendor's file whose records are in order of time. */
export const streamOfFile = (source: Source, file: string, now: number): EventStream => ({
  name: file,
  batches: keptEvents(source, file, now),
});

async function* keptEvents(source: Source, file: string, now: number): AsyncGenerator<readonly AccessEvent[]> {
  for await (const results of readRecords(source, file, now))
    yield results.flatMap((result) => (result.kind === 'kept' ? [result.event] : []));
}

/** Where one stream has got to. */
interface Head {
  readonly name: string;
  readonly batches: AsyncIterator<readonly AccessEvent[]>;
  events: readonly AccessEvent[];
  at: number;
  lastTime: number;
}

/**
 * Several streams as one, in order of time: memory holds one list of each.
 *
 * @throws InvalidInputError `history.order` when one is not in order itself
 */
export async function* eventsByTime(streams: readonly EventStream[]): AsyncGenerator<AccessEvent> {
  const heads: Head[] = [];
  for (const { name, batches } of streams) {
    const head: Head = { name, batches: batches[Symbol.asyncIterator](), events: [], at: 0, lastTime: -Infinity };
    if (await fill(head)) heads.push(head);
  }
  while (heads.length > 0) {
    let least = heads[0];
    for (const head of heads) if (timeOf(head) < timeOf(least)) least = head;
    const event = least?.events[least.at];
    if (!least || !event) throw new Error('a stream that has nothing left is not looked at');
    if (event.time < least.lastTime) throw new InvalidInputError('history.order', `${least.name} is not in order of time: sort it first.`);
    least.lastTime = event.time;
    yield event;
    least.at += 1;
    // Waiting for a stream that has events in hand would cost more than to order them.
    if (least.at >= least.events.length && !(await fill(least))) heads.splice(heads.indexOf(least), 1);
  }
}
const timeOf = (head: Head | undefined): number => head?.events[head.at]?.time ?? Infinity;

/** @returns false when the stream is at its end */
async function fill(head: Head): Promise<boolean> {
  while (head.at >= head.events.length) {
    const next = await head.batches.next();
    if (next.done === true) return false;
    head.events = next.value;
    head.at = 0;
  }
  return true;
}
