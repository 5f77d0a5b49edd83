import { Alert } from '@keyward/alerts';
import { Grant } from '@keyward/identity';
import { Effect } from '@keyward/response';
import type { DeliveryState, ResponseStore } from '@keyward/stages';
import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { chunksOf, insertRows } from '../rows.js';
import { deliveries, effects, grants, type VersionedGrant } from './case-tables.js';

const KEYS = 2_000;
const Uids = z.object({ uids: z.array(z.string()) });
/** A column of JSON that this adapter wrote, parsed by the schema of the domain. */
const json = <S extends z.ZodType>(schema: S): z.ZodType<z.output<S>> => z.string().transform((value) => schema.parse(JSON.parse(value)));
const EffectRow = z.object({ effect: json(Effect) });

const openGrants = defineQuery({
  name: 'response.open_grants',
  sql: `SELECT grant_json AS grant FROM grants FINAL
        WHERE identity IN {uids:Array(String)} AND state IN ('active', 'eligible') ORDER BY uid`,
  params: Uids,
  row: z.object({ grant: json(Grant) }),
});
const grantByUid = defineQuery({
  name: 'response.grant',
  sql: 'SELECT grant_json AS grant FROM grants FINAL WHERE uid IN {uids:Array(String)}',
  params: Uids,
  row: z.object({ grant: json(Grant) }),
});
const alertByUid = defineQuery({
  name: 'response.alert',
  sql: 'SELECT alert FROM alerts FINAL WHERE uid IN {uids:Array(String)}',
  params: Uids,
  row: z.object({ alert: json(Alert) }),
});
const effectsOfAlerts = defineQuery({
  name: 'response.effects_of_alerts',
  sql: 'SELECT effect FROM effects FINAL WHERE alert_uid IN {uids:Array(String)} ORDER BY at, chain, seq',
  params: Uids,
  row: EffectRow,
});
const effectByUid = defineQuery({
  name: 'response.effect',
  sql: 'SELECT effect FROM effects FINAL WHERE uid IN {uids:Array(String)} ORDER BY at, chain, seq',
  params: Uids,
  row: EffectRow,
});
const taking = defineQuery({
  name: 'response.revocations_since',
  sql: `SELECT effect FROM effects FINAL
        WHERE at >= fromUnixTimestamp64Milli({at:Int64}) AND state IN ('revoking', 'revoked', 'verified', 'not_verified')
        ORDER BY at, chain, seq`,
  params: z.object({ at: z.number().int() }),
  row: EffectRow,
});
const head = defineQuery({
  name: 'response.chain_head',
  sql: 'SELECT seq, hash FROM effects WHERE chain = {chain:String} ORDER BY chain DESC, seq DESC LIMIT 1',
  params: z.object({ chain: z.string() }),
  row: z.object({ seq: z.number(), hash: z.string() }),
});
const chainRows = defineQuery({
  name: 'response.chain',
  sql: 'SELECT effect FROM effects FINAL WHERE chain = {chain:String} ORDER BY seq, hash',
  params: z.object({ chain: z.string() }),
  row: EffectRow,
});
const chainNames = defineQuery({
  name: 'response.chains',
  sql: 'SELECT DISTINCT chain FROM effects ORDER BY chain',
  params: z.object({}),
  row: z.object({ chain: z.string() }),
});
const DELIVERY_COLUMNS = `id, sink, alert_uid AS alertUid, alert_version AS alertVersion, state, attempts, last_error AS lastError,
        toUnixTimestamp64Milli(updated_at) AS updatedAt`;
