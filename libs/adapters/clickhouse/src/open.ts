import { retry, type Logger } from '@keyward/runtime';
import { connectToServer, createClickHouse, type ClickHouse, type ConnectionConfig } from './client.js';
import { createDatabase, migrate } from './migrate.js';

/** A store that starts beside us (compose, a rolling restart) needs some seconds; one that is not there after a minute is not coming. */
const START_RETRY = { attempts: 30, firstDelayMs: 250, maxDelayMs: 2_500 };

export interface OpenedStore {
  readonly clickhouse: ClickHouse;
  /** Names of the migrations that were applied now. */
  readonly applied: readonly string[];
}

/**
 * The store as every process starts with it: the database is there and up to date.
 *
 * @throws UnavailableError when it does not answer within a minute; ConflictError `migrations.drift`
 */
export async function openClickHouse(config: ConnectionConfig, logger?: Logger): Promise<OpenedStore> {
  const server = connectToServer(config);
  try {
    await retry(() => createDatabase(server, config.CLICKHOUSE_DATABASE), {
      policy: START_RETRY,
      onRetry: (error, attempt) => logger?.info({ attempt }, `waiting for ClickHouse: ${error.message}`),
    });
  } finally {
    await server.close();
  }
  const clickhouse = createClickHouse(config);
  try {
    return { clickhouse, applied: await migrate(clickhouse) };
  } catch (error) {
    await clickhouse.close();
    throw error;
  }
}
