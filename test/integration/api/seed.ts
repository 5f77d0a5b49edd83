import type { Alert } from '@keyward/alerts';
import {
  ClickHouseAlertStore,
  ClickHouseAssessmentStore,
  ClickHouseIngestLedger,
  ClickHouseResponseStore,
  type ClickHouse,
} from '@keyward/adapter-clickhouse';
import type { Finding } from '@keyward/detections';
import { DAY_MS, deterministicUid, eventUid, HOUR_MS, MINUTE_MS, type AccessEvent } from '@keyward/events';
import type { Grant } from '@keyward/identity';
import type { Effect } from '@keyward/response';
import type { AssessedEvent } from '@keyward/stages';

/** Text that must come back as text. */
export const HOSTILE = [
  `<script>alert(1)</script><img src=x onerror=alert(1)>`,
  `'; DROP TABLE access_events; --`,
  `{identity:String} \${x} %s \\ \\' " \t`,
  'emoji 🔑 \u202Eright to left \u0007',
] as const;

export function anEvent(n: number, now: number, more: Partial<AccessEvent> = {}, identity = `p-${n % 20}`, score = n % 97): AssessedEvent {
  const uid = eventUid('okta', `api-${n}`);
  const event: AccessEvent = {
    uid,
    nativeId: `api-${n}`,
    source: n % 3 === 0 ? 'entra' : 'okta',
    time: now - n * 7 * MINUTE_MS - 1_000,
    class: 'authentication',
    activity: 'logon',
    code: 'user.session.start',
    outcome: n % 10 === 0 ? 'failure' : 'success',
    actor: { system: 'okta', name: `user${n % 20}@example.com`, identity },
    src: { ip: `198.51.100.${n % 250}`, geo: { lat: 48.2, lon: 16.4, city: 'Vienna', country: 'AT' }, asOrg: 'Example Net' },
    device: { id: `device-${n % 7}`, browser: 'Firefox 140', os: 'Linux' },
    auth: { method: 'fido2', mfa: true, application: 'Payments' },
    resource: { kind: 'application', name: 'Payments' },
    ...more,
  };
  return {
    event,
    identity,
    assessment: {
      eventUid: event.uid,
      identity,
      time: event.time,
      score,
      p: 0.01,
      terms: [
        {
          feature: 'A1_network',
          observed: '198.51.100.0/24',
          usual: [{ value: '203.0.113.0/24', share: 0.9 }],
          evidence: 4.2,
          p: 0.015,
          share: 1,
          counts: { person: 0, peers: 3, all: 40 },
          confidence: 0.9,
          factors: [],
          scoreWithout: 12,
          history: 120,
        },
      ],
      notEvaluated: [{ feature: 'A4_travel', why: 'no earlier place' }],
      snapshot: 's1',
      stratum: 'authentication',
    },
  };
}

export const aFinding = (n: number, at: number, more: Partial<Finding> = {}): Finding => ({
  uid: deterministicUid('finding', 'api', n),
  detection: 'impossible_travel',
  title: 'Impossible travel',
  kind: 'rule',
  severity: 'high',
  attack: ['T1078'],
  identity: `p-${n % 20}`,
  source: 'okta',
  time: at,
  eventUid: eventUid('okta', `api-${n}`),
  eventUids: [eventUid('okta', `api-${n}`)],
  p: 1e-6,
  dedupeKey: 'impossible_travel',
  sentence: 'Vienna and Sydney within an hour.',
  observed: { distanceKm: 15_900 },
  grantUids: [],
  explanation: [],
  ...more,
});

const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export const anAlert = (n: number, at: number, more: Partial<Alert> = {}): Alert => ({
  uid: deterministicUid('alert', 'api', n),
  version: 1,
  identity: `p-${n % 20}`,
  displayName: `Person ${n % 20}`,
  title: `Impossible travel: Person ${n % 20}`,
  severity: SEVERITIES[n % 4] ?? 'low',
  score: (n * 13) % 100,
  entityRisk: (n * 7) % 100,
  contributions: [],
  firstTime: at - HOUR_MS,
  lastTime: at,
  dedupeKey: 'impossible_travel',
  detections: n % 5 === 0 ? ['mfa_fatigue'] : ['impossible_travel'],
  attack: ['T1078'],
  findingUids: [deterministicUid('finding', 'api', n)],
  eventUids: [eventUid('okta', `api-${n}`)],
  grantUids: [],
  sources: ['okta'],
  explanation: [`Vienna and Sydney within an hour, case ${n}.`],
  notify: true,
  ...more,
});

