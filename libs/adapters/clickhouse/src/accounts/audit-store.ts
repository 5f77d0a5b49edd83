import { z } from 'zod';
import type { AuditEntry, AuditPage, AuditQuery } from '@keyward/contract';
import { isoInstant } from '@keyward/events';
import type { ClickHouse } from '../client.js';
import { decodeCursor, encodeCursor, pageFrom } from '../queries/cursor.js';
import { defineQuery } from '../query.js';
import { columnsOf } from './user-store.js';

const Row = z.object({
  id: z.string(),
  at: z.number(),
  user: z.string(),
  action: z.string(),
  object: z.string(),
  outcome: z.enum(['success', 'failure']),
  detail: z.string(),
  address: z.string(),
});

const page = defineQuery({
  name: 'accounts.audit',
  sql: `SELECT id, toUnixTimestamp64Milli(at) AS at, user, action, object, outcome, detail, address FROM audit_log AS l
WHERE l.at >= fromUnixTimestamp64Milli({from:Int64}) AND l.at < fromUnixTimestamp64Milli({to:Int64})
  AND ({user:String} = '' OR user = {user:String}) AND ({action:String} = '' OR startsWith(action, {action:String}))
  AND (l.at, id) < (fromUnixTimestamp64Milli({afterAt:Int64}), {afterId:String})
ORDER BY l.at DESC, id DESC LIMIT {limit:UInt32}`,
  params: z.object({
    from: z.number(),
    to: z.number(),
    user: z.string(),
    action: z.string(),
    afterAt: z.number(),
    afterId: z.string(),
    limit: z.number(),
  }),
  row: Row,
});

/** 2200-01-01: later than anything, and within DateTime64(3). */
const FAR_FUTURE = Date.UTC(2200, 0, 1);
const Position = z.tuple([z.number(), z.string()]);

/** Who did what. @throws UnavailableError */
export class AuditStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  /** @param entry `at` in epoch ms */
  async append(entry: Omit<AuditEntry, 'at'> & { readonly at: number }): Promise<void> {
    const row = {
      id: entry.id,
      at: entry.at,
      user: entry.user,
      action: entry.action,
      object: entry.object,
      outcome: entry.outcome,
      detail: entry.detail,
      address: entry.address,
    };
    await this.#clickhouse.insert('audit_log', columnsOf(row), [Object.values(row)]);
  }

  async list(query: AuditQuery): Promise<AuditPage> {
    const [afterAt, afterId] = decodeCursor(Position, query.cursor) ?? [FAR_FUTURE, ''];
    const rows = await this.#clickhouse.query(page, {
      from: query.from === undefined ? 0 : Date.parse(query.from),
      to: query.to === undefined ? FAR_FUTURE : Date.parse(query.to),
      user: query.user ?? '',
      action: query.action ?? '',
      afterAt,
      afterId,
      limit: query.limit + 1,
    });
    return pageFrom(
      rows,
      query.limit,
      (row) => encodeCursor([row.at, row.id]),
      (row) => ({ ...row, at: isoInstant(row.at) }),
    );
  }
}
