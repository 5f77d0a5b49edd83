import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { ConflictError, InvalidInputError } from '@keyward/runtime';
import { z } from 'zod';
import type { ClickHouse } from './client.js';
import { defineQuery } from './query.js';

export interface Migration {
  readonly version: number;
  /** File name without extension: `0001_create_access_events`. */
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

const FOLDER = new URL('../migrations/', import.meta.url); // the same path from src/ and from dist/

const LEDGER = `CREATE TABLE IF NOT EXISTS schema_migrations
(
    version    UInt32                                   COMMENT 'Number of the file',
    name       String                                   COMMENT 'Name of the file',
    checksum   String                                   COMMENT 'SHA-256 of the statement as applied',
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)    COMMENT 'When'
) ENGINE = ReplacingMergeTree ORDER BY version`;

const applied = defineQuery({
  name: 'migrate.applied',
  sql: 'SELECT version, name, checksum FROM schema_migrations FINAL ORDER BY version',
  params: z.object({}),
  row: z.object({ version: z.number(), name: z.string(), checksum: z.string() }),
});

/** Forward-only migrations, one statement each, in order. @throws InvalidInputError `migrations.invalid` */
export async function loadMigrations(folder: URL = FOLDER): Promise<readonly Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  const migrations = await Promise.all(
    files.map(async (file): Promise<Migration> => {
      const match = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(file);
      if (!match) throw new InvalidInputError('migrations.invalid', `${file}: a migration is called NNNN_verb_noun.sql`);
      const sql = (await readFile(new URL(file, folder), 'utf8')).replaceAll('\r\n', '\n').trim();
      return { version: Number(match[1]), name: file.slice(0, -4), sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
  const twice = migrations.find((migration, index) => migrations[index - 1]?.version === migration.version);
  if (twice) throw new InvalidInputError('migrations.invalid', `${twice.name}: another migration has this number`);
  return migrations;
}

/**
 * Brings the database up to date; safe to run twice and by several processes at once (every statement is IF NOT EXISTS or idempotent).
 *
 * @returns names of the migrations that were applied now
 * @throws ConflictError `migrations.drift` when an applied migration differs from its file
 */
export async function migrate(clickhouse: ClickHouse, migrations?: readonly Migration[]): Promise<readonly string[]> {
  const wanted = migrations ?? (await loadMigrations());
  await clickhouse.command('migrate.ledger', LEDGER);
  const done = new Map((await clickhouse.query(applied, {})).map((row) => [row.version, row]));
  for (const migration of wanted) {
    const before = done.get(migration.version);
    if (before && before.checksum !== migration.checksum) {
      throw new ConflictError(
        'migrations.drift',
        `${migration.name} was changed after it had been applied to ${clickhouse.database} (then called ${before.name}): ` +
          'a migration is never edited. Restore the file and put the change into a new one.',
        { context: { version: migration.version } },
      );
    }
  }
  const missing = wanted.filter((migration) => !done.has(migration.version));
  for (const { version, name, sql, checksum } of missing) {
    await clickhouse.command(`migrate.${name}`, sql);
    await clickhouse.insert('schema_migrations', ['version', 'name', 'checksum'], [[version, name, checksum]]);
  }
  return missing.map((migration) => migration.name);
}

/** Makes the database itself. `server` is a client outside of it (`connectToServer`). */
export const createDatabase = (server: ClickHouse, database: string): Promise<void> =>
  server.command('migrate.database', `CREATE DATABASE IF NOT EXISTS {database:Identifier}`, { database });

const KEPT = ['access_events', 'ledger_entries', 'findings', 'alerts', 'entity_risk'] as const;
const ttlOf = defineQuery({
  name: 'migrate.ttl',
  sql: `SELECT name, create_table_query AS sql FROM system.tables WHERE database = currentDatabase() AND name IN {tables:Array(String)}`,
  params: z.object({ tables: z.array(z.string()) }),
  row: z.object({ name: z.string(), sql: z.string() }),
});

/** How long events, findings, alerts and risk stay, counted from when they were stored. Changes the tables only when it differs. */
export async function applyRetention(clickhouse: ClickHouse, days: number): Promise<void> {
  for (const { name, sql } of await clickhouse.query(ttlOf, { tables: [...KEPT] })) {
    if (sql.includes(`toIntervalDay(${String(days)})`)) continue;
    await clickhouse.command(
      'migrate.retention',
      `ALTER TABLE {table:Identifier} MODIFY TTL toDateTime(stored_at) + toIntervalDay(${String(Math.trunc(days))}) SETTINGS materialize_ttl_after_modify = 0`,
      { table: name },
    );
  }
}
