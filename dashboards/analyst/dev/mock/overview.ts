import {
  SEVERITIES,
  type Overview,
  type Pulse,
  type Rhythm,
  type RiskHistory,
  type Severity,
  type Usage,
  type UsageKind,
} from '@keyward/contract';
import type { Organisation } from './organisation.js';
import { CITIES } from './people.js';

const HOUR = 3_600_000;
const iso = (at: number): string => new Date(at).toISOString();
const weekdayOf = (date: Date): number => ((date.getUTCDay() + 6) % 7) + 1;

export function pulseOf({ events, now }: Organisation): Pulse {
  const sources = ['okta', 'entra', 'cyberark'].filter((source) => events.some((event) => event.source === source));
  return {
    at: iso(now),
    eventsPerSecond: events.length === 0 ? 0 : 3.4,
    sources: sources.map((source, i) => ({
      source,
      kept: events.filter((event) => event.source === source).length * 11,
      ignored: 120 * i,
      rejected: i === 2 ? 3 : 0,
      perSecond: 1.1 + i / 3,
      lastArrival: iso(now - 20_000 * (i + 1)),
      lastEventTime: iso(now - 25_000 * (i + 1)),
      ignoredReasons: i === 0 ? {} : { not_an_access_event: 100 * i, duplicate: 20 * i },
      rejectedCodes: i === 2 ? { 'record.invalid_json': 3 } : {},
      link: { to: 'events', query: { source } },
    })),
    lag:
      sources.length === 0
        ? []
        : [
            { group: 'keyward-ingest', topic: 'access.raw.okta', records: 0 },
            { group: 'keyward-assess', topic: 'access.events', records: 42 },
            { group: 'keyward-alert', topic: 'access.findings', records: 0 },
          ],
    deliveries: { pending: 0, failed: sources.length === 0 ? 0 : 1 },
    unreadable: sources.length === 0 ? [] : [{ stage: 'assess', records: 2 }],
  };
}

export function overviewOf(organisation: Organisation, hours: number): Overview {
  const { now, alerts, events, people, grants, effects } = organisation;
  const from = now - hours * HOUR;
  const since = { from: iso(from), to: iso(now) };
  const inWindow = events.filter((event) => Date.parse(event.time) >= from);
  const open = alerts.filter((alert) => alert.status === 'new' || alert.status === 'in_progress');
  const fresh = alerts.filter((alert) => Date.parse(alert.lastTime) >= from);
  const bands: readonly (readonly [Severity, number, number])[] = [
    ['critical', 90, 101],
    ['high', 75, 90],
    ['medium', 50, 75],
    ['low', 25, 50],
  ];
  const bucketMs = hours <= 24 ? HOUR : hours <= 168 ? 6 * HOUR : 24 * HOUR;
  const first = Math.floor(from / bucketMs) * bucketMs;
  const count = Math.ceil((now - first) / bucketMs);
  return {
    ...since,
    risk: {
      highest: Math.max(0, ...people.map((person) => person.risk)),
      bands: bands.map(([severity, min, max]) => ({
        severity,
        minRisk: min,
        count: people.filter((person) => person.risk >= min && person.risk < max).length,
        link: { to: 'identities', query: { minRisk: String(min) } },
      })),
      openAlerts: { count: open.length, link: { to: 'alerts', query: { status: 'new,in_progress' } } },
      openBySeverity: [...SEVERITIES].reverse().map((severity) => ({
        severity,
        count: open.filter((alert) => alert.severity === severity).length,
        link: { to: 'alerts', query: { status: 'new,in_progress', severity } },
      })),
      newAlerts: { count: fresh.length, link: { to: 'alerts', query: since } },
      events: { count: inWindow.length, link: { to: 'events', query: since } },
      activeGrants: {
        count: grants.filter((grant) => grant.state === 'active').length,
        link: { to: 'grants', query: { state: 'active' } },
      },
      awaitingApproval: {
        count: effects.filter((effect) => effect.state === 'awaiting_approval').length,
        link: { to: 'effects', query: { state: 'awaiting_approval' } },
      },
      revoked: {
        count: effects.filter((effect) => effect.state === 'verified').length,
        link: { to: 'effects', query: { state: 'verified' } },
      },
    },
    alerts: {
      bucketMinutes: bucketMs / 60_000,
      buckets: Array.from({ length: count }, (_, i) => {
        const [start, end] = [first + i * bucketMs, first + (i + 1) * bucketMs];
        const within = alerts.filter((alert) => Date.parse(alert.lastTime) >= start && Date.parse(alert.lastTime) < end);
        const of = (severity: Severity): number => within.filter((alert) => alert.severity === severity).length;
        return {
          from: iso(start),
          to: iso(end),
          counts: { informational: of('informational'), low: of('low'), medium: of('medium'), high: of('high'), critical: of('critical') },
          link: { to: 'alerts', query: { from: iso(start), to: iso(end) } },
        };
      }),
    },
    topIdentities: [...people].sort((a, b) => b.risk - a.risk).slice(0, 8),
    logins: {
      cells: week((weekday, hour) => {
        const here = inWindow.filter(
          (event) =>
            event.class === 'authentication' && weekdayOf(new Date(event.time)) === weekday && new Date(event.time).getUTCHours() === hour,
        );
        return {
          weekday,
          hour,
          events: here.length,
          failures: here.filter((event) => event.outcome === 'failure').length,
          maxScore: Math.max(0, ...here.map((event) => event.score)),
          link: { to: 'events', query: { ...since, class: 'authentication', weekday: String(weekday), hour: String(hour) } },
        } as const;
      }),
    },
    map: CITIES.flatMap((city) => {
      const here = inWindow.filter((event) => event.city === city.city);
      if (here.length === 0) return [];
      return [
        {
          country: city.country,
          city: city.city,
          lat: city.lat,
          lon: city.lon,
          events: here.length,
          identities: new Set(here.map((event) => event.identity.id)).size,
          maxScore: Math.max(...here.map((event) => event.score)),
          link: { to: 'events', query: { ...since, city: city.city } },
        } as const,
      ];
    }),
    pulse: pulseOf(organisation),
  };
}
function week<Cell>(make: (weekday: number, hour: number) => Cell): Cell[] {
  return Array.from({ length: 168 }, (_, i) => make(Math.floor(i / 24) + 1, i % 24));
}

