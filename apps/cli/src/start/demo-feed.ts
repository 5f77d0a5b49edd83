import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OrganisationStore, type ClickHouse } from '@keyward/adapter-clickhouse';
import { demoStart, liveIntruder, liveRecords, makeDemo, type VendorRecord } from '@keyward/fixtures';
import { describeError, rawTopic, sleep, type Clock, type Logger, type MessageBus, type OutRecord } from '@keyward/runtime';
import { z } from 'zod';

const State = z.object({ start: z.number().int() });

/** Vendors' collectors spread their records; so do we, over this many keys. */
const KEYS = 64;
const PUBLISH_RECORDS = 2_000;
/** The intruder of the live feed comes this long after the start: time to sign in and watch. */
const STORY_AFTER_MS = 90_000;

export interface DemoFeedDeps {
  readonly bus: MessageBus;
  readonly clickhouse: ClickHouse;
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Example Bank: its organisation and thirty days, once; then today as it happens, through the same topics as anybody's records. */
export class DemoFeed {
  readonly #deps: DemoFeedDeps;
  readonly #stateFile: string;
  #published = 0;

  constructor(deps: DemoFeedDeps) {
    this.#deps = deps;
    this.#stateFile = join(deps.dataDirectory, 'demo.json');
  }

  /** True when an earlier start has loaded the history. */
  get isLoaded(): boolean {
    return existsSync(this.#stateFile);
  }

  /** Who is who: before the line starts, since records are resolved as they come. */
  async saveOrganisation(): Promise<void> {
    await new OrganisationStore(this.#deps.clickhouse).save(makeDemo(this.#start()).organisation);
  }

  /** @param onProgress records so far */
  async loadHistory(onProgress: (records: number) => void): Promise<number> {
    const start = this.#start();
    const now = this.#deps.clock.now();
    let batch: OutRecord[] = [];
    let records = 0;
    for (const record of makeDemo(start).records()) {
      if (record.time > now) continue;
      batch.push(this.#outRecord(record));
      records += 1;
      if (batch.length < PUBLISH_RECORDS) continue;
      await this.#deps.bus.publisher().publish(batch);
      onProgress(records);
      batch = [];
    }
    await this.#deps.bus.publisher().publish(batch);
    writeFileSync(this.#stateFile, JSON.stringify({ start }));
    return records;
  }

  /** Records of the day come at their time; what could not be published comes with the next second. Resolves when the signal aborts. */
  async live(signal: AbortSignal): Promise<void> {
    const start = this.#start();
    const { clock, logger, bus } = this.#deps;
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

  #start(): number {
    if (this.isLoaded) return State.parse(JSON.parse(readFileSync(this.#stateFile, 'utf8'))).start;
    return demoStart(this.#deps.clock.now());
  }
  #outRecord({ source, record }: VendorRecord): OutRecord {
    this.#published += 1;
    return { topic: rawTopic(source), key: String(this.#published % KEYS), value: JSON.stringify(record) };
  }
}
