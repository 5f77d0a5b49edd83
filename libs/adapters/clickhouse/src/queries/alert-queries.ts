import { z } from 'zod';
import { Alert, entityRiskAt, identityContextOf } from '@keyward/alerts';
import {
  AlertStatus,
  OPEN_ALERT_STATUSES,
  Severity,
  type AlertDetail,
  type AlertFacets,
  type AlertPage,
  type AlertQuery,
  type AlertSummary,
  type DeliveryView,
  type Term,
} from '@keyward/contract';
import { isoInstant } from '@keyward/events';
import { NotFoundError, type Clock } from '@keyward/runtime';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { alertSummary, AlertRow, LATEST_ACTIONS, SUMMARIES } from './alert-rows.js';
import type { AlertTriage } from './alert-triage.js';
import { contributionViews } from './contribution-rows.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { Directory } from './directory.js';
import type { EffectQueries } from './effect-queries.js';
import type { EventQueries } from './event-queries.js';
import { findingsByUid, findingView } from './finding-rows.js';
import type { GrantQueries } from './grant-queries.js';
import type { IdentityStandings } from './identity-standing.js';
import { and, AnyParams, at, ms, when } from './sql.js';
import { TermsColumn } from './term-rows.js';

const Key = z.object({ uid: z.string(), k1: z.number(), k2: z.number(), total: z.number() });
const Position = z.tuple([z.number(), z.number(), z.string()]);
const RANK = `indexOf(['informational', 'low', 'medium', 'high', 'critical'], severity)`;
/** What each sort goes by, largest first; the uid at the end makes it total. */
const SORTS: Readonly<Record<AlertQuery['sort'], readonly [string, string]>> = {
  newest: [ms('last_time'), '0'],
  oldest: [`-${ms('last_time')}`, '0'],
  score: ['score', ms('last_time')],
  severity: [RANK, ms('last_time')],
  risk: ['entity_risk', ms('last_time')],
};

const summaries = defineQuery({ name: 'alerts.rows', sql: SUMMARIES, params: z.object({ uids: z.array(z.string()) }), row: AlertRow });
const one = defineQuery({
  name: 'alerts.one',
  sql: `SELECT alert FROM alerts FINAL WHERE uid = {uid:String}`,
  params: z.object({ uid: z.string() }),
  row: z.object({ alert: z.string().transform((text) => Alert.parse(JSON.parse(text))) }),
});
const termsOf = defineQuery({
  name: 'alerts.terms',
  sql: `SELECT uid, terms FROM access_events WHERE uid IN {uids:Array(String)} LIMIT 1 BY uid`,
  params: z.object({ uids: z.array(z.string()) }),
  row: z.object({ uid: z.string(), terms: TermsColumn }),
});
const deliveries = defineQuery({
  name: 'alerts.deliveries',
  sql: `SELECT id, sink, state, attempts, last_error AS lastError, ${ms('updated_at')} AS updatedAt FROM deliveries FINAL
WHERE alert_uid = {uid:String} ORDER BY updated_at DESC`,
  params: z.object({ uid: z.string() }),
  row: z.object({
    id: z.string(),
    sink: z.string(),
    state: z.enum(['pending', 'delivered', 'failed']),
    attempts: z.number(),
    lastError: z.string(),
    updatedAt: z.number(),
  }),
});
const facets = defineQuery({
  name: 'alerts.facets',
  sql: `WITH rows AS (SELECT if(s.status = '', 'new', s.status) AS status, severity, detections, sources,
  if(s.status = '', 'new', s.status) IN {open:Array(String)} AS open
  FROM (SELECT uid, severity, detections, sources FROM alerts FINAL) AS a LEFT JOIN (${LATEST_ACTIONS}) AS s ON s.alert_uid = a.uid)
SELECT 'status' AS facet, status AS value, count() AS n FROM rows GROUP BY value
UNION ALL SELECT 'severity', severity, count() FROM rows WHERE open GROUP BY severity
UNION ALL SELECT 'detection', arrayJoin(detections) AS d, count() FROM rows WHERE open GROUP BY d
UNION ALL SELECT 'source', arrayJoin(sources) AS d, count() FROM rows WHERE open GROUP BY d`,
  params: z.object({ open: z.array(z.string()) }),
  row: z.object({ facet: z.string(), value: z.string(), n: z.number() }),
});

interface Parts {
  readonly events: EventQueries;
  readonly grants: GrantQueries;
  readonly effects: EffectQueries;
  readonly triage: AlertTriage;
  readonly standings: IdentityStandings;
}

/** Alerts as an analyst sees them. @throws UnavailableError */
export class AlertQueries {
  readonly #clickhouse: ClickHouse;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #parts: Parts;

  constructor(clickhouse: ClickHouse, directory: Directory, clock: Clock, parts: Parts) {
    this.#clickhouse = clickhouse;
    this.#directory = directory;
    this.#clock = clock;
    this.#parts = parts;
  }

