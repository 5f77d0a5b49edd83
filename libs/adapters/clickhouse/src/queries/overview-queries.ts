import { z } from 'zod';
import { Severity, SEVERITIES, type AlertBuckets, type LoginRhythm, type MapPoint, type Overview, type RiskNow } from '@keyward/contract';
import { HOUR_MS, isoInstant, MINUTE_MS } from '@keyward/events';
import type { Clock } from '@keyward/runtime';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { LATEST_ACTIONS } from './alert-rows.js';
import type { IdentityQueries } from './identity-queries.js';
import type { PulseQueries } from './pulse-queries.js';
import { at, ms } from './sql.js';

/** Widths a bucket can have, minutes; the first that gives at most `MAX_BUCKETS`. */
const BUCKET_MINUTES = [15, 30, 60, 180, 360, 720, 1_440];
const MAX_BUCKETS = 60;
const TOP_IDENTITIES = 10;
const MAP_POINTS = 300;
/** From which risk an identity is in a band; the same steps as the alerts' severities. */
const BANDS = [
  ['critical', 90],
  ['high', 75],
  ['medium', 50],
  ['low', 25],
] as const;

const Window = z.object({ from: z.number(), to: z.number() });
const IN_WINDOW = `time >= ${at('from')} AND time < ${at('to')}`;

const alertCounts = defineQuery({
  name: 'overview.alerts',
  sql: `SELECT severity, count() AS all, countIf(s.status IN ('', 'new', 'in_progress')) AS open, countIf(last_time >= ${at('from')} AND last_time < ${at('to')}) AS raised
FROM (SELECT uid, severity, last_time FROM alerts FINAL) AS a LEFT JOIN (${LATEST_ACTIONS}) AS s ON s.alert_uid = a.uid GROUP BY severity`,
  params: Window,
  row: z.object({ severity: Severity, all: z.number(), open: z.number(), raised: z.number() }),
});
const alertBuckets = defineQuery({
  name: 'overview.alert_buckets',
  sql: `SELECT intDiv(${ms('last_time')} - {from:Int64}, {width:Int64}) AS bucket, severity, count() AS n FROM alerts FINAL
WHERE last_time >= ${at('from')} AND last_time < ${at('to')} GROUP BY bucket, severity`,
  params: Window.extend({ width: z.number() }),
  row: z.object({ bucket: z.number(), severity: Severity, n: z.number() }),
});
const events = defineQuery({
  name: 'overview.events',
  sql: `SELECT count() AS n FROM access_events FINAL WHERE ${IN_WINDOW}`,
  params: Window,
  row: z.object({ n: z.number() }),
});
const responses = defineQuery({
  name: 'overview.responses',
  sql: `SELECT countIf(now_state = 'awaiting_approval') AS awaiting, countIf(now_state = 'verified' AND last >= ${at('from')} AND last < ${at('to')}) AS revoked,
  (SELECT count() FROM grants FINAL WHERE state = 'active' AND (ends_at IS NULL OR ends_at > ${at('now')})) AS active
FROM (SELECT uid, argMax(state, (effects.at, seq)) AS now_state, max(effects.at) AS last FROM effects GROUP BY uid)`,
  params: Window.extend({ now: z.number() }),
  row: z.object({ awaiting: z.number(), revoked: z.number(), active: z.number() }),
});
const logins = defineQuery({
  name: 'overview.logins',
  sql: `SELECT toDayOfWeek(time, 0, 'UTC') AS weekday, toHour(time, 'UTC') AS hour, count() AS events, countIf(outcome = 'failure') AS failures, max(score) AS maxScore
FROM access_events FINAL WHERE ${IN_WINDOW} AND class = 'authentication' AND activity = 'logon' GROUP BY weekday, hour`,
  params: Window,
  row: z.object({ weekday: z.number(), hour: z.number(), events: z.number(), failures: z.number(), maxScore: z.number() }),
});
const places = defineQuery({
  name: 'overview.map',
  sql: `SELECT country, city, avg(assumeNotNull(e.lat)) AS lat, avg(assumeNotNull(e.lon)) AS lon, count() AS events, uniqExact(identity) AS identities, max(score) AS maxScore
FROM access_events AS e FINAL WHERE ${IN_WINDOW} AND e.lat IS NOT NULL AND e.lon IS NOT NULL GROUP BY country, city ORDER BY events DESC LIMIT {limit:UInt32}`,
  params: Window.extend({ limit: z.number() }),
  row: z.object({
    country: z.string(),
    city: z.string(),
    lat: z.number(),
    lon: z.number(),
    events: z.number(),
    identities: z.number(),
    maxScore: z.number(),
  }),
});

