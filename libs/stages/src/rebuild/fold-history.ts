import type { VerdictEntry } from '@keyward/baselines';
import { dayOf, type AccessEvent, type LedgerEntry } from '@keyward/events';
import { route, type Organisation } from '@keyward/identity';
import { EVENTS_TOPIC, type Prepared } from '@keyward/runtime';
import type { AssessStage } from '../assess.stage.js';
import { isVerdict } from '../decode-entry.js';

type Entry = LedgerEntry | VerdictEntry;

/** One entry of a ledger as the line took it in. */
export interface PastEntry {
  readonly entry: Entry;
  readonly isLate: boolean;
}

/** One event, as it came out of INGEST. */
export interface PastEvent {
  readonly event: AccessEvent;
  readonly isLate: boolean;
}

/** What the store keeps of all that came to pass. @throws UnavailableError */
export interface History {
  /** UTC days (since 1970) on which ledgers took anything in, oldest first. */
  days(): Promise<readonly number[]>;
  /** Events of the day of which no entry is kept, in order of time. */
  unorderedEvents(day: number): AsyncIterable<readonly PastEvent[]>;
  /** Entries that ledgers took in when their newest event was of the day: one ledger after the other, each in its order. */
  entries(day: number): AsyncIterable<readonly PastEntry[]>;
}

export interface FoldProgress {
  readonly day: number;
  readonly daysDone: number;
  readonly days: number;
  readonly entries: number;
}

/** Entries that ASSESS is handed at once: as many rows as one insert takes. */
const BATCH_ENTRIES = 20_000;

/**
 * Drives ASSESS with history in place of Kafka. The order is the line's as far as scores depend on it: each ledger's own, and no day before the days
 * before it are stored; between ledgers there is none.
 *
 * @param stage whose ledgers, rows and snapshots begin empty
 * @returns entries folded
 */
export async function foldHistory(
  history: History,
  stage: Pick<AssessStage, 'handle' | 'checkpoint'>,
  options: { readonly organisation: Organisation; readonly signal: AbortSignal; readonly onProgress?: (progress: FoldProgress) => void },
): Promise<number> {
  const days = await history.days();
  const feed = new Feed(stage, options.signal);
  for (const [index, day] of days.entries()) {
    const tell = (): void => options.onProgress?.({ day, daysDone: index, days: days.length, entries: feed.entries });
    tell();
    for await (const events of history.unorderedEvents(day)) {
      for (const { event, isLate } of events) for (const entry of route(event, options.organisation)) await feed.add(entry, isLate);
      tell();
    }
    for await (const entries of history.entries(day)) {
      for (const { entry, isLate } of entries) await feed.add(entry, isLate);
      tell();
    }
    await feed.flush();
  }
  await stage.checkpoint();
  return feed.entries;
}

class Feed {
  readonly #stage: Pick<AssessStage, 'handle'>;
  readonly #signal: AbortSignal;
  #items: Prepared<Entry>[] = [];
  entries = 0;

  constructor(stage: Pick<AssessStage, 'handle'>, signal: AbortSignal) {
    this.#stage = stage;
    this.#signal = signal;
  }

  async add(entry: Entry, isLate: boolean): Promise<void> {
    const time = isVerdict(entry) ? entry.verdict.at : entry.event.time;
    const offset = this.entries;
    this.entries += 1;
    this.#items.push({
      topic: EVENTS_TOPIC,
      partition: 0,
      offset,
      time,
      value: entry,
      place: { released: offset, reach: time, input: '', offset, day: dayOf(time) + (isLate ? 1 : 0) },
    });
    if (this.#items.length >= BATCH_ENTRIES) await this.flush();
  }

  async flush(): Promise<void> {
    this.#signal.throwIfAborted();
    const items = this.#items;
    this.#items = [];
    if (items.length > 0) await this.#stage.handle(items);
  }
}
