import {
  AssetRecord,
  GroupRecord,
  IdentityRecord,
  RoleRecord,
  TicketRecord,
  buildOrganisation,
  linkOrganisation,
  recordsOfScim,
  type Linking,
  type Organisation,
  type OrganisationRecords,
} from '@keyward/identity';
import { SodPolicy } from '@keyward/sod';
import type { OrganisationSource } from '@keyward/stages';
import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { insertRows, text, type TableOf } from '../rows.js';
import { DirectoryStore, type StoredAccount, type StoredScimResource } from './directory-store.js';
import { LinkDecisionStore, type StoredLinkDecision } from './link-decision-store.js';

const KINDS = ['identity', 'asset', 'group', 'role', 'ticket', 'sod'] as const;
export type OrganisationKind = (typeof KINDS)[number];

interface StoredRecord {
  readonly kind: OrganisationKind;
  readonly id: string;
  readonly version: number;
  readonly deleted: boolean;
  readonly json: string;
}
const organisation: TableOf<StoredRecord> = {
  name: 'organisation',
  cells: [
    ['kind', (row) => row.kind],
    ['id', (row) => text(row.id)],
    ['version', (row) => row.version],
    ['deleted', (row) => row.deleted],
    ['json', (row) => row.json],
  ],
};

const all = defineQuery({
  name: 'organisation.load',
  sql: 'SELECT kind, id, version, json FROM organisation FINAL WHERE NOT deleted ORDER BY kind, id',
  params: z.object({}),
  row: z.object({ kind: z.enum(KINDS), id: z.string(), version: z.number(), json: z.string() }),
});
/** Changes with every row written: tells cheaply whether a reload is needed. */
const stamp = defineQuery({
  name: 'organisation.stamp',
  sql: 'SELECT count() AS rows, sum(version) AS versions FROM organisation FINAL',
  params: z.object({}),
  row: z.object({ rows: z.number(), versions: z.number() }),
});
const versions = defineQuery({
  name: 'organisation.versions',
  sql: 'SELECT kind, id, version, deleted, json FROM organisation FINAL',
  params: z.object({}),
  row: z.object({ kind: z.enum(KINDS), id: z.string(), version: z.number(), deleted: z.boolean(), json: z.string() }),
});

/** Context records as imported, and what directories and people say of accounts; nothing is linked yet. */
export interface StoredOrganisation {
  readonly records: OrganisationRecords;
  readonly sod: SodPolicy;
  readonly accounts: readonly StoredAccount[];
  readonly scim: readonly StoredScimResource[];
  readonly decisions: readonly StoredLinkDecision[];
}

