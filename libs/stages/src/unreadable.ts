import { DEAD_LETTER_TOPIC, type Batch, type OutRecord, type Prepared, type Publisher } from '@keyward/runtime';
import { persist, type PersistDeps } from './persist.js';
import type { DeadLetter, DeadLetterStore } from './ports.js';

/** Of a record that can't be read, this much is kept with its dead letter: enough to see what it was. */
const DEAD_LETTER_BYTES = 64 * 1024;

/** A record of one of our own topics that is not what it should be: somebody else writes there, or another version of us. No retry heals it. */
export class Unreadable {
  readonly letter: DeadLetter;
  constructor(letter: DeadLetter) {
    this.letter = letter;
  }
}

/**
 * Reads each record of a batch; what can't be read becomes a dead letter and the line goes on, since a record that stops it stops every alert and
 * every revocation behind it. It takes the time of the record before it: it must not hold up the alignment of partitions.
 */
export function readRecords<T>(
  batch: Batch,
  stage: string,
  read: (value: Buffer, timestamp: number) => { readonly value: T; readonly time: number },
): Prepared<T | Unreadable>[] {
  const { topic, partition } = batch;
  let lastTime = 0;
  return batch.records.map(({ offset, value, timestamp }) => {
    try {
      const item = read(value, timestamp);
      lastTime = item.time;
      return { topic, partition, offset, ...item };
    } catch (error) {
      const letter = deadLetterOf(value, { topic, partition, offset }, { source: stage, code: 'unreadable', message: nameOf(error) });
      return { topic, partition, offset, time: lastTime, value: new Unreadable(letter) };
    }
  });
}

/** Only the class of the error: its message may quote the record. */
const nameOf = (error: unknown): string => `this is no record of the line (${error instanceof Error ? error.name : typeof error})`;

interface UnreadableDeps extends PersistDeps {
  readonly publisher: Publisher;
  readonly deadLetters: DeadLetterStore;
}

/** Stores dead letters where people look for them, then says of each that there is one. @returns what was read */
export async function withoutUnreadable<T>(
  items: readonly Prepared<T | Unreadable>[],
  stage: 'assess' | 'alert' | 'respond',
  deps: UnreadableDeps,
): Promise<readonly Prepared<T>[]> {
  const read = items.filter((item) => isRead(item));
  if (read.length === items.length) return read;
  const letters = items.flatMap(({ value }) => (value instanceof Unreadable ? [value.letter] : []));
  await persist(() => deps.deadLetters.insertDeadLetters(letters), stage, deps);
  await persist(() => deps.publisher.publish(letters.map(letterRecord)), stage, deps);
  const counted = deps.metrics.counter('keyward_line_unreadable_total', 'Records between the stages that were none of ours', ['stage']);
  for (const { topic, partition, offset } of letters) {
    counted.inc({ stage });
    deps.logger.error({ topic, partition, offset }, 'a record that is none of ours went to the dead letter');
  }
  return read;
}

const isRead = <T>(item: Prepared<T | Unreadable>): item is Prepared<T> => !(item.value instanceof Unreadable);

export function deadLetterOf(
  value: Buffer,
  origin: { readonly topic: string; readonly partition: number; readonly offset: number },
  what: { readonly source: string; readonly code: string; readonly message: string },
): DeadLetter {
  return { ...what, ...origin, bytes: value.length, payload: value.subarray(0, DEAD_LETTER_BYTES).toString('base64') };
}

export const letterRecord = (letter: DeadLetter): OutRecord => ({
  topic: DEAD_LETTER_TOPIC,
  key: `${letter.topic}/${letter.partition}/${letter.offset}`,
  value: JSON.stringify(letter),
});
