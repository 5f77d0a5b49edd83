import {
  sourceOfSubject,
  type IdentityCard,
  type RecordSample,
  type SourceAlarm,
  type SourceDetail,
  type SourceHealth,
  type SourceList,
  type SourceReason,
} from '@keyward/contract';
import type { Organisation } from './organisation.js';
import { Random } from './random.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const BUCKET_MINUTES: Readonly<Record<number, number>> = { 1: 2, 24: 30, 168: 180 };
const iso = (at: number): string => new Date(at).toISOString();
export const HOSTILE_ACCOUNT = '<img src=x onerror=window.hacked=1>@example.com';

interface Made {
  readonly source: string;
  /** Records an hour when it is busy. */
  readonly busy: number;
  readonly office: boolean;
  readonly ignored: number;
  readonly rejected: number;
  readonly lag: readonly [number, number];
  /** Ago, minutes. */
  readonly silentFor?: number;
  readonly known?: number;
}
const SOURCES: readonly Made[] = [
  { source: 'okta', busy: 420, office: true, ignored: 0.22, rejected: 0, lag: [2.8, 9.5] },
  { source: 'entra', busy: 1_180, office: true, ignored: 0.31, rejected: 0.002, lag: [190.3, 861] },
  { source: 'cyberark', busy: 96, office: true, ignored: 0.4, rejected: 0.34, lag: [1, 3.4] },
  { source: 'cloudtrail', busy: 2_600, office: false, ignored: 0.81, rejected: 0, lag: [304.4, 724.1], silentFor: 131 },
  { source: 'keycloak', busy: 38, office: true, ignored: 0.05, rejected: 0, lag: [1, 1] },
  { source: 'linux', busy: 640, office: false, ignored: 0.64, rejected: 0.004, lag: [1, 2.4] },
  { source: 'teleport', busy: 24, office: true, ignored: 0.1, rejected: 0, lag: [1, 4], known: 5 * HOUR },
];

const alarm = (source: string, kind: SourceAlarm['kind'], since: number, ended: number | null, sentence: string): SourceAlarm => ({
  uid: `${source}${kind}`.padEnd(31, '0') + (ended === null ? '1' : '2'),
  kind,
  since: iso(since),
  raisedAt: iso(since + 14 * MINUTE),
  endedAt: ended === null ? null : iso(ended),
  sentence,
});
function alarmsOf({ source }: Made, now: number): readonly SourceAlarm[] {
  if (source === 'cloudtrail') {
    return [
      alarm(
        source,
        'silent',
        now - 131 * MINUTE,
        null,
        'No record of cloudtrail has arrived since 2026-01-05 07:01 UTC. By its own rhythm of the last weeks, records in about 13 different minutes were to be expected in the 14 min until this alarm.',
      ),
      alarm(
        source,
        'late',
        now - 9 * DAY,
        now - 9 * DAY + 3 * HOUR,
        'Half of the events of cloudtrail in the last hour arrived 48 min or more after they happened; usual is at most 6 min.',
      ),
    ];
  }
  if (source === 'cyberark') {
    return [
      alarm(
        source,
        'rejecting',
        now - 5 * HOUR,
        null,
        "34% of the records of cyberark in the last hour can't be read; usual is at most 0.4%.",
      ),
    ];
  }
  return [];
}

function healthOf(made: Made, now: number, hours: number): SourceHealth {
  const random = new Random(made.source.length * 7 + hours);
  const bucketMs = (BUCKET_MINUTES[hours] ?? 30) * MINUTE;
  const end = Math.ceil(now / bucketMs) * bucketMs;
  const first = now - (made.known ?? 60 * DAY);
  const last = now - (made.silentFor ?? 0) * MINUTE - 12_000;
  const buckets = Array.from({ length: (hours * HOUR) / bucketMs }, (_, i) => {
    const from = end - hours * HOUR + i * bucketMs;
    // Whenever it is looked at, the working day has begun seven hours ago.
    const working = (now - from) % DAY < 7 * HOUR || (now - from) % DAY > 20 * HOUR;
    const usual = made.busy * (bucketMs / HOUR) * (made.office ? (working ? 1 : 0.02) : 0.8);
    const records = from > last || from + bucketMs < first ? 0 : Math.round(usual * (0.75 + 0.5 * random.next()));
    const rejected = now - from < 5 * HOUR || made.rejected < 0.1 ? Math.round(records * made.rejected) : 0;
    const ignored = Math.round((records - rejected) * made.ignored);
    return { from: iso(from), kept: records - rejected - ignored, ignored, rejected, usual: made.known === undefined ? usual : null };
  });
  const sum = (of: 'kept' | 'ignored' | 'rejected'): number => buckets.reduce((all, bucket) => all + bucket[of], 0);
  const alarms = alarmsOf(made, now).filter(({ endedAt }) => endedAt === null);
  const [kept, ignored, rejected] = [sum('kept'), sum('ignored'), sum('rejected')];
  return {
    source: made.source,
    state: alarms[0]?.kind ?? (made.known === undefined ? 'steady' : 'new'),
    alarms,
    firstArrival: iso(first),
    lastArrival: iso(last),
    lastEventTime: iso(last - made.lag[0] * 1_000),
    ...{ kept, ignored, rejected },
    perHour: (kept + ignored + rejected) / hours,
    lag: kept === 0 ? null : { p50Seconds: made.lag[0], p95Seconds: made.lag[1] },
    unplaced: Math.round(kept * 0.012),
    unresolved: Math.round(kept * (made.source === 'linux' ? 0.31 : 0.02)),
    waiting: made.source === 'entra' ? 42 : 0,
    buckets,
    link: { to: 'events', query: { source: made.source } },
  };
}

