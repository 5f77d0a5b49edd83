import type { LedgerStore, StoredLedger } from '@keyward/stages';
import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { column, STRING, UINT32, UINT64, WORD, type BinaryTableOf } from '../row-binary.js';
import { chunksOf } from '../rows.js';

type Stage = Parameters<LedgerStore['load']>[0];

/** Ids in one query: at 5 KB a ledger, one answer stays at 10 MB. */
const IDS = 2_000;

/**
 * The state that stands last in the order of the line: by offset, and where several were released at one offset by their place (`reach offset input`; a
 * ledger of earlier versions has none and contains them all). Not FINAL: it reads the states of all rows of a granule, this one those of the ids alone.
 */
const load = defineQuery({
  name: 'ledgers.load',
  sql: `WITH splitByChar(' ', through_place) AS place
        SELECT id, partition, toInt64(through_offset) - 1 AS throughOffset, through_place AS throughPlace, state
        FROM ledgers
        PREWHERE stage = {stage:String} AND id IN {ids:Array(String)}
        ORDER BY id, through_offset DESC, through_place = '' DESC, toFloat64OrZero(place[1]) DESC,
                 arrayStringConcat(arraySlice(place, 3), ' ') DESC, toUInt64OrZero(place[2]) DESC
        LIMIT 1 BY id`,
  params: z.object({ stage: z.enum(['assess', 'alert']), ids: z.array(z.string()) }),
  row: z.object({ id: z.string(), partition: z.number(), throughOffset: z.number(), throughPlace: z.string(), state: z.string() }),
});

const furthest = defineQuery({
  name: 'ledgers.furthest',
  sql: `SELECT stage, partition, toInt64(max(through_offset)) - 1 AS throughOffset FROM ledgers
        WHERE through_offset > 0 GROUP BY stage, partition ORDER BY stage, partition`,
  params: z.object({}),
  row: z.object({ stage: z.enum(['assess', 'alert']), partition: z.number(), throughOffset: z.number() }),
});

/** `through_offset` counts: 0 is a ledger that contains nothing of the present bus, n one that contains the record at offset n - 1. */
const ledgers: BinaryTableOf<StoredLedger & { readonly stage: Stage }> = {
  name: 'ledgers',
  columns: [
    column('stage', WORD, (ledger) => ledger.stage),
    column('id', STRING, (ledger) => ledger.id),
    column('partition', UINT32, (ledger) => ledger.partition),
    column('through_offset', UINT64, (ledger) => ledger.throughOffset + 1),
    column('through_place', STRING, (ledger) => ledger.throughPlace),
    column('state', STRING, (ledger) => ledger.state),
  ],
};

export interface FurthestOffset {
  readonly stage: Stage;
  readonly partition: number;
  /** Last offset that any ledger of the partition contains. */
  readonly throughOffset: number;
}

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
    await this.#clickhouse.insertBinary(
      ledgers,
      rows.map((row) => ({ ...row, stage })),
    );
  }

  /** How far the ledgers have read, by stage and partition; what contains nothing of the present bus is missing. */
  furthestOffsets(): Promise<readonly FurthestOffset[]> {
    return this.#clickhouse.query(furthest, {});
  }

  /**
   * The bus is another one: every ledger keeps what it has learned and contains nothing of the new bus yet. No worker may run meanwhile.
   * Safe to repeat; a crash in between leaves the ledgers as they were.
   */
  async beginNewBus(): Promise<void> {
    const run = (sql: string): Promise<void> => this.#clickhouse.command('ledgers.begin_new_bus', sql);
    await run(
      `ALTER TABLE ledger_entries UPDATE through_offset = 0, through_place = '' WHERE through_offset > 0 SETTINGS mutations_sync = 1`,
    );
    await run('DROP TABLE IF EXISTS ledgers_of_new_bus');
    await run('CREATE TABLE ledgers_of_new_bus AS ledgers');
    await run(`INSERT INTO ledgers_of_new_bus (stage, id, partition, through_offset, state)
               SELECT stage, id, partition, 0, state FROM ledgers FINAL`);
    await run('EXCHANGE TABLES ledgers AND ledgers_of_new_bus');
    await run('DROP TABLE ledgers_of_new_bus');
  }
}
