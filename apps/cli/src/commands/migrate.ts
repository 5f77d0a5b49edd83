import { ClickHouseConfig, ClickHouseLedgerStore, openClickHouse } from '@keyward/adapter-clickhouse';
import { loadConfig } from '@keyward/runtime';
import { say } from '../terminal.js';

export interface MigrateOptions {
  /** What was learned from another bus, or other partitions, goes on with the present one. */
  readonly newBus?: boolean;
}

/** `keyward migrate`: brings the database of `CLICKHOUSE_URL` up to date. @throws UnavailableError, ConflictError */
export async function runMigrate(options: MigrateOptions, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const config = loadConfig(ClickHouseConfig, env);
  const { clickhouse, applied } = await openClickHouse(config);
  try {
    for (const name of applied) say(`applied ${name}`);
    say(applied.length === 0 ? 'The database is up to date.' : `${applied.length} migrations applied.`);
    if (options.newBus !== true) return;
    await new ClickHouseLedgerStore(clickhouse).beginNewBus();
    say('Ledgers are ready for the new bus: workers may start.');
  } finally {
    await clickhouse.close();
  }
}