  /** @throws InvalidInputError `cursor.invalid` */
  async list(query: AlertQuery): Promise<AlertPage> {
    const after = decodeCursor(Position, query.cursor);
    const [first, second] = SORTS[query.sort];
    const keys = defineQuery({
      name: 'alerts.search',
      sql: `SELECT uid, k1, k2, total FROM (
SELECT a.uid AS uid, toFloat64(${first}) AS k1, toFloat64(${second}) AS k2, count() OVER () AS total
FROM (SELECT uid, last_time, score, severity, entity_risk, identity, display_name, title, detections, sources ${query.text === undefined ? '' : ', alert'}
  FROM alerts FINAL) AS a
LEFT JOIN (${LATEST_ACTIONS}) AS s ON s.alert_uid = a.uid
WHERE ${filterOf(query)})
${after ? 'WHERE (k1, k2, uid) < ({k1:Float64}, {k2:Float64}, {afterUid:String})' : ''}
ORDER BY k1 DESC, k2 DESC, uid DESC LIMIT {limit:UInt32}`,
      params: AnyParams,
      row: Key,
    });
    const [k1 = 0, k2 = 0, afterUid = ''] = after ?? [];
    const params = { ...query, from: instant(query.from), to: instant(query.to), k1, k2, afterUid, limit: query.limit + 1 };
    const found = await this.#clickhouse.query(keys, Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)));
    const shown = found.slice(0, query.limit);
    const last = shown.at(-1);
    return {
      items: await this.summaries(shown.map((key) => key.uid)),
      nextCursor: found.length > query.limit && last ? encodeCursor([last.k1, last.k2, last.uid]) : null,
      total: found[0]?.total ?? 0,
    };
  }

  /** @returns in the order asked for; those that are not stored are missing */
  async summaries(uids: readonly string[]): Promise<AlertSummary[]> {
    if (uids.length === 0) return [];
    const rows = await this.#clickhouse.query(summaries, { uids: [...uids] });
    const byUid = new Map(rows.map((row) => [row.uid, row]));
    return uids.flatMap((uid) => {
      const row = byUid.get(uid);
      return row ? [alertSummary(row, this.#directory)] : [];
    });
  }

  /** Events that the alert's findings stand on; undefined when there is no such alert. */
  async eventUids(uid: string): Promise<readonly string[] | undefined> {
    const [stored] = await this.#clickhouse.query(one, { uid });
    return stored?.alert.eventUids;
  }

  async facets(): Promise<AlertFacets> {
    const rows = await this.#clickhouse.query(facets, { open: [...OPEN_ALERT_STATUSES] });
    const of = (facet: string) =>
      rows
        .filter((row) => row.facet === facet)
        .map(({ value, n }) => ({ value, count: n }))
        .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
    return {
      status: of('status').map(({ value, count }) => ({ value: AlertStatus.parse(value), count })),
      severity: of('severity').map(({ value, count }) => ({ value: Severity.parse(value), count })),
      detection: of('detection'),
      source: of('source'),
    };
  }

  /** @param user who asks: decides which revocations he may approve. @throws NotFoundError */
  async show(uid: string, user: string): Promise<AlertDetail> {
    const [stored] = await this.#clickhouse.query(one, { uid });
    const [summary] = await this.summaries([uid]);
    if (!stored || !summary) throw new NotFoundError('not_found', 'There is no such alert.');
    const { alert } = stored;
    const { events, grants, effects, triage, standings } = this.#parts;
    const [findings, timeline, grantViews, effectViews, actions, sent, standing] = await Promise.all([
      findingsByUid(this.#clickhouse, alert.findingUids),
      events.byUids(alert.eventUids),
      grants.byUids(alert.grantUids),
      effects.ofAlert(uid, user),
      triage.actions(uid),
      this.#clickhouse.query(deliveries, { uid }),
      standings.current(),
    ]);
    const terms = await this.#terms(findings.map((finding) => finding.eventUid));
    const now = this.#clock.now();
    const risk = entityRiskAt(
      standing.contributions.get(alert.identity) ?? alert.contributions,
      now,
      identityContextOf(this.#directory.organisation, alert.identity),
    );
    return {
      alert: summary,
      explanation: alert.explanation,
      contributions: await contributionViews(this.#clickhouse, risk.contributions),
      findings: findings.map((finding) => findingView(finding, this.#directory, terms.get(finding.eventUid) ?? [])),
      timeline,
      grants: grantViews,
      effects: effectViews,
      actions,
      deliveries: sent.map((row): DeliveryView => ({
        ...row,
        lastError: row.lastError === '' ? null : row.lastError,
        updatedAt: isoInstant(row.updatedAt),
      })),
      identity: this.#directory.card(alert.identity, standing),
    };
  }

  async #terms(eventUids: readonly string[]): Promise<ReadonlyMap<string, Term[]>> {
    if (eventUids.length === 0) return new Map();
    const rows = await this.#clickhouse.query(termsOf, { uids: [...new Set(eventUids)] });
    return new Map(rows.map((row) => [row.uid, row.terms]));
  }
}

const instant = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));

const filterOf = (query: AlertQuery): string =>
  and(
    when(query.status, `if(s.status = '', 'new', s.status) IN {status:Array(String)}`),
    when(query.severity, `severity IN {severity:Array(String)}`),
    when(query.detection, `hasAny(detections, {detection:Array(String)})`),
    when(query.source, `hasAny(sources, {source:Array(String)})`),
    when(query.identity, `identity = {identity:String}`),
    when(query.from, `last_time >= ${at('from')}`),
    when(query.to, `last_time < ${at('to')}`),
    when(query.minScore, `score >= {minScore:Float64}`),
    when(
      query.text,
      `positionCaseInsensitiveUTF8(concat(title, ' ', display_name, ' ', identity, ' ', a.uid, ' ', arrayStringConcat(JSONExtract(alert, 'explanation', 'Array(String)'), ' ')), {text:String}) > 0`,
    ),
  );