export function rhythmOf({ events, now }: Organisation, id: string): Rhythm {
  const own = events.filter((event) => event.identity.id === id);
  const recentFrom = now - 7 * 24 * HOUR;
  return {
    timezone: 'Europe/Berlin',
    usualFrom: iso(now - 35 * 24 * HOUR),
    recentFrom: iso(recentFrom),
    to: iso(now),
    usualWeeks: own.length === 0 ? 0 : 4,
    cells: week((weekday, hour) => {
      const here = own.filter((event) => weekdayOf(new Date(event.time)) === weekday && new Date(event.time).getUTCHours() === hour);
      const recent = here.filter((event) => Date.parse(event.time) >= recentFrom).length;
      return { weekday, hour, usual: (here.length - recent) / 4, recent };
    }),
  };
}

export function riskHistoryOf(organisation: Organisation, id: string, days: number): RiskHistory {
  const person = organisation.people.find((one) => one.id === id);
  const alerts = organisation.alerts.filter(
    (alert) => alert.identity.id === id && Date.parse(alert.lastTime) > organisation.now - days * 24 * HOUR,
  );
  if (!person || alerts.length === 0) return { points: [] };
  const jumps = [...alerts].sort((a, b) => a.lastTime.localeCompare(b.lastTime));
  let risk = 4;
  let at = organisation.now - days * 24 * HOUR;
  const points: RiskHistory['points'] = [{ at: iso(at), risk, findingUid: null, title: null }];
  for (const jump of jumps) {
    const next = Date.parse(jump.lastTime);
    risk *= 0.5 ** ((next - at) / (7 * 24 * HOUR));
    points.push({ at: iso(next - 1), risk, findingUid: null, title: null });
    risk = Math.min(99, risk + (100 - risk) * (jump.score / 220));
    points.push({ at: iso(next), risk, findingUid: jump.uid, title: jump.title });
    at = next;
  }
  points.push({ at: iso(organisation.now), risk: person.risk, findingUid: null, title: null });
  return { points };
}

export function usageOf({ events, now }: Organisation, id: string, kind: UsageKind, days: number): Usage {
  const own = events.filter((event) => event.identity.id === id && Date.parse(event.time) > now - days * 24 * HOUR);
  const groups = new Map<string, typeof own>();
  for (const event of own) {
    const value = event[kind];
    if (value !== null) groups.set(value, [...(groups.get(value) ?? []), event]);
  }
  const total = [...groups.values()].reduce((sum, list) => sum + list.length, 0);
  return {
    kind,
    items: [...groups.entries()]
      .map(([value, list]) => {
        const firstSeen = list.at(-1)?.time ?? iso(now);
        return {
          value,
          detail:
            kind === 'network'
              ? [list[0]?.asOrg, list[0]?.city].filter((part) => part !== null && part !== undefined).join(', ')
              : kind === 'resource'
                ? (list[0]?.resourceKind ?? null)
                : null,
          events: list.length,
          share: list.length / total,
          failures: list.filter((event) => event.outcome === 'failure').length,
          firstSeen,
          lastSeen: list[0]?.time ?? iso(now),
          maxScore: Math.max(...list.map((event) => event.score)),
          recent: Date.parse(firstSeen) > now - 7 * 24 * HOUR,
          link: { to: 'events', query: { identity: id, [kind]: value } } as const,
        };
      })
      .sort((a, b) => b.events - a.events),
  };
}
