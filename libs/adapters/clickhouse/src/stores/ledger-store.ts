import type { LedgerStore, StoredLedger } from '@keyward/stages';
import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { chunksOf, insertRows, type TableOf } from '../rows.js';

type Stage = Parameters<LedgerStore['load']>[0];

/** Ids in one query: at 5 KB a ledger, one answer stays at 10 MB. */
const IDS = 2_000;

const load = defineQuery({
  name: 'ledgers.load',
  sql: `SELECT id, partition, through_offset AS throughOffset, state
        FROM ledgers FINAL
        WHERE stage = {stage:String} AND id IN {ids:Array(String)}`,
  params: z.object({ stage: z.enum(['assess', 'alert']), ids: z.array(z.string()) }),
  row: z.object({ id: z.string(), partition: z.number(), throughOffset: z.number(), state: z.string() }),
});

const ledgers: TableOf<StoredLedger & { readonly stage: Stage }> = {
  name: 'ledgers',
  cells: [
    ['stage', (ledger) => ledger.stage],
    ['id', (ledger) => ledger.id],
    ['partition', (ledger) => ledger.partition],
    ['through_offset', (ledger) => ledger.throughOffset],
    ['state', (ledger) => ledger.state],
  ],
};

export class ClickHouseLedgerStore implements LedgerStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  async load(stage: Stage, ids: readonly string[]): Promise<ReadonlyMap<string, StoredLedger>> {
    const found = new Map<string, StoredLedger>();
    for (const chunk of chunksOf(ids, IDS)) {
      for (const row of await this.#clickhouse.query(load, { stage, ids: [...chunk] })) found.set(row.id, row);
    }
    return found;
  }

  async save(stage: Stage, rows: readonly StoredLedger[]): Promise<void> {
    await insertRows(
      this.#clickhouse,
      ledgers,
      rows.map((row) => ({ ...row, stage })),
    );
  }
}
