import type { AccessEvent } from '@keyward/events';
import type { Source } from '@keyward/sources';
import { readRecords } from '../replay/read-input.js';

export interface TimedInput {
  readonly source: Source;
  /** Its records in order of time, as every history that is evaluated is written. */
  readonly file: string;
}

/** Where one file has got to. */
interface Head {
  readonly batches: AsyncGenerator<readonly AccessEvent[]>;
  events: readonly AccessEvent[];
  at: number;
}

/** The events of several files in order of time, streamed: memory holds one piece of each. */
export async function* eventsByTime(inputs: readonly TimedInput[], now: number): AsyncGenerator<AccessEvent> {
  const heads: Head[] = [];
  for (const { source, file } of inputs) {
    const head: Head = { batches: eventBatches(source, file, now), events: [], at: 0 };
    if (await fill(head)) heads.push(head);
  }
  while (heads.length > 0) {
    let least = heads[0];
    for (const head of heads) if (timeOf(head) < timeOf(least)) least = head;
    const event = least?.events[least.at];
    if (!least || !event) throw new Error('a file that has nothing left is not looked at');
    yield event;
    least.at += 1;
    // Waiting for a file that has events in hand would cost more than to order them.
    if (least.at >= least.events.length && !(await fill(least))) heads.splice(heads.indexOf(least), 1);
  }
}
const timeOf = (head: Head | undefined): number => head?.events[head.at]?.time ?? Infinity;

/** @returns false when the file is at its end */
async function fill(head: Head): Promise<boolean> {
  while (head.at >= head.events.length) {
    const next = await head.batches.next();
    if (next.done === true) return false;
    head.events = next.value;
    head.at = 0;
  }
  return true;
}

async function* eventBatches(source: Source, file: string, now: number): AsyncGenerator<readonly AccessEvent[]> {
  for await (const results of readRecords(source, file, now))
    yield results.flatMap((result) => (result.kind === 'kept' ? [result.event] : []));
}
