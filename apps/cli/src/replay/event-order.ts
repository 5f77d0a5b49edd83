import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AccessEvent } from '@keyward/events';

/** Events sorted in memory at a time: about 2 KB each. More go through sorted runs on disk. */
const RUN_EVENTS = 200_000;

/** Total order: the same inputs give the same sequence, whatever the order of the `--input` options. */
function before(a: AccessEvent, b: AccessEvent): number {
  return a.time - b.time || compareText(a.source, b.source) || compareText(a.uid, b.uid);
}
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Brings the events of all inputs into event time, whatever their order in the files: exports come newest first, by page, by shard.
 * An external merge sort: memory holds one run. A record that stands in two exports comes once.
 */
export class EventOrder {
  #run: AccessEvent[] = [];
  readonly #runFiles: string[] = [];
  #directory: string | undefined;

  async add(event: AccessEvent): Promise<void> {
    this.#run.push(event);
    if (this.#run.length >= RUN_EVENTS) await this.#spill();
  }

  async *inOrder(): AsyncGenerator<AccessEvent> {
    this.#run.sort(before);
    try {
      const runs = [iterate(this.#run), ...this.#runFiles.map(readRun)];
      yield* distinct(runs.length === 1 ? iterate(this.#run) : merge(runs));
    } finally {
      if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true });
    }
  }

  async #spill(): Promise<void> {
    this.#directory ??= mkdtempSync(join(tmpdir(), 'keyward-replay-'));
    const file = join(this.#directory, `${this.#runFiles.length}.ndjson`);
    const handle = await open(file, 'w');
    this.#run.sort(before);
    for (let start = 0; start < this.#run.length; start += 1_000) {
      const lines = this.#run.slice(start, start + 1_000).map((event) => `${JSON.stringify(event)}\n`);
      await handle.write(lines.join(''));
    }
    await handle.close();
    this.#runFiles.push(file);
    this.#run = [];
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- one interface for runs in memory and on disk
async function* iterate(events: readonly AccessEvent[]): AsyncGenerator<AccessEvent> {
  yield* events;
}

async function* readRun(file: string): AsyncGenerator<AccessEvent> {
  // Our own file of a moment ago.
  for await (const line of createInterface({ input: createReadStream(file) })) yield JSON.parse(line) as AccessEvent;
}

async function* merge(runs: readonly AsyncGenerator<AccessEvent>[]): AsyncGenerator<AccessEvent> {
  const heads: { event: AccessEvent; run: AsyncGenerator<AccessEvent> }[] = [];
  for (const run of runs) {
    const first = await run.next();
    if (!first.done) heads.push({ event: first.value, run });
  }
  while (heads.length > 0) {
    // Runs are few (one for 200,000 events), so a scan is as good as a heap.
    let least = 0;
    for (let index = 1; index < heads.length; index += 1) {
      const candidate = heads[index];
      const best = heads[least];
      if (candidate && best && before(candidate.event, best.event) < 0) least = index;
    }
    const head = heads[least];
    if (!head) return;
    yield head.event;
    const next = await head.run.next();
    if (next.done) heads.splice(least, 1);
    else head.event = next.value;
  }
}

/** The same record has the same time, so copies stand side by side. */
async function* distinct(events: AsyncGenerator<AccessEvent>): AsyncGenerator<AccessEvent> {
  let last = '';
  for await (const event of events) {
    if (event.uid !== last) yield event;
    last = event.uid;
  }
}
