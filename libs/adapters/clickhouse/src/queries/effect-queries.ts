import { z } from 'zod';
import type { DecisionView, EffectDetail, EffectPage, EffectQuery, EffectStep, EffectView } from '@keyward/contract';
import { isoInstant } from '@keyward/events';
import { approvalsNeeded, decide, Effect, type Policy } from '@keyward/response';
import { NotFoundError, type Clock } from '@keyward/runtime';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { Directory } from './directory.js';
import { and, AnyParams, ms, orNull, when } from './sql.js';

const steps = defineQuery({
  name: 'effects.steps',
  sql: `SELECT effect FROM effects FINAL WHERE uid IN {uids:Array(String)} ORDER BY effects.at, seq`,
  params: z.object({ uids: z.array(z.string()) }),
  row: z.object({ effect: z.string().transform((text) => Effect.parse(JSON.parse(text))) }),
});
const titles = defineQuery({
  name: 'effects.titles',
  sql: `SELECT uid, title FROM alerts FINAL WHERE uid IN {uids:Array(String)}`,
  params: z.object({ uids: z.array(z.string()) }),
  row: z.object({ uid: z.string(), title: z.string() }),
});
const uidsOf = defineQuery({
  name: 'effects.of',
  sql: `SELECT uid FROM effects WHERE ({alert:String} != '' AND alert_uid = {alert:String}) OR ({grant:String} != '' AND grant_uid = {grant:String})
GROUP BY uid ORDER BY max(effects.at) DESC LIMIT 200`,
  params: z.object({ alert: z.string(), grant: z.string() }),
  row: z.object({ uid: z.string() }),
});
const decisions = defineQuery({
  name: 'effects.decisions',
  sql: `SELECT uid, kind, effect_uid AS effectUid, alert_uid AS alertUid, grant_uid AS grantUid, user, reason, ${ms('d.at')} AS at
FROM decisions AS d FINAL WHERE effect_uid = {uid:String} ORDER BY d.at`,
  params: z.object({ uid: z.string() }),
  row: z.object({
    uid: z.string(),
    kind: z.enum(['approve', 'deny', 'revoke']),
    effectUid: z.string(),
    alertUid: z.string(),
    grantUid: z.string(),
    user: z.string(),
    reason: z.string(),
    at: z.number(),
  }),
});
const Key = z.object({ uid: z.string(), k1: z.number(), total: z.number() });
const Position = z.tuple([z.number(), z.string()]);

/** Intended revocations, step by step. @throws UnavailableError */
export class EffectQueries {
  readonly #clickhouse: ClickHouse;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #policy: () => Policy;

  constructor(clickhouse: ClickHouse, directory: Directory, clock: Clock, policy: () => Policy) {
    this.#clickhouse = clickhouse;
    this.#directory = directory;
    this.#clock = clock;
    this.#policy = policy;
  }