interface Activity {
  readonly events: number;
  readonly logins: LoginRhythm;
  readonly map: MapPoint[];
}
/** Sums over all events of a window may be this old; alerts, risk and grants are always fresh. */
const ACTIVITY_MAX_AGE_MS = 10_000;

/** What the first page shows, each number with the rows behind it. @throws UnavailableError */
export class OverviewQueries {
  readonly #clickhouse: ClickHouse;
  readonly #clock: Clock;
  readonly #identities: IdentityQueries;
  readonly #pulse: PulseQueries;
  readonly #kept = new Map<string, { readonly at: number; readonly activity: Promise<Activity> }>();

  constructor(clickhouse: ClickHouse, clock: Clock, identities: IdentityQueries, pulse: PulseQueries) {
    this.#clickhouse = clickhouse;
    this.#clock = clock;
    this.#identities = identities;
    this.#pulse = pulse;
  }

  /** @param hours length of the window, which ends with the bucket that holds the present */
  async show(hours: number): Promise<Overview> {
    const now = this.#clock.now();
    const bucketMinutes = BUCKET_MINUTES.find((minutes) => (hours * 60) / minutes <= MAX_BUCKETS) ?? 1_440;
    const width = bucketMinutes * MINUTE_MS;
    const to = Math.ceil(now / width) * width;
    const window = { from: to - Math.max(width, Math.ceil((hours * HOUR_MS) / width) * width), to };
    const [activity, risk, buckets, topIdentities, pulse] = await Promise.all([
      this.#activity(window, now),
      this.#risk(window),
      this.#buckets(window, bucketMinutes),
      this.#identities.riskiest(TOP_IDENTITIES),
      this.#pulse.show(),
    ]);
    return {
      from: isoInstant(window.from),
      to: isoInstant(to),
      risk: { ...risk, events: { ...risk.events, count: activity.events } },
      alerts: buckets,
      topIdentities,
      logins: activity.logins,
      map: activity.map,
      pulse,
    };
  }