export const aGrant = (n: number, now: number, more: Partial<Grant> = {}): Grant => ({
  uid: deterministicUid('grant', 'api', n),
  identity: `p-${n % 20}`,
  system: 'entra',
  principal: `user${n % 20}@example.com`,
  entitlement: 'entra:role:Global Administrator',
  jit: true,
  state: 'active',
  startsAt: now - HOUR_MS,
  endsAt: now + n * MINUTE_MS,
  eventUids: [eventUid('okta', `api-${n}`)],
  ...more,
});

export const anEffect = (seq: number, at: number, more: Partial<Effect> = {}): Effect => ({
  uid: 'effect-1',
  chain: 'access.alerts/0',
  seq,
  prevHash: seq === 0 ? '' : `h${seq - 1}`,
  hash: `h${seq}`,
  at,
  state: 'awaiting_approval',
  mode: 'approve',
  rule: 'manual',
  alertUid: deterministicUid('alert', 'api', 1),
  identity: 'p-1',
  grantUid: deterministicUid('grant', 'api', 1),
  entitlement: 'entra:role:Global Administrator',
  connector: 'entra-pim',
  reason: 'Impossible travel',
  actor: 'keyward',
  approvals: [],
  ...more,
});

export const EVENTS = 600;
export const ALERTS = 120;

/** Twenty identities, 600 events over three days, 120 alerts, 10 grants, one effect that waits for an approval. */
export async function seed(clickhouse: ClickHouse, now: number): Promise<void> {
  const events = new ClickHouseAssessmentStore(clickhouse);
  await events.insertEvents([
    ...Array.from({ length: EVENTS }, (_, n) => anEvent(n, now)),
    ...HOSTILE.map((text, n) =>
      anEvent(
        EVENTS + n,
        now,
        { detail: text, resource: { kind: 'other', name: text }, actor: { system: 'okta', name: text, identity: text } },
        text,
        50,
      ),
    ),
  ]);
  const alertTime = (n: number): number => now - n * 20 * MINUTE_MS - 5_000;
  await events.insertFindings(Array.from({ length: ALERTS }, (_, n) => aFinding(n, alertTime(n))));
  await events.upsertGrants(Array.from({ length: 10 }, (_, n) => ({ grant: aGrant(n + 1, now), version: now })));
  const alerts = new ClickHouseAlertStore(clickhouse);
  await alerts.upsertAlerts(
    Array.from({ length: ALERTS }, (_, n) => anAlert(n, alertTime(n), n === 1 ? { grantUids: [deterministicUid('grant', 'api', 1)] } : {})),
  );
  await alerts.upsertRisk(
    Array.from({ length: 20 }, (_, n) => ({
      identity: `p-${n}`,
      at: now - n * HOUR_MS,
      risk: 50,
      contributions: [
        {
          findingUid: deterministicUid('finding', 'api', n),
          detection: 'impossible_travel',
          at: now - n * HOUR_MS,
          evidence: 13.8 + n / 10,
          halfLifeDays: 7,
        },
      ],
    })),
  );
  await new ClickHouseResponseStore(clickhouse).appendEffects([anEffect(0, now - MINUTE_MS)]);
  const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  await new ClickHouseIngestLedger(clickhouse).record(
    { topic: 'access.raw.okta', partition: 0, firstOffset: 0 },
    {
      source: 'okta',
      minute,
      kept: 120,
      ignored: { not_access: 3 },
      rejected: { not_json: 1 },
      lastEventTime: now - DAY_MS,
      lastArrival: now,
      arrivals: { [minute / MINUTE_MS]: 124 },
      lags: { 0: 100, 12: 20 },
      unplaced: 2,
      unresolved: 5,
    },
  );
}
