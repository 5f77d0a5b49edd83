import type { Batch, Consumed, Mark, MessageBus, OutRecord, Prepared, StageHandler, StageRun } from '@keyward/runtime';

/** What the test's records carry: an id, and the event time that partitions are aligned by. */
export interface Note {
  readonly id: string;
  readonly time: number;
}
export const note = (topic: string, key: string, id: string, time: number): OutRecord => ({
  topic,
  key,
  value: JSON.stringify({ id, time }),
});

/** Remembers what it was handed; can be told to fail, to wait, and to commit or not. */
export class RecordingHandler implements StageHandler<Note> {
  readonly seen: Prepared<Note>[] = [];
  readonly marks: Mark[] = [];
  readonly assignments: (readonly { readonly topic: string; readonly partition: number }[])[] = [];
  checkpoints = 0;
  /** Called before a batch counts as handled; a throw is the stage's throw. */
  before: (items: readonly Prepared<Note>[]) => Promise<void> = () => Promise.resolve();
  /** Called when a batch counts as handled; what it returns is committed. */
  commits: (items: readonly Prepared<Note>[]) => readonly Consumed[] = consumedBy;

  prepare(batch: Batch): readonly Prepared<Note>[] {
    return batch.records.map((record) => {
      const value = JSON.parse(record.value.toString()) as Note;
      return { topic: batch.topic, partition: batch.partition, offset: record.offset, time: value.time, value };
    });
  }
  async handle(items: readonly Prepared<Note>[], marks: readonly Mark[] = []): Promise<readonly Consumed[]> {
    await this.before(items);
    this.seen.push(...items);
    this.marks.push(...marks);
    return this.commits(items);
  }
  assigned(partitions: readonly { readonly topic: string; readonly partition: number }[]): void {
    this.assignments.push(partitions);
  }
  checkpoint(): Promise<readonly Consumed[]> {
    this.checkpoints += 1;
    return Promise.resolve(consumedBy(this.seen));
  }
  get ids(): string[] {
    return this.seen.map((item) => item.value.id);
  }
}

/** The offset after the newest item of each partition. */
export function consumedBy(items: readonly Prepared<unknown>[]): readonly Consumed[] {
  const last = new Map<string, Consumed>();
  for (const { topic, partition, offset } of items) last.set(`${topic}/${partition}`, { topic, partition, nextOffset: offset + 1 });
  return [...last.values()];
}

/** Waits until something holds, with a sentence for when it does not. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`did not happen within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface RunningStage {
  readonly handler: RecordingHandler;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}
/** Starts a reader; `stop` is the ordered stop. */
export function startStage(
  bus: MessageBus,
  run: Partial<StageRun<Note>> & { readonly group: string; readonly topics: readonly string[] },
): RunningStage {
  const handler = new RecordingHandler();
  const stop = new AbortController();
  const ended = bus.runStage<Note>({ handler, signal: stop.signal, retry: { firstDelayMs: 20, maxDelayMs: 100 }, ...run });
  ended.catch(() => undefined);
  return {
    handler,
    ended,
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

/** The whole numbers from `from` to just before `to`. */
export const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);