/** Context records as imported. Unknown fields are kept. @throws UnavailableError */
export class OrganisationStore {
  readonly #clickhouse: ClickHouse;
  readonly #directory: DirectoryStore;
  readonly #decisions: LinkDecisionStore;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
    this.#directory = new DirectoryStore(clickhouse);
    this.#decisions = new LinkDecisionStore(clickhouse);
  }

  /**
   * Adds and changes records; with `replace`, those that are not given are taken out. A record that is the same stays as it is.
   * @returns how many were written
   */
  async save(
    records: Partial<OrganisationRecords> & { readonly sod?: SodPolicy },
    { replace = false }: { readonly replace?: boolean } = {},
  ): Promise<number> {
    const wanted = new Map(entriesOf(records).map((entry) => [`${entry.kind}\u001f${entry.id}`, entry]));
    const before = new Map((await this.#clickhouse.query(versions, {})).map((row) => [`${row.kind}\u001f${row.id}`, row]));
    const changed: StoredRecord[] = [];
    for (const [key, entry] of wanted) {
      const old = before.get(key);
      if (!old || old.deleted || old.json !== entry.json) changed.push({ ...entry, version: (old?.version ?? 0) + 1, deleted: false });
    }
    if (replace) {
      for (const [key, old] of before) {
        if (!old.deleted && !wanted.has(key)) changed.push({ ...old, version: old.version + 1, deleted: true });
      }
    }
    await insertRows(this.#clickhouse, organisation, changed);
    return changed.length;
  }

  async load(): Promise<StoredOrganisation> {
    const [rows, directory, decisions] = await Promise.all([
      this.#clickhouse.query(all, {}),
      this.#directory.load(),
      this.#decisions.inForce(),
    ]);
    const of = <S extends z.ZodType>(kind: OrganisationKind, schema: S): z.output<S>[] =>
      rows.filter((row) => row.kind === kind).map((row) => schema.parse(JSON.parse(row.json)));
    return {
      records: {
        identities: of('identity', IdentityRecord),
        assets: of('asset', AssetRecord),
        groups: of('group', GroupRecord),
        roles: of('role', RoleRecord),
        tickets: of('ticket', TicketRecord),
      },
      sod: of('sod', SodPolicy)[0] ?? SodPolicy.parse({}),
      ...directory,
      decisions,
    };
  }

  /** The same text as long as nothing has changed. */
  async stamp(): Promise<string> {
    const [rows, ...others] = await Promise.all([this.#clickhouse.query(stamp, {}), this.#directory.stamp(), this.#decisions.stamp()]);
    return [JSON.stringify(rows[0] ?? {}), ...others].join('');
  }
}

function entriesOf(
  records: Partial<OrganisationRecords> & { readonly sod?: SodPolicy },
): { kind: OrganisationKind; id: string; json: string }[] {
  const list = <T>(kind: OrganisationKind, rows: readonly T[] | undefined, idOf: (row: T) => string) =>
    (rows ?? []).map((row) => ({ kind, id: text(idOf(row)), json: text(JSON.stringify(row)) }));
  return [
    ...list('identity', records.identities, (row) => row.id),
    ...list('asset', records.assets, (row) => row.id),
    ...list('group', records.groups, (row) => row.group),
    ...list('role', records.roles, (row) => row.role),
    ...list('ticket', records.tickets, (row) => row.id),
    ...list('sod', records.sod ? [records.sod] : [], () => 'sod'),
  ];
}

/** Whose each account is, and the organisation that this makes. */
function linkStored({ records, accounts, scim, decisions }: StoredOrganisation): { organisation: Organisation; linking: Linking } {
  const told = recordsOfScim(scim);
  const { records: linked, linking } = linkOrganisation({
    ...records,
    groups: [...records.groups, ...told.groups],
    accounts: [...accounts.filter(({ deleted }) => !deleted).map(({ account }) => account), ...told.accounts],
    decisions: decisions.map(({ system, name, identity }) => ({ system, name, identity })),
  });
  return { organisation: buildOrganisation(linked), linking };
}

/** Who is who, as stored: `load` once at start, `refresh` on demand or on a schedule. A changed organisation is another object. */
export class StoredOrganisationSource implements OrganisationSource {
  readonly #store: OrganisationStore;
  #current: ReturnType<OrganisationSource['current']> & { readonly linking: Linking };
  #stamp: string;

  constructor(store: OrganisationStore, stored: StoredOrganisation, stamp: string) {
    this.#store = store;
    this.#stamp = stamp;
    this.#current = { ...linkStored(stored), sod: stored.sod };
  }
  static async load(store: OrganisationStore): Promise<StoredOrganisationSource> {
    const stamp = await store.stamp(); // before the rows: a change in between is then seen by the next refresh
    return new StoredOrganisationSource(store, await store.load(), stamp);
  }

  /** `linking`: whose the accounts of directories are, and which can't be told. */
  current(): ReturnType<OrganisationSource['current']> & { readonly linking: Linking } {
    return this.#current;
  }

  /** @returns whether anything had changed @throws UnavailableError; `current` then stays as it was */
  async refresh(): Promise<boolean> {
    const stamp = await this.#store.stamp();
    if (stamp === this.#stamp) return false;
    const stored = await this.#store.load();
    this.#current = { ...linkStored(stored), sod: stored.sod };
    this.#stamp = stamp;
    return true;
  }
}
