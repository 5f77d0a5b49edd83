import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OrganisationStore, type ClickHouse } from '@keyward/adapter-clickhouse';
import { DAY_MS } from '@keyward/events';
import { demoStart, liveIntruder, liveRecords, makeDemo, type VendorRecord } from '@keyward/fixtures';
import { describeError, rawTopic, sleep, type Clock, type Logger, type MessageBus, type OutRecord } from '@keyward/runtime';
import { z } from 'zod';

const State = z.object({
  start: z.number().int(),
  /** Records of the history that the bus has; an interrupted load goes on after them. */
  published: z.number().int(),
  isLoaded: z.boolean(),
});
type State = z.infer<typeof State>;

/** Vendors' collectors spread their records; so do we, over this many keys. */
const KEYS = 64;
const PUBLISH_RECORDS = 2_000;
/** The intruder of the live feed comes this long after the start: time to sign in and watch. */
const STORY_AFTER_MS = 90_000;

export interface DemoFeedDeps {
  readonly bus: MessageBus;
  /** False: what the bus has not handed on is gone when the process ends, so an interrupted load begins anew. */
  readonly isBusKept: boolean;
  readonly clickhouse: ClickHouse;
  readonly dataDirectory: string;
  /** Days of history before now. */
  readonly days: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Example Bank: its organisation and its history, once; then today as it happens, through the same topics as anybody's records. */
export class DemoFeed {
  readonly #deps: DemoFeedDeps;
  readonly #stateFile: string;
  #state: State;
  #keys = 0;

  constructor(deps: DemoFeedDeps) {
    this.#deps = deps;
    this.#stateFile = join(deps.dataDirectory, 'demo.json');
    this.#state = stateIn(this.#stateFile) ?? { start: demoStart(deps.clock.now()), published: 0, isLoaded: false };
    if (!deps.isBusKept && !this.#state.isLoaded) this.#state = { ...this.#state, published: 0 };
  }

  /** True when an earlier start has loaded the history. */
  get isLoaded(): boolean {
    return this.#state.isLoaded;
  }

  /** Who is who: before the line starts, since records are resolved as they come. */
  async saveOrganisation(): Promise<void> {
    await new OrganisationStore(this.#deps.clickhouse).save(makeDemo(this.#state.start).organisation);
  }

  /** @param onProgress records so far @returns all records of the history */
  async publishHistory(onProgress: (records: number) => void, signal: AbortSignal): Promise<number> {
    const { clock, days } = this.#deps;
    const now = clock.now();
    let batch: OutRecord[] = [];
    let records = 0;
    const publish = async (): Promise<void> => {
      signal.throwIfAborted();
      await this.#deps.bus.publisher().publish(batch);
      batch = [];
      this.#save({ published: records });
      onProgress(records);
    };
    for (const record of makeDemo(this.#state.start).records()) {
      if (record.time > now || record.time < now - days * DAY_MS) continue;
      records += 1;
      if (records <= this.#state.published) continue;
      batch.push(this.#outRecord(record));
      if (batch.length >= PUBLISH_RECORDS) await publish();
    }
    if (batch.length > 0) await publish();
    return records;
  }
  /** The line has worked through all of it. */
  loaded(): void {
    this.#save({ isLoaded: true });
  }

  /** Records of the day come at their time; what could not be published comes with the next second. Resolves when the signal aborts. */
  async live(signal: AbortSignal): Promise<void> {
    const { clock, logger, bus } = this.#deps;
    const { start } = this.#state;
    let ahead = [...liveRecords(start, clock.now()), ...liveIntruder(clock.now() + STORY_AFTER_MS)].sort((a, b) => a.time - b.time);
    while (!signal.aborted) {
      const now = clock.now();
      const due = ahead.filter(({ time }) => time <= now);
      try {
        if (due.length > 0) await bus.publisher().publish(due.map((record) => this.#outRecord(record)));
        ahead = ahead.length > due.length ? ahead.filter(({ time }) => time > now) : [...liveRecords(start, now)];
      } catch (error) {
        logger.warn({}, `the live feed waits: ${describeError(error)}`);
      }
      await sleep(1_000, signal).catch(() => undefined);
    }
  }

  #save(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    writeFileSync(this.#stateFile, JSON.stringify(this.#state));
  }
  #outRecord({ source, record }: VendorRecord): OutRecord {
    this.#keys += 1;
    return { topic: rawTopic(source), key: String(this.#keys % KEYS), value: JSON.stringify(record) };
  }
}

/** A file that can't be read counts as none: the history then comes anew, with the same ids. */
function stateIn(file: string): State | undefined {
  try {
    return State.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
