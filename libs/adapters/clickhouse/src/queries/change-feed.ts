import { z } from 'zod';
import { AlertStatus, EffectState, GrantState, Severity, type StreamEvent } from '@keyward/contract';
import { isoInstant } from '@keyward/events';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { at, ms } from './sql.js';

const Since = z.object({ since: z.number() });
/** Changes of one kind in one look; a backlog of more is told by the lists, not by the stream. */
const MAX_CHANGES = 200;

const now = defineQuery({
  name: 'changes.now',
  sql: `SELECT ${ms('now64(3)')} AS at`,
  params: z.object({}),
  row: z.object({ at: z.number() }),
});
const alerts = defineQuery({
  name: 'changes.alerts',
  sql: `SELECT uid, version, title, identity, severity, score, ${ms('last_time')} AS lastTime, ${ms('stored_at')} AS at FROM alerts FINAL
WHERE stored_at > ${at('since')} ORDER BY stored_at LIMIT ${MAX_CHANGES}`,
  params: Since,
  row: z.object({
    uid: z.string(),
    version: z.number(),
    title: z.string(),
    identity: z.string(),
    severity: Severity,
    score: z.number(),
    lastTime: z.number(),
    at: z.number(),
  }),
});
const statuses = defineQuery({
  name: 'changes.statuses',
  sql: `SELECT uid AS id, alert_uid AS uid, status, author AS user, ${ms('act.at')} AS at FROM alert_actions AS act
WHERE act.at > ${at('since')} ORDER BY act.at LIMIT ${MAX_CHANGES}`,
  params: Since,
  row: z.object({ id: z.string(), uid: z.string(), status: AlertStatus, user: z.string(), at: z.number() }),
});
const grants = defineQuery({
  name: 'changes.grants',
  sql: `SELECT uid, version, identity, state, entitlement, ${ms('stored_at')} AS at FROM grants FINAL WHERE stored_at > ${at('since')} ORDER BY stored_at LIMIT ${MAX_CHANGES}`,
  params: Since,
  row: z.object({ uid: z.string(), version: z.number(), identity: z.string(), state: GrantState, entitlement: z.string(), at: z.number() }),
});
const effects = defineQuery({
  name: 'changes.effects',
  sql: `SELECT uid, hash, alert_uid AS alertUid, grant_uid AS grantUid, state, ${ms('stored_at')} AS at FROM effects WHERE stored_at > ${at('since')}
ORDER BY stored_at LIMIT ${MAX_CHANGES}`,
  params: Since,
  row: z.object({ uid: z.string(), hash: z.string(), alertUid: z.string(), grantUid: z.string(), state: EffectState, at: z.number() }),
});

/** Something that is new in the store. */
export interface Change {
  /** Same change, same key: looks overlap. */
  readonly key: string;
  /** Store's wall time, epoch ms. */
  readonly at: number;
  readonly event: StreamEvent;
}

/** What has changed since an instant, for the live stream. @throws UnavailableError */
export class ChangeFeed {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  /** The store's own wall time, epoch ms: changes are dated by it. */
  async now(): Promise<number> {
    return (await this.#clickhouse.query(now, {}))[0]?.at ?? 0;
  }

  /** @param since store's wall time, epoch ms, exclusive @returns oldest first */
  async since(since: number): Promise<Change[]> {
    const [alertRows, statusRows, grantRows, effectRows] = await Promise.all([
      this.#clickhouse.query(alerts, { since }),
      this.#clickhouse.query(statuses, { since }),
      this.#clickhouse.query(grants, { since }),
      this.#clickhouse.query(effects, { since }),
    ]);
    const changes: Change[] = [
      ...alertRows.map(({ at: stored, lastTime, ...row }) => ({
        key: `alert ${row.uid} ${row.version}`,
        at: stored,
        event: { kind: 'alert' as const, ...row, lastTime: isoInstant(lastTime) },
      })),
      ...statusRows.map(({ at: acted, id, ...row }) => ({
        key: `status ${id}`,
        at: acted,
        event: { kind: 'alert_status' as const, ...row },
      })),
      ...grantRows.map(({ at: stored, version, ...row }) => ({
        key: `grant ${row.uid} ${version} ${row.state}`,
        at: stored,
        event: { kind: 'grant' as const, ...row },
      })),
      ...effectRows.map(({ at: stored, hash, ...row }) => ({
        key: `effect ${hash}`,
        at: stored,
        event: { kind: 'effect' as const, ...row },
      })),
    ];
    return changes.sort((a, b) => a.at - b.at);
  }
}
