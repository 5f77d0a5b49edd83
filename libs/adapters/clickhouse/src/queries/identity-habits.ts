import { z } from 'zod';
import type { Rhythm, Usage, UsageKind } from '@keyward/contract';
import { DAY_MS, isoInstant } from '@keyward/events';
import type { Clock } from '@keyward/runtime';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import type { Directory } from './directory.js';
import { at, ms, orNull } from './sql.js';

const WEEK_MS = 7 * DAY_MS;
/** Weeks that `usual` is averaged over: what the model's own time bins remember best. */
const USUAL_WEEKS = 8;
const USAGE_SHOWN = 100;

const hours = defineQuery({
  name: 'identities.rhythm',
  sql: `SELECT toDayOfWeek(time, 0, {timezone:String}) AS weekday, toHour(time, {timezone:String}) AS hour,
  countIf(time < ${at('recentFrom')}) AS usual, countIf(time >= ${at('recentFrom')}) AS recent, ${ms('min(time)')} AS first
FROM (SELECT uid, time FROM access_events WHERE identity = {id:String} AND time >= ${at('from')} AND time < ${at('to')} LIMIT 1 BY uid)
GROUP BY weekday, hour`,
  params: z.object({ id: z.string(), timezone: z.string(), from: z.number(), recentFrom: z.number(), to: z.number() }),
  row: z.object({ weekday: z.number(), hour: z.number(), usual: z.number(), recent: z.number(), first: z.number() }),
});

/** The same words that the filters of the event search take. */
const VALUES: Readonly<Record<UsageKind, { readonly value: string; readonly detail: string; readonly filter: string }>> = {
  network: {
    value: `multiIf(isIPv4String(src_ip), concat(arrayStringConcat(arraySlice(splitByChar('.', src_ip), 1, 3), '.'), '.0/24'),
    isIPv6String(src_ip), concat(toString(tupleElement(IPv6CIDRToRange(toIPv6OrDefault(src_ip), 48), 1)), '/48'), '')`,
    detail: `arrayStringConcat(arrayFilter(part -> part != '', [any(as_org), any(city), any(country)]), ', ')`,
    filter: 'network',
  },
  device: {
    value: `if(device != '', device, concat(browser, if(browser != '' AND device_os != '', ' on ', ''), device_os))`,
    detail: `any(device_os)`,
    filter: 'device',
  },
  resource: { value: 'resource_name', detail: 'toString(any(resource_kind))', filter: 'resource' },
  application: { value: 'application', detail: `''`, filter: 'application' },
  country: { value: 'toString(country)', detail: `arrayStringConcat(groupUniqArray(5)(city), ', ')`, filter: 'country' },
};
const UsageRow = z.object({
  value: z.string(),
  detail: z.string(),
  events: z.number(),
  failures: z.number(),
  first: z.number(),
  last: z.number(),
  maxScore: z.number(),
  total: z.number(),
});

/** When, from where and with what an identity works. @throws UnavailableError */
export class IdentityHabits {
  readonly #clickhouse: ClickHouse;
  readonly #directory: Directory;
  readonly #clock: Clock;

  constructor(clickhouse: ClickHouse, directory: Directory, clock: Clock) {
    this.#clickhouse = clickhouse;
    this.#directory = directory;
    this.#clock = clock;
  }

  /** The last seven days against the weeks before, by local hour of week. */
  async rhythm(id: string): Promise<Rhythm> {
    const to = this.#clock.now();
    const recentFrom = to - WEEK_MS;
    const from = recentFrom - USUAL_WEEKS * WEEK_MS;
    const timezone = this.#directory.organisation.identity(id)?.timezone ?? 'UTC';
    const rows = await this.#clickhouse.query(hours, { id, timezone, from, recentFrom, to });
    const first = Math.min(recentFrom, ...rows.map((row) => row.first));
    const usualWeeks = Math.min(USUAL_WEEKS, (recentFrom - first) / WEEK_MS);
    const cells = Array.from({ length: 168 }, (_, index) => {
      const [weekday, hour] = [Math.floor(index / 24) + 1, index % 24];
      const row = rows.find((candidate) => candidate.weekday === weekday && candidate.hour === hour);
      // Less than a week of history is a week: one event is not "seven a week".
      return { weekday, hour, usual: (row?.usual ?? 0) / Math.max(1, usualWeeks), recent: row?.recent ?? 0 };
    });
    return {
      timezone,
      usualFrom: isoInstant(Math.max(from, first)),
      recentFrom: isoInstant(recentFrom),
      to: isoInstant(to),
      usualWeeks,
      cells,
    };
  }

  async usage(id: string, kind: UsageKind, days: number): Promise<Usage> {
    const { value, detail, filter } = VALUES[kind];
    const now = this.#clock.now();
    const since = now - days * DAY_MS;
    const query = defineQuery({
      name: `identities.usage_${kind}`,
      sql: `SELECT ${value} AS value, ${detail} AS detail, count() AS events, countIf(outcome = 'failure') AS failures, ${ms('min(time)')} AS first,
  ${ms('max(time)')} AS last, max(score) AS maxScore, sum(events) OVER () AS total
FROM (SELECT uid, time, outcome, score, src_ip, as_org, city, country, device, device_os, browser, application, resource_name, resource_kind
  FROM access_events WHERE identity = {id:String} AND time >= ${at('since')} LIMIT 1 BY uid) WHERE value != '' GROUP BY value ORDER BY events DESC, value LIMIT {limit:UInt32}`,
      params: z.object({ id: z.string(), since: z.number(), limit: z.number() }),
      row: UsageRow,
    });
    const rows = await this.#clickhouse.query(query, { id, since, limit: USAGE_SHOWN });
    return {
      kind,
      items: rows.map((row) => ({
        value: row.value,
        detail: orNull(row.detail),
        events: row.events,
        share: row.events / row.total,
        failures: row.failures,
        firstSeen: isoInstant(row.first),
        lastSeen: isoInstant(row.last),
        maxScore: row.maxScore,
        recent: row.first >= now - WEEK_MS,
        link: { to: 'events' as const, query: { actor: id, [filter]: row.value, from: isoInstant(since) } },
      })),
    };
  }
}
