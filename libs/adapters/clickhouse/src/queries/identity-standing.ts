import { z } from 'zod';
import { entityRiskAt, RiskContribution, type EntityRiskAt, type RiskModifiers } from '@keyward/alerts';
import { DAY_MS } from '@keyward/events';
import type { Clock } from '@keyward/runtime';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { at, ms } from './sql.js';

/** How every identity stands now, by id; those without are missing. */
export interface Standing {
  readonly contributions: ReadonlyMap<string, readonly RiskContribution[]>;
  readonly openAlerts: ReadonlyMap<string, number>;
  readonly activeGrants: ReadonlyMap<string, number>;
  /** Epoch ms. */
  readonly lastSeen: ReadonlyMap<string, number>;
}

/** Rows may be this old: lists and cards of one page then agree with each other, and a busy page asks once. */
const MAX_AGE_MS = 2_000;
/** Last use changes with every event, and costs the most to find: it may be older. */
const LAST_SEEN_MAX_AGE_MS = 30_000;
/** An identity that was not seen for longer counts as never seen, in lists. */
const LAST_SEEN_DAYS = 90;

const risks = defineQuery({
  name: 'identities.risk',
  sql: `SELECT identity, argMax(contributions, entity_risk.at) AS contributions FROM entity_risk
WHERE entity_risk.at > ${at('since')} GROUP BY identity HAVING contributions != '[]'`,
  params: z.object({ since: z.number() }),
  row: z.object({
    identity: z.string(),
    contributions: z.string().transform((text) => z.array(RiskContribution).parse(JSON.parse(text))),
  }),
});
const openAlerts = defineQuery({
  name: 'identities.open_alerts',
  sql: `SELECT identity, uniqExact(uid) AS n FROM alerts
WHERE uid NOT IN (SELECT alert_uid FROM alert_actions GROUP BY alert_uid HAVING argMax(status, (alert_actions.at, alert_actions.uid)) NOT IN ('new', 'in_progress'))
GROUP BY identity`,
  params: z.object({}),
  row: z.object({ identity: z.string(), n: z.number() }),
});
const activeGrants = defineQuery({
  name: 'identities.active_grants',
  sql: `SELECT identity, count() AS n FROM grants FINAL WHERE state = 'active' AND (ends_at IS NULL OR ends_at > ${at('now')}) GROUP BY identity`,
  params: z.object({ now: z.number() }),
  row: z.object({ identity: z.string(), n: z.number() }),
});
const lastSeen = defineQuery({
  name: 'identities.last_seen',
  sql: `SELECT identity, ${ms('max(time)')} AS at FROM access_events WHERE time > ${at('since')} AND identity != '' GROUP BY identity`,
  params: z.object({ since: z.number() }),
  row: z.object({ identity: z.string(), at: z.number() }),
});

/** Risk at an instant from what is stored, which may be older: it only decays in between. */
export const riskNow = (contributions: readonly RiskContribution[], now: number, modifiers: RiskModifiers): EntityRiskAt =>
  entityRiskAt(contributions, now, modifiers);

/** Risk, open alerts, grants and last use of everybody. @throws UnavailableError */
export class IdentityStandings {
  readonly #clickhouse: ClickHouse;
  readonly #clock: Clock;
  #kept: { readonly at: number; readonly standing: Promise<Standing> } | undefined;
  #lastSeen: { readonly at: number; readonly rows: Promise<ReadonlyMap<string, number>> } | undefined;

  constructor(clickhouse: ClickHouse, clock: Clock) {
    this.#clickhouse = clickhouse;
    this.#clock = clock;
  }

  current(): Promise<Standing> {
    const now = this.#clock.now();
    if (this.#kept && now - this.#kept.at < MAX_AGE_MS) return this.#kept.standing;
    const standing = this.#load(now);
    this.#kept = { at: now, standing };
    standing.catch(() => {
      this.#kept = undefined;
    });
    return standing;
  }

  /** After a change that the same user wants to see at once. */
  forget(): void {
    this.#kept = undefined;
  }

  async #load(now: number): Promise<Standing> {
    const [risk, alerts, grants, seen] = await Promise.all([
      this.#clickhouse.query(risks, { since: now - 400 * DAY_MS }),
      this.#clickhouse.query(openAlerts, {}),
      this.#clickhouse.query(activeGrants, { now }),
      this.#loadLastSeen(now),
    ]);
    return {
      contributions: new Map(risk.map((row) => [row.identity, row.contributions])),
      openAlerts: new Map(alerts.map((row) => [row.identity, row.n])),
      activeGrants: new Map(grants.map((row) => [row.identity, row.n])),
      lastSeen: seen,
    };
  }

  #loadLastSeen(now: number): Promise<ReadonlyMap<string, number>> {
    if (this.#lastSeen && now - this.#lastSeen.at < LAST_SEEN_MAX_AGE_MS) return this.#lastSeen.rows;
    const rows = this.#clickhouse
      .query(lastSeen, { since: now - LAST_SEEN_DAYS * DAY_MS })
      .then((found) => new Map(found.map((row) => [row.identity, row.at])));
    this.#lastSeen = { at: now, rows };
    rows.catch(() => {
      this.#lastSeen = undefined;
    });
    return rows;
  }
}
