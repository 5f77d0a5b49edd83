import { VerdictEntry } from '@keyward/baselines';
import { dayOf, ledgerId } from '@keyward/events';
import type { VerdictStore } from '@keyward/stages';
import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { insertRows, instant, text, type TableOf } from '../rows.js';

const verdictEntries: TableOf<VerdictEntry> = {
  name: 'verdict_entries',
  cells: [
    ['at', ({ verdict }) => instant(verdict.at)],
    ['day', ({ verdict, countsFrom }) => countsFrom ?? dayOf(instant(verdict.at))],
    ['uid', ({ verdict }) => verdict.uid],
    ['ledger', (entry) => text(ledgerId(entry))],
    ['kind', ({ verdict }) => verdict.kind],
    ['identity', ({ identity }) => text(identity)],
    ['undoes', ({ verdict }) => verdict.undoes ?? ''],
    ['entry', (entry) => JSON.stringify(entry)],
  ],
};
const between = defineQuery({
  name: 'verdicts.between',
  sql: `SELECT entry FROM verdict_entries FINAL
        WHERE day >= {from:UInt32} AND day < {until:UInt32} ORDER BY verdict_entries.at, uid, ledger`,
  params: z.object({ from: z.number().int(), until: z.number().int() }),
  row: z.object({ entry: z.string().transform((json) => VerdictEntry.parse(JSON.parse(json))) }),
});

/** Verdicts that profiles have taken in. @throws UnavailableError */
export class ClickHouseVerdictStore implements VerdictStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }
  insertVerdicts(entries: readonly VerdictEntry[]): Promise<void> {
    return insertRows(this.#clickhouse, verdictEntries, entries);
  }
  /** Taken in on UTC days (since 1970) from `fromDay` up to and without `untilDay`, in the order given. */
  async takenInOn(fromDay: number, untilDay: number): Promise<readonly VerdictEntry[]> {
    const rows = await this.#clickhouse.query(between, { from: Math.max(0, fromDay), until: untilDay });
    return rows.map(({ entry }) => entry);
  }
}
