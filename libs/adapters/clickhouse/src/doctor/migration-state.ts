import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { loadMigrations, type Migration } from '../migrate.js';
import { defineQuery } from '../query.js';

const applied = defineQuery({
  name: 'doctor.migrations',
  sql: 'SELECT version, name, checksum FROM schema_migrations FINAL ORDER BY version',
  params: z.object({}),
  row: z.object({ version: z.number(), name: z.string(), checksum: z.string() }),
});

export interface MigrationState {
  readonly applied: number;
  /** Names of files that were not applied yet. */
  readonly missing: readonly string[];
  /** Names of files that were changed after they had been applied. */
  readonly changed: readonly string[];
  /** Names of what was applied by a newer Keyward. */
  readonly unknown: readonly string[];
}

/** How the database stands against the files, changing nothing. @throws ConflictError `clickhouse.not_migrated`, UnavailableError */
export async function migrationState(clickhouse: ClickHouse, migrations?: readonly Migration[]): Promise<MigrationState> {
  const files = new Map((migrations ?? (await loadMigrations())).map((migration) => [migration.version, migration]));
  const rows = await clickhouse.query(applied, {});
  const done = new Map(rows.map((row) => [row.version, row]));
  return {
    applied: rows.length,
    missing: [...files.values()].filter(({ version }) => !done.has(version)).map(({ name }) => name),
    changed: [...files.values()]
      .filter(({ version, checksum }) => (done.get(version)?.checksum ?? checksum) !== checksum)
      .map(({ name }) => name),
    unknown: rows.filter(({ version }) => !files.has(version)).map(({ name }) => name),
  };
}
