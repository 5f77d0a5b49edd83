import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { columnsOf } from './user-store.js';

/** An API token without its secret. Instants are epoch ms. */
export const StoredToken = z.object({
  hash: z.string(),
  version: z.number(),
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  hint: z.string(),
  createdBy: z.string(),
  createdAt: z.number(),
  expiresAt: z.number().nullable(),
  lastUsedAt: z.number().nullable(),
  revokedAt: z.number().nullable(),
});
export type StoredToken = z.infer<typeof StoredToken>;

const COLUMNS = `hash, version, id, name, scopes, hint, created_by AS createdBy, toUnixTimestamp64Milli(created_at) AS createdAt,
  toUnixTimestamp64Milli(expires_at) AS expiresAt, toUnixTimestamp64Milli(last_used_at) AS lastUsedAt,
  toUnixTimestamp64Milli(revoked_at) AS revokedAt`;

const byHash = defineQuery({
  name: 'accounts.token',
  sql: `SELECT ${COLUMNS} FROM api_tokens FINAL WHERE hash = {hash:String}`,
  params: z.object({ hash: z.string() }),
  row: StoredToken,
});
const all = defineQuery({
  name: 'accounts.tokens',
  sql: `SELECT ${COLUMNS} FROM api_tokens FINAL ORDER BY created_at DESC, id`,
  params: z.object({}),
  row: StoredToken,
});

/** 2^53 - 1: above every version that is a time, so that a late "last used" can't bring a revoked token back. */
const REVOKED_VERSION = Number.MAX_SAFE_INTEGER;

/** API tokens, by the hash of their secret. @throws UnavailableError */
export class TokenStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  async find(hash: string): Promise<StoredToken | undefined> {
    return (await this.#clickhouse.query(byHash, { hash }))[0];
  }
  list(): Promise<StoredToken[]> {
    return this.#clickhouse.query(all, {});
  }
  save(token: StoredToken): Promise<void> {
    const row = {
      hash: token.hash,
      version: token.revokedAt === null ? token.version + 1 : REVOKED_VERSION,
      id: token.id,
      name: token.name,
      scopes: token.scopes,
      hint: token.hint,
      created_by: token.createdBy,
      created_at: token.createdAt,
      expires_at: token.expiresAt,
      last_used_at: token.lastUsedAt,
      revoked_at: token.revokedAt,
    };
    return this.#clickhouse.insert('api_tokens', columnsOf(row), [Object.values(row)]);
  }
}
