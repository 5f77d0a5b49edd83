import { isoInstant } from '@keyward/events';
import { AccountRecord, ownIdentityOf, type ScimResource } from '@keyward/identity';
import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { at, ms } from '../queries/sql.js';
import { defineQuery } from '../query.js';
import { chunksOf, insertRows, text, type TableOf } from '../rows.js';

/** A SCIM resource with its place in the store. */
export interface StoredScimResource extends ScimResource {
  /** Grows with each change, from 1. */
  readonly version: number;
  /** ISO instant of the last change. */
  readonly changedAt: string;
}
export interface StoredAccount {
  readonly account: AccountRecord;
  readonly version: number;
  readonly deleted: boolean;
}

const KINDS = ['account', 'user', 'group'] as const;
interface DirectoryRow {
  readonly kind: (typeof KINDS)[number];
  readonly system: string;
  readonly id: string;
  readonly name: string;
  readonly external: string;
  readonly version: number;
  readonly deleted: boolean;
  readonly endedAt: string | null;
  readonly madeAt: string;
  readonly json: string;
  readonly storedAt: string;
}
const directory: TableOf<DirectoryRow> = {
  name: 'directory_records',
  cells: [
    ['kind', (row) => row.kind],
    ['system', (row) => text(row.system)],
    ['id', (row) => text(row.id)],
    ['name', (row) => text(row.name)],
    ['external', (row) => text(row.external)],
    ['version', (row) => row.version],
    ['deleted', (row) => row.deleted],
    ['ended_at', (row) => (row.endedAt === null ? null : Date.parse(row.endedAt))],
    ['made_at', (row) => Date.parse(row.madeAt)],
    ['json', (row) => text(row.json)],
    ['stored_at', (row) => Date.parse(row.storedAt)],
  ],
};

const COLUMNS = `kind, system, id, version, deleted, ${ms('made_at')} AS madeAt, if(ended_at IS NULL, NULL, ${ms('assumeNotNull(ended_at)')}) AS endedAt, ${ms('stored_at')} AS changedAt, json`;
const Row = z.object({
  kind: z.enum(KINDS),
  system: z.string(),
  id: z.string(),
  version: z.number(),
  deleted: z.boolean(),
  madeAt: z.number(),
  endedAt: z.number().nullable(),
  changedAt: z.number(),
  json: z.string(),
});
const all = defineQuery({
  name: 'directory.load',
  sql: `SELECT ${COLUMNS} FROM directory_records FINAL ORDER BY kind, system, id`,
  params: z.object({}),
  row: Row,
});
const one = defineQuery({
  name: 'directory.one',
  sql: `SELECT ${COLUMNS} FROM directory_records FINAL WHERE kind = {kind:String} AND system = {system:String} AND id = {id:String} AND NOT deleted`,
  params: z.object({ kind: z.string(), system: z.string(), id: z.string() }),
  row: Row,
});
const listed = defineQuery({
  name: 'directory.list',
  sql: `SELECT ${COLUMNS} FROM directory_records FINAL
WHERE kind = {kind:String} AND system = {system:String} AND NOT deleted
  AND ({name:String} = '' OR name = {name:String}) AND ({external:String} = '' OR external = {external:String})
ORDER BY made_at, id`,
  params: z.object({ kind: z.string(), system: z.string(), name: z.string(), external: z.string() }),
  row: Row,
});
const stamp = defineQuery({
  name: 'directory.stamp',
  sql: 'SELECT count() AS rows, sum(version) AS versions FROM directory_records FINAL',
  params: z.object({}),
  row: z.object({ rows: z.number(), versions: z.number() }),
});
const changes = defineQuery({
  name: 'directory.changes',
  sql: `SELECT kind, system, ${ms('max(stored_at)')} AS at, countIf(NOT deleted) AS records FROM directory_records FINAL
WHERE stored_at > ${at('since')} GROUP BY kind, system ORDER BY system, kind`,
  params: z.object({ since: z.number() }),
  row: z.object({ kind: z.enum(KINDS), system: z.string(), at: z.number(), records: z.number() }),
});

