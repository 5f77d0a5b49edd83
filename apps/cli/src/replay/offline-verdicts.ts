import { exampleOf, strangest, type VerdictEntry, type VerdictExample } from '@keyward/baselines';
import { dayOf, type LedgerEntry } from '@keyward/events';
import type { AssessedEvent } from '@keyward/stages';
import type { VerdictOrder } from './verdict-file.js';

interface LedgerVerdicts {
  readonly ledger: LedgerEntry['ledger'];
  readonly key: string;
  readonly identity: string;
  /** By the ids that verdicts name: Keyward's and the vendor's. */
  readonly examples: Map<string, VerdictExample>;
  /** Orders before this one are in the profile. */
  next: number;
  /** And before this one in the counts of the population. */
  counted: number;
}

/** Verdicts of a file, each at its place in the ledgers of one thread: what `access.verdicts` is to the line. */
export class OfflineVerdicts {
  readonly #orders: readonly VerdictOrder[];
  readonly #wanted: ReadonlySet<string>;
  readonly #ledgers = new Map<string, LedgerVerdicts>();

  /** @param orders in order of time */
  constructor(orders: readonly VerdictOrder[]) {
    this.#orders = orders;
    this.#wanted = new Set(orders.flatMap(({ events }) => events));
  }

  /** Remembers a scored event that a verdict is about. @param ledger id of the ledger whose profile learned it */
  saw(ledger: string, { ledger: kind, key }: LedgerEntry, { event, assessment }: AssessedEvent): void {
    const ids = [event.uid, event.nativeId].filter((id) => this.#wanted.has(id));
    if (ids.length === 0) return;
    let known = this.#ledgers.get(ledger);
    if (!known) {
      const first = this.#orders.findIndex(({ verdict }) => verdict.at >= event.time);
      const next = first < 0 ? this.#orders.length : first;
      known = { ledger: kind, key, identity: event.actor?.identity ?? key, examples: new Map(), next, counted: next };
      this.#ledgers.set(ledger, known);
    }
    for (const id of ids) known.examples.set(id, exampleOf(event, assessment));
  }

  /** What was said of the ledger up to an instant, once. */
  due(ledger: string, time: number): readonly VerdictEntry[] {
    const known = this.#ledgers.get(ledger);
    if (!known) return [];
    const from = known.next;
    while ((this.#orders[known.next]?.verdict.at ?? Infinity) <= time) known.next += 1;
    return this.#entries(known, from, known.next);
  }

  /** What was said of all ledgers up to the end of a UTC day, once. */
  ofDaysUpTo(day: number): readonly VerdictEntry[] {
    return [...this.#ledgers.values()].flatMap((known) => {
      const from = known.counted;
      while (dayOf(this.#orders[known.counted]?.verdict.at ?? Infinity) <= day) known.counted += 1;
      return this.#entries(known, from, known.counted);
    });
  }

  #entries({ ledger, key, identity, examples }: LedgerVerdicts, from: number, to: number): VerdictEntry[] {
    return this.#orders.slice(from, to).flatMap(({ verdict, events }): VerdictEntry[] => {
      const named = events.flatMap((id) => examples.get(id) ?? []).filter(({ event }) => event.time < verdict.at);
      const distinct = [...new Map(named.map((example) => [example.event.uid, example])).values()];
      return distinct.length === 0 ? [] : [{ ledger, key, part: 'verdict', identity, verdict, examples: strangest(distinct) }];
    });
  }
}