const WORST = ['silent', 'rejecting', 'late', 'new', 'steady'];
export function sourcesOf({ now, events }: Organisation, hours: number): SourceList {
  const sources = events.length === 0 ? [] : SOURCES.map((made) => healthOf(made, now, hours));
  sources.sort((a, b) => WORST.indexOf(a.state) - WORST.indexOf(b.state) || a.source.localeCompare(b.source));
  return { at: iso(now), from: iso(now - hours * HOUR), bucketMinutes: BUCKET_MINUTES[hours] ?? 30, sources };
}

/** An alert about a source is about nobody. */
export const sourceAsIdentity = (id: string | undefined): IdentityCard | undefined =>
  id === undefined || sourceOfSubject(id) === undefined
    ? undefined
    : {
        ...{ id, displayName: id, kind: 'unknown', privileged: false, department: null, team: null, title: null, status: 'unknown' },
        ...{ risk: 0, openAlerts: 1, activeGrants: 0, lastSeen: null, email: null, manager: null, owner: null, home: null },
        ...{ timezone: null, criticality: 1, onLeave: false, onCall: false },
      };

const sample = (now: number, text: string, message: string | null): RecordSample => ({
  at: iso(now - 11 * MINUTE),
  text,
  isCut: text.length > 300,
  bytes: text.length > 300 ? 9_120 : text.length,
  origin: 'access.raw.cyberark/1/20114',
  message,
});

export function sourceOf(organisation: Organisation, source: string, hours: number): SourceDetail | undefined {
  const { now } = organisation;
  const made = SOURCES.find((one) => one.source === source);
  if (!made || organisation.events.length === 0) return undefined;
  const health = healthOf(made, now, hours);
  const all = health.kept + health.ignored + health.rejected;
  const reason = (
    result: SourceReason['result'],
    name: string,
    records: number,
    text?: string,
    message: string | null = null,
  ): SourceReason => ({
    ...{ result, reason: name, records, share: all === 0 ? 0 : records / all },
    sample: text === undefined ? null : sample(now, text, message),
    link: result === 'kept' ? { to: 'events', query: { source, text: name } } : null,
  });
  const quiet = { sample: '{"eventType":"system.email.delivery","debug":"…"}' };
  return {
    health,
    bucketMinutes: BUCKET_MINUTES[hours] ?? 30,
    reasons: [
      ...(health.rejected === 0
        ? []
        : [
            reason(
              'rejected',
              'unknown_shape',
              Math.ceil(health.rejected * 0.9),
              '<5>1 2026-01-05T09:00:00Z VAULT {"format":"elastic","version":"1.0","raw":"<script>window.hacked=1</script>","password":"•••"}',
              'neither CEF, LEEF nor a record of the vault: no field MessageID',
            ),
            reason(
              'rejected',
              'not_json',
              Math.floor(health.rejected * 0.1),
              '{"syslog":{"audit_record":{"Severity":"Info"',
              'the text ends inside of an object',
            ),
          ]),
      ...(health.ignored === 0
        ? []
        : [
            reason('ignored', 'not_access', Math.ceil(health.ignored * 0.7), quiet.sample),
            reason('ignored', 'unlisted_type', Math.floor(health.ignored * 0.3)),
          ]),
      ...(health.kept === 0
        ? []
        : [
            reason('kept', 'user.session.start', Math.ceil(health.kept * 0.6)),
            reason('kept', 'user.authentication.sso', Math.floor(health.kept * 0.4)),
          ]),
    ],
    unresolved:
      health.unresolved === 0
        ? []
        : ['svc-backup', 'deploy@build-7', HOSTILE_ACCOUNT].map((account, i) => ({
            account,
            events: Math.ceil(health.unresolved / (i + 2)),
            lastSeen: iso(now - (i + 1) * 20 * MINUTE),
            link: { to: 'events', query: { actor: `${source}:${account}` } } as const,
          })),
    unplaced:
      health.unplaced === 0
        ? []
        : [{ address: '198.51.100.7', events: health.unplaced, link: { to: 'events', query: { ip: '198.51.100.7' } } as const }],
    history: [...alarmsOf(made, now)],
  };
}
