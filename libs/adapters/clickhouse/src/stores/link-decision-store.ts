import { z } from 'zod';
import { ownIdentityOf } from '@keyward/identity';
import type { ClickHouse } from '../client.js';
import { ms } from '../queries/sql.js';
import { defineQuery } from '../query.js';
import { insertRows, text, type TableOf } from '../rows.js';

/** What a person decided of an account. `identity` null: it is nobody's of those in question. */
export interface StoredLinkDecision {
  readonly uid: string;
  /** Epoch ms. */
  readonly at: number;
  readonly author: string;
  readonly system: string;
  readonly name: string;
  readonly identity: string | null;
  readonly reason: string;
  /** The decision that this one takes back. */
  readonly undoes?: string;
}

const decisions: TableOf<StoredLinkDecision> = {
  name: 'link_decisions',
  cells: [
    ['uid', (row) => row.uid],
    ['at', (row) => row.at],
    ['author', (row) => text(row.author)],
    ['system', (row) => text(row.system)],
    ['name', (row) => text(row.name)],
    ['identity', (row) => text(row.identity ?? '')],
    ['reason', (row) => text(row.reason)],
    ['undoes', (row) => row.undoes ?? ''],
  ],
};
const all = defineQuery({
  name: 'links.decisions',
  sql: `SELECT uid, ${ms('at')} AS atMs, author, system, name, identity, reason, undoes FROM link_decisions FINAL ORDER BY link_decisions.at, uid`,
  params: z.object({}),
  row: z.object({
    uid: z.string(),
    atMs: z.number(),
    author: z.string(),
    system: z.string(),
    name: z.string(),
    identity: z.string(),
    reason: z.string(),
    undoes: z.string(),
  }),
});
const stamp = defineQuery({
  name: 'links.stamp',
  sql: 'SELECT count() AS rows FROM link_decisions FINAL',
  params: z.object({}),
  row: z.object({ rows: z.number() }),
});

/** Decisions on whose an account is: appended, never changed. @throws UnavailableError */
export class LinkDecisionStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  append(decision: StoredLinkDecision): Promise<void> {
    return insertRows(this.#clickhouse, decisions, [decision]);
  }

  /** The newest of each account; none where it was taken back. */
  async inForce(): Promise<readonly StoredLinkDecision[]> {
    const newest = new Map<string, StoredLinkDecision>();
    for (const { atMs, identity, undoes, ...row } of await this.#clickhouse.query(all, {})) {
      if (undoes === '') newest.set(ownIdentityOf(row), { ...row, at: atMs, identity: identity === '' ? null : identity });
      else newest.delete(ownIdentityOf(row));
    }
    return [...newest.values()];
  }

  async stamp(): Promise<string> {
    return JSON.stringify((await this.#clickhouse.query(stamp, {}))[0] ?? {});
  }
}