  /** Newest first. @throws InvalidInputError `cursor.invalid` */
  async list(query: EffectQuery, user: string): Promise<EffectPage> {
    const after = decodeCursor(Position, query.cursor);
    const keys = defineQuery({
      name: 'effects.search',
      sql: `SELECT uid, k1, total FROM (SELECT *, count() OVER () AS total FROM (
SELECT uid, toFloat64(${ms('max(e.at)')}) AS k1, argMax(state, (e.at, seq)) AS now_state, any(identity) AS who, any(alert_uid) AS about, any(grant_uid) AS what
FROM effects AS e GROUP BY uid) WHERE ${and(
        when(query.state, 'now_state IN {state:Array(String)}'),
        when(query.identity, 'who = {identity:String}'),
        when(query.alert, 'about = {alert:String}'),
        when(query.grant, 'what = {grant:String}'),
        when(query.from, `k1 >= {from:Float64}`),
        when(query.to, `k1 < {to:Float64}`),
      )})
${after ? 'WHERE (k1, uid) < ({k1:Float64}, {afterUid:String})' : ''}
ORDER BY k1 DESC, uid DESC LIMIT {limit:UInt32}`,
      params: AnyParams,
      row: Key,
    });
    const [k1 = 0, afterUid = ''] = after ?? [];
    const params = { ...query, from: instant(query.from), to: instant(query.to), k1, afterUid, limit: query.limit + 1 };
    const found = await this.#clickhouse.query(keys, Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)));
    const shown = found.slice(0, query.limit);
    const last = shown.at(-1);
    return {
      items: await this.#views(
        shown.map((key) => key.uid),
        user,
      ),
      nextCursor: found.length > query.limit && last ? encodeCursor([last.k1, last.uid]) : null,
      total: found[0]?.total ?? 0,
    };
  }

  async ofAlert(alert: string, user: string): Promise<EffectView[]> {
    return this.#views(
      (await this.#clickhouse.query(uidsOf, { alert, grant: '' })).map((row) => row.uid),
      user,
    );
  }
  async ofGrant(grant: string, user: string): Promise<EffectView[]> {
    return this.#views(
      (await this.#clickhouse.query(uidsOf, { alert: '', grant })).map((row) => row.uid),
      user,
    );
  }

  /** All steps of an effect, oldest first; empty when there is none. */
  async history(uid: string): Promise<Effect[]> {
    return (await this.#clickhouse.query(steps, { uids: [uid] })).map((row) => row.effect);
  }

  /** @throws NotFoundError */
  async show(uid: string, user: string): Promise<EffectDetail> {
    const [[effect], history, decided] = await Promise.all([
      this.#views([uid], user),
      this.history(uid),
      this.#clickhouse.query(decisions, { uid }),
    ]);
    if (!effect) throw new NotFoundError('not_found', 'There is no such effect.');
    return {
      effect,
      steps: history.map(stepView),
      decisions: decided.map((row): DecisionView => ({
        ...row,
        effectUid: orNull(row.effectUid),
        alertUid: orNull(row.alertUid),
        grantUid: orNull(row.grantUid),
        at: isoInstant(row.at),
      })),
    };
  }

  async #views(uids: readonly string[], user: string): Promise<EffectView[]> {
    if (uids.length === 0) return [];
    const all = (await this.#clickhouse.query(steps, { uids: [...uids] })).map((row) => row.effect);
    const alerts = await this.#clickhouse.query(titles, { uids: [...new Set(all.map((effect) => effect.alertUid))] });
    const titleOf = new Map(alerts.map((row) => [row.uid, row.title]));
    return uids.flatMap((uid) => {
      const history = all.filter((effect) => effect.uid === uid);
      const [first] = history;
      const last = history.at(-1);
      return first && last ? [this.#view(history, first, last, titleOf.get(last.alertUid) ?? null, user)] : [];
    });
  }

  #view(history: readonly Effect[], first: Effect, last: Effect, alertTitle: string | null, user: string): EffectView {
    const policy = this.#policy();
    const now = this.#clock.now();
    const asked = decide(
      history,
      { uid: '', kind: 'approve', effectUid: last.uid, user, reason: '-', at: now },
      { policy, chain: last.chain, at: now },
    );
    return {
      uid: last.uid,
      state: last.state,
      mode: last.mode,
      rule: last.rule,
      alertUid: last.alertUid,
      alertTitle,
      identity: this.#directory.ref(last.identity),
      grantUid: last.grantUid,
      entitlement: last.entitlement,
      connector: last.connector,
      reason: last.reason,
      guard: last.guard ?? null,
      actor: last.actor,
      approvals: last.approvals,
      approvalsNeeded: approvalsNeeded(last, policy),
      mayDecide: asked.ok,
      whyNot: asked.ok ? null : asked.reason,
      detail: last.detail ?? null,
      firstAt: isoInstant(first.at),
      at: isoInstant(last.at),
    };
  }
}

const instant = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));
const stepView = (effect: Effect): EffectStep => ({
  chain: effect.chain,
  seq: effect.seq,
  at: isoInstant(effect.at),
  state: effect.state,
  guard: effect.guard ?? null,
  actor: effect.actor,
  reason: effect.reason,
  detail: effect.detail ?? null,
  hash: effect.hash,
});
