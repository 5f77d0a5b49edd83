import { z } from 'zod';
import { entityRiskAt, identityContextOf, RiskContribution } from '@keyward/alerts';
import type { IdentityDetail, IdentityPage, IdentityQuery, IdentitySummary, PeerList, RiskHistory } from '@keyward/contract';
import { DAY_MS, isoInstant } from '@keyward/events';
import { NotFoundError, type Clock } from '@keyward/runtime';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { contributionViews } from './contribution-rows.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { Directory } from './directory.js';
import type { IdentityStandings, Standing } from './identity-standing.js';
import { at, ms } from './sql.js';

const Position = z.tuple([z.union([z.number(), z.string()]), z.string()]);
const PEERS_SHOWN = 50;
/** Events of an account are counted this far back. */
const ACCOUNT_DAYS = 90;

const accounts = defineQuery({
  name: 'identities.accounts',
  sql: `SELECT source, actor_name AS name, count() AS events, ${ms('max(time)')} AS lastSeen FROM access_events FINAL
WHERE identity = {id:String} AND time >= ${at('since')} AND actor_name != '' GROUP BY source, name ORDER BY events DESC LIMIT 100`,
  params: z.object({ id: z.string(), since: z.number() }),
  row: z.object({ source: z.string(), name: z.string(), events: z.number(), lastSeen: z.number() }),
});
const exists = defineQuery({
  name: 'identities.exists',
  sql: `SELECT 1 AS one FROM (SELECT 1 FROM access_events WHERE identity = {id:String} OR target_identity = {id:String} LIMIT 1
UNION ALL SELECT 1 FROM entity_risk WHERE identity = {id:String} LIMIT 1) LIMIT 1`,
  params: z.object({ id: z.string() }),
  row: z.object({ one: z.number() }),
});
const changes = defineQuery({
  name: 'identities.risk_changes',
  sql: `SELECT ${ms('r.at')} AS at, argMax(r.risk, r.stored_at) AS risk FROM entity_risk AS r
WHERE identity = {id:String} AND r.at >= ${at('since')} GROUP BY r.at ORDER BY r.at DESC LIMIT 1000`,
  params: z.object({ id: z.string(), since: z.number() }),
  row: z.object({ at: z.number(), risk: z.number() }),
});
const daily = defineQuery({
  name: 'identities.risk_daily',
  sql: `SELECT ${ms('max(r.at)')} AS at, argMax(contributions, r.at) AS contributions FROM entity_risk AS r
WHERE identity = {id:String} AND r.at >= ${at('since')} GROUP BY toDate(r.at) ORDER BY at`,
  params: z.object({ id: z.string(), since: z.number() }),
  row: z.object({ at: z.number(), contributions: z.string().transform((text) => z.array(RiskContribution).parse(JSON.parse(text))) }),
});
const titles = defineQuery({
  name: 'identities.risk_titles',
  sql: `SELECT uid, title, ${ms('time')} AS at FROM findings WHERE identity = {id:String} AND time >= ${at('since')} LIMIT 1 BY uid LIMIT 2000`,
  params: z.object({ id: z.string(), since: z.number() }),
  row: z.object({ uid: z.string(), title: z.string(), at: z.number() }),
});

/** People and services. @throws UnavailableError */
export class IdentityQueries {
  readonly #clickhouse: ClickHouse;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #standings: IdentityStandings;

  constructor(clickhouse: ClickHouse, directory: Directory, clock: Clock, standings: IdentityStandings) {
    this.#clickhouse = clickhouse;
    this.#directory = directory;
    this.#clock = clock;
    this.#standings = standings;
  }