const DeliveryRow = z.object({
  id: z.string(),
  sink: z.string(),
  alertUid: z.string(),
  alertVersion: z.number(),
  state: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.number(),
  lastError: z.string().transform((value) => (value === '' ? undefined : value)),
  updatedAt: z.number(),
});
const deliveriesById = defineQuery({
  name: 'response.deliveries',
  sql: `SELECT ${DELIVERY_COLUMNS} FROM deliveries FINAL WHERE id IN {uids:Array(String)}`,
  params: Uids,
  row: DeliveryRow,
});
const pendingDeliveries = defineQuery({
  name: 'response.pending_deliveries',
  sql: `SELECT ${DELIVERY_COLUMNS} FROM deliveries FINAL WHERE state = 'pending'
        ORDER BY updated_at, id LIMIT {limit:UInt32} BY sink`,
  params: z.object({ limit: z.number().int().nonnegative() }),
  row: DeliveryRow,
});
const unfinishedEffects = defineQuery({
  name: 'response.unfinished_effects',
  sql: `SELECT effect FROM effects FINAL
        WHERE uid IN (
          SELECT uid FROM effects GROUP BY uid
          HAVING argMax(state, (at, chain, seq)) IN ('approved', 'revoking', 'revoked', 'already_absent', 'not_verified')
          ORDER BY min(at), uid LIMIT {limit:UInt32} BY any(connector))
        ORDER BY at, chain, seq`,
  params: z.object({ limit: z.number().int().nonnegative() }),
  row: EffectRow,
});
const activeGrants = defineQuery({
  name: 'response.active_grants',
  sql: `SELECT count() AS grants FROM grants FINAL
        WHERE jit AND state = 'active'
          AND (starts_at IS NULL OR starts_at <= fromUnixTimestamp64Milli({at:Int64}))
          AND (ends_at IS NULL OR ends_at > fromUnixTimestamp64Milli({at:Int64}))`,
  params: z.object({ at: z.number().int() }),
  row: z.object({ grants: z.number() }),
});
/** What RESPOND reads and writes, and the whole decision log for `keyward doctor`. */
export class ClickHouseResponseStore implements ResponseStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  async openGrants(identities: readonly string[]): Promise<readonly Grant[]> {
    const rows = await this.#each(identities, (uids) => this.#clickhouse.query(openGrants, { uids }));
    return rows.map((row) => row.grant);
  }
  async grant(uid: string): Promise<Grant | undefined> {
    return (await this.#clickhouse.query(grantByUid, { uids: [uid] }))[0]?.grant;
  }
  async alert(uid: string): Promise<Alert | undefined> {
    return (await this.#clickhouse.query(alertByUid, { uids: [uid] }))[0]?.alert;
  }
  async effectsOf(alertUids: readonly string[]): Promise<readonly Effect[]> {
    return effectsIn(await this.#each(alertUids, (uids) => this.#clickhouse.query(effectsOfAlerts, { uids })));
  }
  async effect(uid: string): Promise<readonly Effect[]> {
    return effectsIn(await this.#clickhouse.query(effectByUid, { uids: [uid] }));
  }
  async revocationsSince(at: number): Promise<readonly Effect[]> {
    return effectsIn(await this.#clickhouse.query(taking, { at: Math.trunc(at) }));
  }
  async chainHead(chain: string): Promise<{ readonly seq: number; readonly hash: string } | undefined> {
    return (await this.#clickhouse.query(head, { chain }))[0];
  }
  /** Names of all chains of the decision log. */
  async chains(): Promise<readonly string[]> {
    return (await this.#clickhouse.query(chainNames, {})).map((row) => row.chain);
  }
  /** All links of one chain in order; two links at one place (which must not be) are both returned. */
  async chain(chain: string): Promise<readonly Effect[]> {
    return effectsIn(await this.#clickhouse.query(chainRows, { chain }));
  }
  appendEffects(rows: readonly Effect[]): Promise<void> {
    return insertRows(this.#clickhouse, effects, rows);
  }
  upsertGrants(rows: readonly VersionedGrant[]): Promise<void> {
    return insertRows(this.#clickhouse, grants, rows);
  }
  async deliveries(ids: readonly string[]): Promise<ReadonlyMap<string, DeliveryState>> {
    const rows = await this.#each(ids, (uids) => this.#clickhouse.query(deliveriesById, { uids }));
    return new Map(rows.map((row) => [row.id, row]));
  }
  saveDelivery(delivery: DeliveryState): Promise<void> {
    return insertRows(this.#clickhouse, deliveries, [delivery]);
  }
  async pendingDeliveries(limitPerSink: number): Promise<readonly DeliveryState[]> {
    return this.#clickhouse.query(pendingDeliveries, { limit: limitPerSink });
  }
  async unfinishedEffects(limitPerConnector: number): Promise<readonly Effect[]> {
    return effectsIn(await this.#clickhouse.query(unfinishedEffects, { limit: limitPerConnector }));
  }
  async countActiveGrants(at: number): Promise<number> {
    return (await this.#clickhouse.query(activeGrants, { at: Math.trunc(at) }))[0]?.grants ?? 0;
  }

  async #each<R>(keys: readonly string[], read: (keys: string[]) => Promise<R[]>): Promise<R[]> {
    const found: R[] = [];
    for (const chunk of chunksOf(keys, KEYS)) found.push(...(await read([...chunk])));
    return found;
  }
}

/** Chunks come each in order; together they need it again. */
const effectsIn = (rows: readonly { readonly effect: Effect }[]): Effect[] =>
  rows.map((row) => row.effect).sort((a, b) => a.at - b.at || (a.chain < b.chain ? -1 : a.chain > b.chain ? 1 : a.seq - b.seq));
