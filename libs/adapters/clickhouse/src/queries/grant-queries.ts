import { z } from 'zod';
import { EffectState, type GrantDetail, type GrantPage, type GrantQuery, type GrantView } from '@keyward/contract';
import { isoInstant } from '@keyward/events';
import { Grant } from '@keyward/identity';
import { NotFoundError, type Clock } from '@keyward/runtime';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { Directory } from './directory.js';
import type { EffectQueries } from './effect-queries.js';
import type { EventQueries } from './event-queries.js';
import type { IdentityStandings } from './identity-standing.js';
import { and, AnyParams, at, ms, when } from './sql.js';

const GrantRow = z.object({
  grant: z.string().transform((text) => Grant.parse(JSON.parse(text))),
  state: Grant.shape.state,
  effectUid: z.string(),
  effectState: z.union([EffectState, z.literal('')]),
});
const KeyRow = z.object({ uid: z.string(), k1: z.number(), total: z.number() });
const Position = z.tuple([z.number(), z.string()]);

/** An end that has passed is the end, also when nobody has said so. */
const STATE = `if(state = 'active' AND ends_at IS NOT NULL AND ends_at <= ${at('now')}, 'expired', toString(state))`;
/** Active ones first, by their end; the others newest first. A standing one ends in 2149. */
const RANK = `if(${STATE} = 'active', 8e12 - ${ms(`ifNull(ends_at, toDateTime64('2149-01-01', 3, 'UTC'))`)},
  ${ms(`greatest(ifNull(ended_at, toDateTime64(0, 3)), ifNull(starts_at, toDateTime64(0, 3)), ifNull(requested_at, toDateTime64(0, 3)))`)} - 8e12)`;

const rows = defineQuery({
  name: 'grants.rows',
  sql: `SELECT g.grant_json AS grant, g.state_now AS state, e.effect_uid AS effectUid, e.state AS effectState
FROM (SELECT *, ${STATE} AS state_now FROM grants FINAL WHERE uid IN {uids:Array(String)}) AS g
LEFT JOIN (SELECT grant_uid, argMax(uid, (effects.at, seq)) AS effect_uid, argMax(state, (effects.at, seq)) AS state FROM effects
  WHERE grant_uid IN {uids:Array(String)} GROUP BY grant_uid) AS e ON e.grant_uid = g.uid`,
  params: z.object({ uids: z.array(z.string()), now: z.number() }),
  row: GrantRow,
});
const alertsOf = defineQuery({
  name: 'grants.alerts',
  sql: `SELECT uid, title FROM alerts FINAL WHERE has(grant_uids, {uid:String}) ORDER BY last_time DESC LIMIT 20`,
  params: z.object({ uid: z.string() }),
  row: z.object({ uid: z.string(), title: z.string() }),
});

/** JIT grants. @throws UnavailableError */
export class GrantQueries {
  readonly #clickhouse: ClickHouse;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #standings: IdentityStandings;
  readonly #effects: EffectQueries;
  readonly #events: EventQueries;

  constructor(
    clickhouse: ClickHouse,
    directory: Directory,
    clock: Clock,
    parts: { readonly standings: IdentityStandings; readonly effects: EffectQueries; readonly events: EventQueries },
  ) {
    this.#clickhouse = clickhouse;
    this.#directory = directory;
    this.#clock = clock;
    this.#standings = parts.standings;
    this.#effects = parts.effects;
    this.#events = parts.events;
  }

  /** @throws InvalidInputError `cursor.invalid` */
  async list(query: GrantQuery): Promise<GrantPage> {
    const after = decodeCursor(Position, query.cursor);
    const keys = defineQuery({
      name: 'grants.search',
      sql: `SELECT uid, k1, total FROM (
SELECT uid, toFloat64(${RANK}) AS k1, count() OVER () AS total FROM grants FINAL WHERE ${and(
        when(query.state, `${STATE} IN {state:Array(String)}`),
        when(query.identity, 'identity = {identity:String}'),
        when(query.system, 'system = {system:String}'),
        when(query.jit, 'jit = {jit:Bool}'),
        when(
          query.text,
          `positionCaseInsensitiveUTF8(concat(identity, ' ', principal, ' ', entitlement, ' ', requester, ' ', approver), {text:String}) > 0`,
        ),
      )})
${after ? 'WHERE (k1, uid) < ({k1:Float64}, {afterUid:String})' : ''}
ORDER BY k1 DESC, uid DESC LIMIT {limit:UInt32}`,
      params: AnyParams,
      row: KeyRow,
    });
    const [k1 = 0, afterUid = ''] = after ?? [];
    const params = { ...query, now: this.#clock.now(), k1, afterUid, limit: query.limit + 1 };
    const found = await this.#clickhouse.query(keys, Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)));
    const shown = found.slice(0, query.limit);
    const last = shown.at(-1);
    return {
      items: await this.byUids(shown.map((key) => key.uid)),
      nextCursor: found.length > query.limit && last ? encodeCursor([last.k1, last.uid]) : null,
      total: found[0]?.total ?? 0,
    };
  }

  /** @returns in the order asked for; those that are not stored are missing */
  async byUids(uids: readonly string[]): Promise<GrantView[]> {
    if (uids.length === 0) return [];
    const [found, standing] = await Promise.all([
      this.#clickhouse.query(rows, { uids: [...uids], now: this.#clock.now() }),
      this.#standings.current(),
    ]);
    const byUid = new Map(found.map((row) => [row.grant.uid, row]));
    return uids.flatMap((uid) => {
      const row = byUid.get(uid);
      if (!row) return [];
      const summary = this.#directory.summary(row.grant.identity, standing);
      return [grantView(row, this.#directory, summary.risk, summary.openAlerts)];
    });
  }

  /** @param user who asks. @throws NotFoundError */
  async show(uid: string, user: string): Promise<GrantDetail> {
    const [grant] = await this.byUids([uid]);
    if (!grant) throw new NotFoundError('not_found', 'There is no such grant.');
    const [effects, timeline, alerts] = await Promise.all([
      this.#effects.ofGrant(uid, user),
      this.#events.byUids(grant.eventUids),
      this.#clickhouse.query(alertsOf, { uid }),
    ]);
    return { grant, effects, timeline, alerts };
  }
}

const instantOrNull = (at: number | undefined): string | null => (at === undefined ? null : isoInstant(at));

function grantView(row: z.infer<typeof GrantRow>, directory: Directory, risk: number, openAlerts: number): GrantView {
  const { grant } = row;
  return {
    uid: grant.uid,
    identity: directory.ref(grant.identity),
    system: grant.system,
    principal: grant.principal,
    entitlement: grant.entitlement,
    scopeId: grant.scopeId ?? null,
    jit: grant.jit,
    state: row.state,
    requester: grant.requester ?? null,
    approver: grant.approver ?? null,
    justification: grant.justification ?? null,
    ticket: grant.ticket ?? null,
    requestedAt: instantOrNull(grant.requestedAt),
    startsAt: instantOrNull(grant.startsAt),
    endsAt: instantOrNull(grant.endsAt),
    endedAt: instantOrNull(grant.endedAt),
    eventUids: grant.eventUids,
    risk,
    openAlerts,
    effect: row.effectState === '' ? null : { uid: row.effectUid, state: row.effectState },
  };
}