/** How many rows one insert has at most: it stays one block, so that it is there as a whole or not at all. */
const BLOCK = 200_000;

/** Accounts and groups as directories tell of them. @throws UnavailableError */
export class DirectoryStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  /** Everything, deleted SCIM users too: an account that is gone stays somebody's. */
  async load(): Promise<{ readonly accounts: readonly StoredAccount[]; readonly scim: readonly StoredScimResource[] }> {
    const rows = await this.#clickhouse.query(all, {});
    return {
      accounts: rows
        .filter(({ kind }) => kind === 'account')
        .map(({ json, version, deleted }) => ({ account: AccountRecord.parse(JSON.parse(json)), version, deleted })),
      scim: rows.flatMap(resourceOf),
    };
  }

  /** @param rows each with its next version */
  async saveAccounts(rows: readonly StoredAccount[], now: number): Promise<void> {
    const storedAt = isoInstant(now);
    for (const block of chunksOf(rows, BLOCK)) {
      await insertRows(
        this.#clickhouse,
        directory,
        block.map(({ account, version, deleted }) => ({
          kind: 'account' as const,
          system: account.system,
          id: ownIdentityOf(account),
          name: account.name.toLowerCase(),
          external: account.id ?? '',
          version,
          deleted,
          endedAt: null,
          madeAt: storedAt,
          json: JSON.stringify(account),
          storedAt,
        })),
      );
    }
  }

  async find(kind: ScimResource['kind'], system: string, id: string): Promise<StoredScimResource | undefined> {
    return (await this.#clickhouse.query(one, { kind, system, id })).flatMap(resourceOf)[0];
  }

  /** Oldest first. @param by narrows it to one name (in any case) or one id of the client's */
  async list(
    kind: ScimResource['kind'],
    system: string,
    by: { readonly name?: string; readonly external?: string } = {},
  ): Promise<readonly StoredScimResource[]> {
    const rows = await this.#clickhouse.query(listed, { kind, system, name: by.name?.toLowerCase() ?? '', external: by.external ?? '' });
    return rows.flatMap(resourceOf);
  }

  /** @param resources each with its next version */
  async save(resources: readonly StoredScimResource[]): Promise<void> {
    await insertRows(
      this.#clickhouse,
      directory,
      resources.map(({ kind, system, id, resource, version, deleted, endedAt, createdAt, changedAt }) => ({
        kind,
        system,
        id,
        name: textOf(resource[kind === 'user' ? 'userName' : 'displayName']).toLowerCase(),
        external: textOf(resource['externalId']),
        version,
        deleted,
        endedAt,
        madeAt: createdAt,
        json: JSON.stringify(resource),
        storedAt: changedAt,
      })),
    );
  }

  /** The same text as long as nothing has changed. */
  async stamp(): Promise<string> {
    return JSON.stringify((await this.#clickhouse.query(stamp, {}))[0] ?? {});
  }

  /** What each system has, and when it was last heard of. */
  async systems(): Promise<readonly { kind: (typeof KINDS)[number]; system: string; at: number; records: number }[]> {
    return this.#clickhouse.query(changes, { since: 0 });
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const Resource = z.record(z.string(), z.unknown());

function resourceOf({ kind, system, id, version, deleted, madeAt, endedAt, changedAt, json }: z.infer<typeof Row>): StoredScimResource[] {
  if (kind === 'account') return [];
  const instants = {
    createdAt: isoInstant(madeAt),
    changedAt: isoInstant(changedAt),
    endedAt: endedAt === null ? null : isoInstant(endedAt),
  };
  return [{ kind, system, id, version, deleted, ...instants, resource: Resource.parse(JSON.parse(json)) }];
}