  /** Everybody the organisation lists, and whoever was seen or has a risk. @throws InvalidInputError `cursor.invalid` */
  async list(query: IdentityQuery): Promise<IdentityPage> {
    const standing = await this.#standings.current();
    const matching = this.#ids(standing)
      .filter((id) => query.text === undefined || this.#searchText(id).includes(query.text.toLowerCase()))
      .map((id) => this.#directory.summary(id, standing))
      .filter(
        (row) =>
          (query.kind === undefined || query.kind.includes(row.kind)) &&
          (query.privileged === undefined || query.privileged === row.privileged) &&
          (query.minRisk === undefined || row.risk >= query.minRisk) &&
          (query.maxRisk === undefined || row.risk < query.maxRisk),
      )
      .map((row) => ({ row, key: keyOf(row, query.sort) }))
      .sort((a, b) => comparePositions(a.key, b.key));
    const after = decodeCursor(Position, query.cursor);
    const rest = after ? matching.filter(({ key }) => comparePositions(key, after) > 0) : matching;
    const shown = rest.slice(0, query.limit);
    const last = shown.at(-1);
    return {
      items: shown.map(({ row }) => row),
      nextCursor: rest.length > query.limit && last ? encodeCursor(last.key) : null,
      total: matching.length,
    };
  }

  /** @returns riskiest first */
  async riskiest(limit: number): Promise<IdentitySummary[]> {
    const standing = await this.#standings.current();
    return [...standing.contributions.keys()]
      .map((id) => this.#directory.summary(id, standing))
      .filter((row) => row.risk > 0)
      .sort((a, b) => b.risk - a.risk || (a.id < b.id ? -1 : 1))
      .slice(0, limit);
  }

  /** @throws NotFoundError */
  async show(id: string): Promise<IdentityDetail> {
    const { organisation } = this.#directory;
    const record = organisation.identity(id);
    const now = this.#clock.now();
    const since = now - ACCOUNT_DAYS * DAY_MS;
    const [standing, used] = await Promise.all([
      this.#standings.current(),
      this.#clickhouse.query(accounts, { id, since }),
      record ? undefined : this.#requireKnown(id),
    ]);
    const risk = entityRiskAt(standing.contributions.get(id) ?? [], now, identityContextOf(organisation, id));
    const listed = (record?.accounts ?? []).filter(
      (account) => !used.some((row) => row.source === account.system && row.name === account.name.toLowerCase()),
    );
    return {
      card: this.#directory.card(id, standing),
      accounts: [
        ...used.map((row) => ({
          system: row.source,
          name: row.name,
          lastSeen: isoInstant(row.lastSeen),
          events: row.events,
          link: linkTo(id, row.source, row.name, since),
        })),
        ...listed.map((account) => ({
          system: account.system,
          name: account.name,
          lastSeen: null,
          events: 0,
          link: linkTo(id, account.system, account.name, since),
        })),
      ],
      groups: [...organisation.groupsOf(id)],
      peerGroups: [...organisation.peerGroups(id)],
      eligibleRoles: record?.eligibleRoles ?? [],
      startsAt: record?.startsAt ?? null,
      endsAt: record?.endsAt ?? null,
      contributions: await contributionViews(this.#clickhouse, risk.contributions),
      tickets: organisation.ticketsAt(id, now).map((ticket) => ({ id: ticket.id, kind: ticket.kind, summary: ticket.summary ?? null })),
    };
  }

  /** One point at each change, and one at the end of each day in between: risk decays also when nothing happens. */
  async risk(id: string, days: number): Promise<RiskHistory> {
    const now = this.#clock.now();
    const since = now - days * DAY_MS;
    const [changed, stored, findings] = await Promise.all([
      this.#clickhouse.query(changes, { id, since }),
      this.#clickhouse.query(daily, { id, since: since - 30 * DAY_MS }),
      this.#clickhouse.query(titles, { id, since }),
    ]);
    const context = identityContextOf(this.#directory.organisation, id);
    const byTime = new Map(findings.map((finding) => [finding.at, finding]));
    const decayed = Array.from({ length: days + 1 }, (_, day) => Math.min(now, since + day * DAY_MS)).map((time) => {
      const last = stored.findLast((row) => row.at <= time);
      return { at: time, risk: last ? entityRiskAt(last.contributions, time, context).risk : 0 };
    });
    return {
      points: [...changed, ...decayed]
        .sort((a, b) => a.at - b.at)
        .map((point) => {
          const finding = byTime.get(point.at);
          return { at: isoInstant(point.at), risk: point.risk, findingUid: finding?.uid ?? null, title: finding?.title ?? null };
        }),
    };
  }

  async peers(id: string): Promise<PeerList> {
    const { organisation } = this.#directory;
    const [group = ''] = organisation.peerGroups(id);
    const members = organisation.identities.filter((record) => record.id !== id && organisation.peerGroups(record.id).includes(group));
    const standing = await this.#standings.current();
    const items = members
      .map((record) => this.#directory.summary(record.id, standing))
      .sort((a, b) => b.risk - a.risk || (a.displayName < b.displayName ? -1 : 1));
    return { group, size: members.length + 1, items: items.slice(0, PEERS_SHOWN) };
  }

  #ids(standing: Standing): string[] {
    const listed = this.#directory.organisation.identities.map((record) => record.id);
    return [...new Set([...listed, ...standing.lastSeen.keys(), ...standing.contributions.keys()])];
  }

  #searchText(id: string): string {
    const record = this.#directory.organisation.identity(id);
    const names = record?.accounts.map((account) => account.name) ?? [];
    return [id, record?.displayName, record?.email, record?.team, record?.department, record?.title, ...names].join('\n').toLowerCase();
  }

  async #requireKnown(id: string): Promise<undefined> {
    if ((await this.#clickhouse.query(exists, { id })).length === 0) throw new NotFoundError('not_found', 'There is no such identity.');
    return undefined;
  }
}

const linkTo = (actor: string, source: string, account: string, since: number) => ({
  to: 'events' as const,
  query: { actor, source, account, from: isoInstant(since) },
});

/** What a list is sorted by, ascending. Risk is rounded: it decays between two pages, and must not make somebody appear on both. */
function keyOf(row: IdentitySummary, sort: IdentityQuery['sort']): [number | string, string] {
  switch (sort) {
    case 'risk':
      return [-Math.round(row.risk * 10), row.id];
    case 'name':
      return [row.displayName.toLowerCase(), row.id];
    case 'last_seen':
      return [row.lastSeen === null ? 0 : -Date.parse(row.lastSeen), row.id];
  }
}
function comparePositions(a: readonly [number | string, string], b: readonly [number | string, string]): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] === b[1] ? 0 : a[1] < b[1] ? -1 : 1;
}
