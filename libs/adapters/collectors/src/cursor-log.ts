import { createHash } from 'node:crypto';
import {
  CURSORS_TOPIC,
  ConflictError,
  UnavailableError,
  type Batch,
  type Consumed,
  type OutRecord,
  type Prepared,
  type StageHandler,
  type TopicSpec,
} from '@keyward/runtime';
import { z } from 'zod';

/** Fixed, whatever the bus is configured with: a cursor must stay where it is looked for. At most so many workers share the collectors. */
const CURSOR_PARTITIONS = 8;

/** The topic of the cursors. Read from its beginning whenever the workers share it out anew, so it is kept small. */
export const CURSORS: TopicSpec = {
  name: CURSORS_TOPIC,
  partitions: CURSOR_PARTITIONS,
  config: {
    'cleanup.policy': 'compact',
    'min.cleanable.dirty.ratio': '0.1',
    'segment.ms': String(60 * 60 * 1_000),
    'segment.bytes': String(16 * 1024 * 1024),
  },
};

/** Which partition of the topic decides who runs a collector. */
export const partitionOf = (collector: string): number =>
  createHash('sha256').update(collector).digest().readUInt32BE(0) % CURSOR_PARTITIONS;

/** A record of the topic: a cursor with the `put` that brought it, or a claim, which says nothing but that its writer runs the collector from here on. */
const CursorEntry = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('cursor'),
    collector: z.string(),
    /** Run of the collector that wrote it, and the number of its put in that run. */
    run: z.string(),
    put: z.number().int(),
    cursor: z.string().optional(),
  }),
  z.object({ kind: z.literal('claim'), collector: z.string(), claim: z.string() }),
]);
export type CursorEntry = z.infer<typeof CursorEntry>;
export type StoredCursor = Extract<CursorEntry, { kind: 'cursor' }>;

export const cursorRecord = (entry: CursorEntry): OutRecord => ({
  topic: CURSORS_TOPIC,
  partition: partitionOf(entry.collector),
  key: `${entry.kind}:${entry.collector}`,
  value: JSON.stringify(entry),
});

interface Waiting {
  readonly collector: string;
  readonly resolve: (stored: StoredCursor | undefined) => void;
  readonly reject: (error: Error) => void;
}

/**
 * What stands in `access.cursors`, as the worker's share of its partitions is read. Commits nothing, so each new share is read from its beginning.
 * Whose a partition is decides who runs its collectors; that nobody else does is for the transactional ids to see to.
 */
export class CursorLog implements StageHandler<CursorEntry | undefined> {
  readonly #onAssigned: (partitions: ReadonlySet<number>) => void;
  readonly #stored = new Map<string, StoredCursor>();
  readonly #waiting = new Map<string, Waiting>();
  #mine: ReadonlySet<number> = new Set();

  /** @param onAssigned told of each new share */
  constructor(onAssigned: (partitions: ReadonlySet<number>) => void) {
    this.#onAssigned = onAssigned;
  }

  prepare(batch: Batch): readonly Prepared<CursorEntry | undefined>[] {
    return batch.records.map(({ offset, timestamp, value }) => ({
      topic: batch.topic,
      partition: batch.partition,
      offset,
      time: timestamp,
      value: entryOf(value),
    }));
  }

  handle(items: readonly Prepared<CursorEntry | undefined>[]): Promise<readonly Consumed[]> {
    for (const { value: entry } of items) {
      if (entry?.kind === 'cursor') this.#stored.set(entry.collector, entry);
      if (entry?.kind !== 'claim') continue;
      this.#waiting.get(entry.claim)?.resolve(this.#stored.get(entry.collector));
      this.#waiting.delete(entry.claim);
    }
    return Promise.resolve([]);
  }

  assigned(partitions: readonly { readonly topic: string; readonly partition: number }[]): void {
    this.#mine = new Set(partitions.map(({ partition }) => partition));
    this.#stored.clear();
    for (const [claim, { collector, reject }] of this.#waiting) {
      if (this.#mine.has(partitionOf(collector))) continue;
      this.#waiting.delete(claim);
      reject(takenOver(collector));
    }
    this.#onAssigned(this.#mine);
  }

  checkpoint(): Promise<readonly Consumed[]> {
    return Promise.resolve([]);
  }

  /**
   * Waits until a claim has been read back: everything that was written before it is known then.
   * @returns the collector's cursor
   * @throws ConflictError `collector.taken_over` when its partition is another worker's; UnavailableError after `timeoutMs`
   */
  readUpTo(claim: string, collector: string, timeoutMs: number): Promise<StoredCursor | undefined> {
    if (!this.#mine.has(partitionOf(collector))) return Promise.reject(takenOver(collector));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(claim);
        reject(new UnavailableError('collector.cursor_unread', 'The cursor could not be read back in time', { context: { collector } }));
      }, timeoutMs);
      const settle =
        <V>(then: (value: V) => void) =>
        (value: V): void => {
          clearTimeout(timer);
          then(value);
        };
      this.#waiting.set(claim, { collector, resolve: settle(resolve), reject: settle(reject) });
    });
  }
}

export const takenOver = (collector: string, cause?: unknown): ConflictError =>
  new ConflictError('collector.taken_over', 'Another worker runs this collector now', { context: { collector }, cause });

/** @returns undefined for what is not ours: an entry of a later version, or of somebody who writes into the wrong topic */
function entryOf(value: Buffer): CursorEntry | undefined {
  try {
    return CursorEntry.safeParse(JSON.parse(value.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
