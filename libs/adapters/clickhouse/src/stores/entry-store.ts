import type { EntryStore, FoldedEntry } from '@keyward/stages';
import type { ClickHouse } from '../client.js';
import { BOOL, INSTANT, STRING, UINT32, UINT64, WORD, column, type BinaryTableOf } from '../row-binary.js';
import { instant } from '../rows.js';

/** `through_offset` counts as in `ledgers`: 0 is an entry of an earlier bus. */
const ledgerEntries: BinaryTableOf<FoldedEntry> = {
  name: 'ledger_entries',
  columns: [
    column('day', UINT32, ({ day }) => Math.max(0, day)),
    column('ledger', STRING, ({ ledger }) => ledger),
    column('number', UINT32, ({ number }) => number),
    column('event_uid', STRING, ({ eventUid }) => eventUid),
    column('part', WORD, ({ part }) => part),
    column('is_primary', BOOL, ({ primary }) => primary),
    column('time', INSTANT, ({ time }) => instant(time)),
    column('partition', UINT32, ({ through }) => through.partition),
    column('through_offset', UINT64, ({ through }) => through.throughOffset + 1),
    column('through_place', STRING, ({ through }) => through.throughPlace),
  ],
};

/** The order in which ledgers took their entries in: what a rebuild goes by. */
export class ClickHouseEntryStore implements EntryStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }
  insertEntries(entries: readonly FoldedEntry[]): Promise<void> {
    return this.#clickhouse.insertBinary(ledgerEntries, entries);
  }
}
