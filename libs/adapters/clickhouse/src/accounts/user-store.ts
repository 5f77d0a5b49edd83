import { z } from 'zod';
import { Role } from '@keyward/contract';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';

/** Somebody who may sign in. Instants are epoch ms. */
export const StoredUser = z.object({
  name: z.string(),
  version: z.number(),
  displayName: z.string(),
  role: Role,
  passwordHash: z.string(),
  disabled: z.boolean(),
  mustChangePassword: z.boolean(),
  sessionsValidFrom: z.number(),
  createdAt: z.number(),
  changedAt: z.number(),
  lastLoginAt: z.number().nullable(),
});
export type StoredUser = z.infer<typeof StoredUser>;

const COLUMNS = `name, version, display_name AS displayName, role, password_hash AS passwordHash, disabled,
  must_change_password AS mustChangePassword, toUnixTimestamp64Milli(sessions_valid_from) AS sessionsValidFrom,
  toUnixTimestamp64Milli(created_at) AS createdAt, toUnixTimestamp64Milli(changed_at) AS changedAt,
  toUnixTimestamp64Milli(last_login_at) AS lastLoginAt`;

const byName = defineQuery({
  name: 'accounts.user',
  sql: `SELECT ${COLUMNS} FROM users FINAL WHERE name = {name:String} AND NOT deleted`,
  params: z.object({ name: z.string() }),
  row: StoredUser,
});
const all = defineQuery({
  name: 'accounts.users',
  sql: `SELECT ${COLUMNS} FROM users FINAL WHERE NOT deleted ORDER BY name`,
  params: z.object({}),
  row: StoredUser,
});

/** Users, newest version wins. @throws UnavailableError */
export class UserStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  async find(name: string): Promise<StoredUser | undefined> {
    return (await this.#clickhouse.query(byName, { name }))[0];
  }
  list(): Promise<StoredUser[]> {
    return this.#clickhouse.query(all, {});
  }
  /** @param user as it shall be; `version` is that of the row it was made from */
  save(user: StoredUser): Promise<void> {
    return this.#write(user, false);
  }
  delete(user: StoredUser): Promise<void> {
    return this.#write(user, true);
  }

  #write(user: StoredUser, deleted: boolean): Promise<void> {
    const row = {
      name: user.name,
      version: Math.max(user.version + 1, user.changedAt),
      display_name: user.displayName,
      role: user.role,
      password_hash: deleted ? '' : user.passwordHash,
      disabled: user.disabled,
      deleted,
      must_change_password: user.mustChangePassword,
      sessions_valid_from: user.sessionsValidFrom,
      created_at: user.createdAt,
      changed_at: user.changedAt,
      last_login_at: user.lastLoginAt,
    };
    return this.#clickhouse.insert('users', columnsOf(row), [Object.values(row)]);
  }
}

/** Column names of a row object, in its own order. */
export function columnsOf(row: Readonly<Record<string, unknown>>): [string, ...string[]] {
  const [first, ...rest] = Object.keys(row);
  if (first === undefined) throw new Error('a row has columns');
  return [first, ...rest];
}
