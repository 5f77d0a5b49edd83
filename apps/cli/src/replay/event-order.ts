import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PackedEvent } from './packed-events.js';
import { readBatches, writeBatch } from './spilled-run.js';

/** Events sorted in memory at a time: about 2 KB each. More go through sorted runs on disk. */
const RUN_EVENTS = 100_000;
/** Events handed on at once: a promise for each would cost more than its sorting. */
const BATCH_EVENTS = 1_000;

/** Total order: the same inputs give the same sequence, whatever the order of the `--input` options. */
function before(a: PackedEvent, b: PackedEvent): number {
  return a.time - b.time || compareText(a.source, b.source) || compareText(a.uid, b.uid);
}
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

type Batches = AsyncGenerator<readonly PackedEvent[]>;

/**
 * Brings the events of all inputs into event time, whatever their order in the files: exports come newest first, by page, by shard.
 * An external merge sort: memory holds one run. A record that stands in two exports comes once.
 */
export class EventOrder {
  readonly #runEvents: number;
  #run: PackedEvent[] = [];
  readonly #runFiles: string[] = [];
  #directory: string | undefined;

  constructor(runEvents: number = RUN_EVENTS) {
    this.#runEvents = runEvents;
  }

  async add(events: Iterable<PackedEvent>): Promise<void> {
    for (const event of events) this.#run.push(event);
    if (this.#run.length >= this.#runEvents) await this.#spill();
  }

  /** Batches in order, and each in order. Once. */
  async *inOrder(): Batches {
    this.#run.sort(before);
    try {
      const runs = [batchesOf(this.#run), ...this.#runFiles.map(readBatches)];
      yield* distinct(runs.length === 1 ? batchesOf(this.#run) : merge(runs));
    } finally {
      if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true });
    }
  }

  async #spill(): Promise<void> {
    this.#directory ??= mkdtempSync(join(tmpdir(), 'keyward-replay-'));
    const file = join(this.#directory, String(this.#runFiles.length));
    const handle = await open(file, 'w');
    this.#run.sort(before);
    for (let start = 0; start < this.#run.length; start += BATCH_EVENTS) {
      await writeBatch(handle, this.#run.slice(start, start + BATCH_EVENTS));
    }
    await handle.close();
    this.#runFiles.push(file);
    this.#run = [];
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- one interface for runs in memory and on disk
async function* batchesOf(events: readonly PackedEvent[]): Batches {
  for (let start = 0; start < events.length; start += BATCH_EVENTS) yield events.slice(start, start + BATCH_EVENTS);
}

/** Where one run has got to. */
interface Head {
  readonly run: Batches;
  batch: readonly PackedEvent[];
  at: number;
}

async function* merge(runs: readonly Batches[]): Batches {
  const heads: Head[] = [];
  for (const run of runs) {
    const first = await run.next();
    if (!first.done) heads.push({ run, batch: first.value, at: 0 });
  }
  let merged: PackedEvent[] = [];
  while (heads.length > 0) {
    const [head, event] = leastOf(heads);
    merged.push(event);
    head.at += 1;
    if (head.at >= head.batch.length) {
      const next = await head.run.next();
      if (next.done) heads.splice(heads.indexOf(head), 1);
      else {
        head.batch = next.value;
        head.at = 0;
      }
    }
    if (merged.length < BATCH_EVENTS) continue;
    yield merged;
    merged = [];
  }
  yield merged;
}

/** Runs are few (one for 100,000 events), so a scan is as good as a heap. @throws Error for no heads: a bug */
function leastOf(heads: readonly Head[]): readonly [Head, PackedEvent] {
  let least: readonly [Head, PackedEvent] | undefined;
  for (const head of heads) {
    const event = head.batch[head.at];
    if (event && (!least || before(event, least[1]) < 0)) least = [head, event];
  }
  if (!least) throw new Error('no run has anything left');
  return least;
}

/** The same record has the same time, so copies stand side by side. */
async function* distinct(batches: Batches): Batches {
  let last = '';
  for await (const batch of batches) {
    yield batch.filter(({ uid }) => {
      const isNew = uid !== last;
      last = uid;
      return isNew;
    });
  }
}
