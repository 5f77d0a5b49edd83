import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { columnsOf, StoredUser } from './user-store.js';

/** A session with the user as he stands now. Instants are epoch ms. */
export const StoredSession = z.object({
  id: z.string(),
  user: z.string(),
  createdAt: z.number(),
  lastSeenAt: z.number(),
  expiresAt: z.number(),
  address: z.string(),
  userAgent: z.string(),
});
export type StoredSession = z.infer<typeof StoredSession>;

const valid = defineQuery({
  name: 'accounts.session',
  sql: `SELECT s.id AS id, s.user AS user, toUnixTimestamp64Milli(s.created_at) AS createdAt, toUnixTimestamp64Milli(s.last_seen_at) AS lastSeenAt,
  toUnixTimestamp64Milli(s.expires_at) AS expiresAt, s.address AS address, s.user_agent AS userAgent, u.display_name AS displayName, u.role AS role,
  u.must_change_password AS mustChangePassword
FROM (SELECT * FROM sessions FINAL WHERE id = {id:String}) AS s
INNER JOIN (SELECT * FROM users FINAL WHERE NOT deleted AND NOT disabled) AS u ON u.name = s.user
WHERE NOT s.ended AND s.created_at >= u.sessions_valid_from AND s.expires_at > fromUnixTimestamp64Milli({now:Int64})
  AND s.last_seen_at > fromUnixTimestamp64Milli({idleSince:Int64})`,
  params: z.object({ id: z.string(), now: z.number(), idleSince: z.number() }),
  row: StoredSession.extend(StoredUser.pick({ displayName: true, role: true, mustChangePassword: true }).shape),
});
export type ValidSession = z.infer<typeof valid.row>;

/** 2^53 - 1: above every version that is a time. */
const ENDED_VERSION = Number.MAX_SAFE_INTEGER;

/** Sessions, by the hash of their secret. @throws UnavailableError */
export class SessionStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  /**
   * The session, when it may still be used: not ended, neither too old nor idle for too long, its user not disabled, and nothing happened to
   * the user since (password, role) that ends sessions.
   *
   * @param now wall time, epoch ms
   * @param idleSince a session that was last seen at or before is over
   */
  async findValid(id: string, now: number, idleSince: number): Promise<ValidSession | undefined> {
    return (await this.#clickhouse.query(valid, { id, now, idleSince }))[0];
  }
  save(session: StoredSession): Promise<void> {
    return this.#write(session, false);
  }
  end(session: StoredSession): Promise<void> {
    return this.#write(session, true);
  }

  #write(session: StoredSession, ended: boolean): Promise<void> {
    const row = {
      id: session.id,
      version: ended ? ENDED_VERSION : session.lastSeenAt,
      user: session.user,
      created_at: session.createdAt,
      last_seen_at: session.lastSeenAt,
      expires_at: session.expiresAt,
      ended,
      address: session.address,
      user_agent: session.userAgent,
    };
    return this.#clickhouse.insert('sessions', columnsOf(row), [Object.values(row)]);
  }
}