  /** What is summed over all events of the window: seldom asked anew, since it reads a column of each. */
  #activity(window: z.infer<typeof Window>, now: number): Promise<Activity> {
    const key = `${window.from} ${window.to}`;
    const kept = this.#kept.get(key);
    if (kept && now - kept.at < ACTIVITY_MAX_AGE_MS) return kept.activity;
    const activity = Promise.all([this.#clickhouse.query(events, window), this.#logins(window), this.#map(window)]).then(
      ([[counted], loginRhythm, map]) => ({ events: counted?.n ?? 0, logins: loginRhythm, map }),
    );
    for (const [old, { at: since }] of this.#kept) if (now - since >= ACTIVITY_MAX_AGE_MS) this.#kept.delete(old);
    this.#kept.set(key, { at: now, activity });
    activity.catch(() => this.#kept.delete(key));
    return activity;
  }

  async #risk(window: z.infer<typeof Window>): Promise<RiskNow> {
    const [alerts, [response], everybody] = await Promise.all([
      this.#clickhouse.query(alertCounts, window),
      this.#clickhouse.query(responses, { ...window, now: this.#clock.now() }),
      this.#identities.riskiest(Number.MAX_SAFE_INTEGER),
    ]);
    const during = { from: isoInstant(window.from), to: isoInstant(window.to) };
    const sum = (of: 'open' | 'raised') => alerts.reduce((total, row) => total + row[of], 0);
    const open = 'new,in_progress';
    return {
      highest: everybody[0]?.risk ?? 0,
      bands: BANDS.map(([severity, minRisk], index) => ({
        severity,
        minRisk,
        count: everybody.filter((row) => row.risk >= minRisk && row.risk < (BANDS[index - 1]?.[1] ?? Infinity)).length,
        link: {
          to: 'identities' as const,
          query: { minRisk: String(minRisk), ...(index === 0 ? {} : { maxRisk: String(BANDS[index - 1]?.[1] ?? 100) }) },
        },
      })),
      openAlerts: { count: sum('open'), link: { to: 'alerts', query: { status: open } } },
      openBySeverity: SEVERITIES.toReversed().map((severity) => ({
        severity,
        count: alerts.find((row) => row.severity === severity)?.open ?? 0,
        link: { to: 'alerts' as const, query: { status: open, severity } },
      })),
      newAlerts: { count: sum('raised'), link: { to: 'alerts', query: during } },
      events: { count: 0, link: { to: 'events', query: during } },
      activeGrants: { count: response?.active ?? 0, link: { to: 'grants', query: { state: 'active' } } },
      awaitingApproval: { count: response?.awaiting ?? 0, link: { to: 'effects', query: { state: 'awaiting_approval' } } },
      revoked: { count: response?.revoked ?? 0, link: { to: 'effects', query: { state: 'verified', ...during } } },
    };
  }

  async #buckets(window: z.infer<typeof Window>, bucketMinutes: number): Promise<AlertBuckets> {
    const width = bucketMinutes * MINUTE_MS;
    const rows = await this.#clickhouse.query(alertBuckets, { ...window, width });
    const buckets = Array.from({ length: Math.round((window.to - window.from) / width) }, (_, index) => {
      const from = isoInstant(window.from + index * width);
      const to = isoInstant(window.from + (index + 1) * width);
      const n = (severity: Severity) => rows.find((row) => row.bucket === index && row.severity === severity)?.n ?? 0;
      return {
        from,
        to,
        counts: { informational: n('informational'), low: n('low'), medium: n('medium'), high: n('high'), critical: n('critical') },
        link: { to: 'alerts' as const, query: { from, to } },
      };
    });
    return { bucketMinutes, buckets };
  }

  async #logins(window: z.infer<typeof Window>): Promise<LoginRhythm> {
    const rows = await this.#clickhouse.query(logins, window);
    return {
      cells: Array.from({ length: 168 }, (_, index) => {
        const [weekday, hour] = [Math.floor(index / 24) + 1, index % 24];
        const row = rows.find((candidate) => candidate.weekday === weekday && candidate.hour === hour);
        return {
          weekday,
          hour,
          events: row?.events ?? 0,
          failures: row?.failures ?? 0,
          maxScore: row?.maxScore ?? 0,
          link: {
            to: 'events' as const,
            query: {
              class: 'authentication',
              activity: 'logon',
              weekday: String(weekday),
              hour: String(hour),
              from: isoInstant(window.from),
              to: isoInstant(window.to),
            },
          },
        };
      }),
    };
  }

  async #map(window: z.infer<typeof Window>): Promise<MapPoint[]> {
    const rows = await this.#clickhouse.query(places, { ...window, limit: MAP_POINTS });
    return rows.map((row) => ({
      ...row,
      city: row.city === '' ? null : row.city,
      link: {
        to: 'events' as const,
        query: {
          country: row.country,
          ...(row.city === '' ? {} : { city: row.city }),
          from: isoInstant(window.from),
          to: isoInstant(window.to),
        },
      },
    }));
  }
}
