import { z } from 'zod';
import { isoInstant } from '@keyward/events';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { ms } from './sql.js';

const times = defineQuery({
  name: 'organisation.imported',
  sql: `SELECT kind, ${ms('max(stored_at)')} AS at FROM organisation GROUP BY kind
UNION ALL SELECT 'account' AS kind, ${ms('max(stored_at)')} AS at FROM directory_records HAVING count() > 0`,
  params: z.object({}),
  row: z.object({ kind: z.string(), at: z.number() }),
});

/** When each part of the organisation was last changed. @throws UnavailableError */
export class ImportTimes {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }
  /** @returns ISO instants by kind of record */
  async byKind(): Promise<ReadonlyMap<string, string>> {
    return new Map((await this.#clickhouse.query(times, {})).map((row) => [row.kind, isoInstant(row.at)]));
  }
}
