import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { columnsOf } from './user-store.js';

/** Failed attempts within a window, and the wall time of the newest, epoch ms (0: none). */
const Failures = z.object({
  ofPair: z.number(),
  lastOfPair: z.number(),
  ofAddress: z.number(),
  lastOfAddress: z.number(),
  ofUser: z.number(),
  lastOfUser: z.number(),
});
export type LoginFailures = z.infer<typeof Failures>;

/** An attempt failed when no success with its id is known; a success forgives what the same pair failed before. */
const failures = defineQuery({
  name: 'accounts.login_failures',
  sql: `WITH attempts AS (
  SELECT id, any(user) AS u, any(address) AS a, max(at) AS time, max(success) AS ok
  FROM login_attempts WHERE at > fromUnixTimestamp64Milli({since:Int64}) AND (user = {user:String} OR address = {address:String}) GROUP BY id
), (SELECT max(time) FROM attempts WHERE ok AND u = {user:String} AND a = {address:String}) AS forgiven
SELECT countIf(u = {user:String} AND a = {address:String} AND time > forgiven) AS ofPair,
  toUnixTimestamp64Milli(maxIf(time, u = {user:String} AND a = {address:String} AND time > forgiven)) AS lastOfPair,
  countIf(a = {address:String}) AS ofAddress, toUnixTimestamp64Milli(maxIf(time, a = {address:String})) AS lastOfAddress,
  countIf(u = {user:String}) AS ofUser, toUnixTimestamp64Milli(maxIf(time, u = {user:String})) AS lastOfUser
FROM attempts WHERE NOT ok`,
  params: z.object({ since: z.number(), user: z.string(), address: z.string() }),
  row: Failures,
});
const known = defineQuery({
  name: 'accounts.login_known_address',
  sql: `SELECT count() > 0 AS known FROM login_attempts
WHERE at > fromUnixTimestamp64Milli({since:Int64}) AND user = {user:String} AND address = {address:String} AND success`,
  params: z.object({ since: z.number(), user: z.string(), address: z.string() }),
  row: z.object({ known: z.union([z.boolean(), z.number()]).transform(Boolean) }),
});

export interface LoginAttempt {
  readonly id: string;
  readonly user: string;
  readonly address: string;
  /** Wall time, epoch ms. */
  readonly at: number;
}

/** What was tried at the login. @throws UnavailableError */
export class LoginAttemptStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  /** Failures of the pair, the address and the user since an instant. */
  async failuresSince(since: number, user: string, address: string): Promise<LoginFailures> {
    const [row] = await this.#clickhouse.query(failures, { since, user, address });
    return row ?? { ofPair: 0, lastOfPair: 0, ofAddress: 0, lastOfAddress: 0, ofUser: 0, lastOfUser: 0 };
  }
  /** Whether the user has signed in from there since an instant. */
  async isKnownAddress(since: number, user: string, address: string): Promise<boolean> {
    return (await this.#clickhouse.query(known, { since, user, address }))[0]?.known ?? false;
  }
  /** Counts as failed until `succeeded` says otherwise: whoever breaks off does not get a free try. */
  begun(attempt: LoginAttempt): Promise<void> {
    return this.#write(attempt, false);
  }
  succeeded(attempt: LoginAttempt): Promise<void> {
    return this.#write(attempt, true);
  }

  #write(attempt: LoginAttempt, success: boolean): Promise<void> {
    const row = { user: attempt.user, address: attempt.address, at: attempt.at, id: attempt.id, success };
    return this.#clickhouse.insert('login_attempts', columnsOf(row), [Object.values(row)]);
  }
}
