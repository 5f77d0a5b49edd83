import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@keyward/adapter-embedded';
import { Secret } from '@keyward/runtime';
import { connectToServer, createClickHouse, createDatabase, migrate, type ClickHouse, type ConnectionConfig } from '../src/index.js';

export interface TestStore {
  readonly clickhouse: ClickHouse;
  readonly config: ConnectionConfig;
  readonly server: EmbeddedClickHouse;
  readonly directory: string;
  close(): Promise<void>;
}

/** A real, migrated ClickHouse in a directory of its own. */
export async function startTestStore(): Promise<TestStore> {
  const directory = await mkdtemp(join(tmpdir(), 'keyward-store-'));
  const server = await startEmbeddedClickHouse({ directory });
  const config = configOf(server);
  const { clickhouse } = await openDatabase(config);
  return {
    clickhouse,
    config,
    server,
    directory,
    close: async () => {
      await clickhouse.close();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export const configOf = (server: EmbeddedClickHouse): ConnectionConfig => ({
  CLICKHOUSE_URL: server.url,
  CLICKHOUSE_USER: server.username,
  CLICKHOUSE_PASSWORD: new Secret(server.password),
  CLICKHOUSE_DATABASE: `t_${randomBytes(4).toString('hex')}`,
  CLICKHOUSE_TIMEOUT_MS: 20_000,
});

export async function openDatabase(config: ConnectionConfig): Promise<{ clickhouse: ClickHouse; applied: readonly string[] }> {
  const outside = connectToServer(config);
  await createDatabase(outside, config.CLICKHOUSE_DATABASE);
  await outside.close();
  const clickhouse = createClickHouse(config);
  return { clickhouse, applied: await migrate(clickhouse) };
}
