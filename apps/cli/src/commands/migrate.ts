import { ClickHouseConfig, openClickHouse } from '@keyward/adapter-clickhouse';
import { loadConfig } from '@keyward/runtime';
import { say } from '../terminal.js';

/** `keyward migrate`: brings the database of `CLICKHOUSE_URL` up to date. @throws UnavailableError, ConflictError */
export async function runMigrate(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const { clickhouse, applied } = await openClickHouse(loadConfig(ClickHouseConfig, env));
  for (const name of applied) say(`applied ${name}`);
  say(applied.length === 0 ? 'The database is up to date.' : `${applied.length} migrations applied.`);
  await clickhouse.close();
}
