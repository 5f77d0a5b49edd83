import { dayOf } from '@keyward/events';
import type { ScoreReport } from './messages.js';
import { TextBuffer, ledgerOf, type PackedEvent } from './packed-events.js';
import type { ReplayThread } from './threads.js';

/** Entries after which ALERT sees what was found: large enough that it costs nothing, small enough that alerts follow their events closely. */
const BATCH_ENTRIES = 2_000;
/** Units that threads are given before the first one's results are asked for. Bounds what waits in memory when the disk is slow. */
const UNITS_AHEAD = 4;

/** Consecutive events of one UTC day. */
export interface Unit {
  readonly day: number;
  readonly events: readonly PackedEvent[];
  /** The next unit is of another day. */
  readonly closesDay: boolean;
  /** ALERT has its turn behind it. */
  readonly endsBatch: boolean;
}

/** Cuts a history into units. The cuts depend on the events alone, not on who scores them, so that every number of threads gives the same. */
export class UnitCutter {
  #events: PackedEvent[] = [];
  #day = 0;
  #endsBatch = false;
  #batchEntries = 0;

  /** @param event not earlier than the one before @returns the unit that ends before it */
  add(event: PackedEvent): Unit | undefined {
    const day = dayOf(event.time);
    const isCut = this.#events.length > 0 && (this.#endsBatch || day !== this.#day);
    const unit = isCut ? this.#take(day !== this.#day) : undefined;
    this.#day = day;
    this.#events.push(event);
    this.#batchEntries += event.entries.length;
    if (this.#batchEntries >= BATCH_ENTRIES) {
      this.#endsBatch = true;
      this.#batchEntries = 0;
    }
    return unit;
  }
  end(): Unit | undefined {
    this.#endsBatch = true;
    return this.#events.length > 0 ? this.#take(false) : undefined;
  }
  #take(closesDay: boolean): Unit {
    const unit = { day: this.#day, events: this.#events, closesDay, endsBatch: this.#endsBatch };
    this.#events = [];
    this.#endsBatch = false;
    return unit;
  }
}

/** What an entry costs: a primary one is scored, learned and written out, the others go through detections. */
const PRIMARY_COST = 6;

/** Which thread folds which ledger: the costliest first, each to the thread that has least to do. */
export class LedgerShares {
  readonly #costs = new Map<string, number>();
  #threads: ReadonlyMap<string, number> | undefined;

  count(entries: readonly string[]): void {
    for (const entry of entries) {
      const ledger = ledgerOf(entry);
      this.#costs.set(ledger, (this.#costs.get(ledger) ?? 0) + (entry.startsWith('a+') ? PRIMARY_COST : 1));
    }
  }
  share(threads: number): void {
    const loads = Array.from({ length: threads }, () => 0);
    const byCost = [...this.#costs].sort(([a, aCost], [b, bCost]) => bCost - aCost || (a < b ? -1 : 1));
    const shared = new Map<string, number>();
    for (const [ledger, cost] of byCost) {
      const least = loads.indexOf(Math.min(...loads));
      loads[least] = (loads[least] ?? 0) + cost;
      shared.set(ledger, least);
    }
    this.#costs.clear();
    this.#threads = shared;
  }
  threadOf(entry: string): number {
    return this.#threads?.get(ledgerOf(entry)) ?? 0;
  }
}

/** Gives units to threads and their results back, in order; a few units are on their way at any time. */
export class Scoring {
  readonly #threads: readonly ReplayThread[];
  readonly #shares: LedgerShares;
  readonly #texts: readonly TextBuffer[];

  constructor(threads: readonly ReplayThread[], shares: LedgerShares) {
    this.#threads = threads;
    this.#shares = shares;
    this.#texts = threads.map(() => new TextBuffer());
  }

  /** @yields each unit with the report of each thread */
  async *results(units: AsyncIterable<Unit>): AsyncGenerator<readonly [Unit, readonly ScoreReport[]]> {
    const onTheirWay: Unit[] = [];
    for await (const unit of units) {
      this.#post(unit);
      onTheirWay.push(unit);
      if (onTheirWay.length > UNITS_AHEAD) yield* this.#first(onTheirWay);
    }
    while (onTheirWay.length > 0) yield* this.#first(onTheirWay);
  }

  async *#first(units: Unit[]): AsyncGenerator<readonly [Unit, readonly ScoreReport[]]> {
    const unit = units.shift();
    if (unit) yield [unit, await Promise.all(this.#threads.map((thread) => thread.nextScored()))];
  }

  #post({ day, closesDay, events }: Unit): void {
    const parts = this.#threads.map(() => ({
      last: -1,
      events: 0,
      entries: [] as string[],
      eventAt: [] as number[],
      sequence: [] as number[],
    }));
    let sequence = 0;
    events.forEach(({ entries, bytes, from, to }, number) => {
      for (const entry of entries) {
        const thread = this.#shares.threadOf(entry);
        const part = parts[thread];
        const text = this.#texts[thread];
        if (!part || !text) throw new Error('a ledger has no thread');
        if (part.last !== number) {
          text.write(part.events === 0 ? '[' : ',');
          text.copy(bytes, from, to);
          part.last = number;
          part.events += 1;
        }
        part.entries.push(entry);
        part.eventAt.push(part.events - 1);
        part.sequence.push(sequence++);
      }
    });
    this.#threads.forEach((thread, index) => {
      const part = parts[index];
      const text = this.#texts[index];
      if (!part || !text) return;
      text.write(part.events === 0 ? '[]' : ']');
      const { entries, eventAt, sequence: numbers } = part;
      thread.post({
        kind: 'score',
        day,
        closesDay,
        events: text.take(),
        entries,
        eventAt: Int32Array.from(eventAt),
        sequence: Int32Array.from(numbers),
      });
    });
  }
}
