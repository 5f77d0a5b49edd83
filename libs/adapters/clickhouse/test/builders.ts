import type { Alert } from '@keyward/alerts';
import type { Assessment } from '@keyward/baselines';
import type { Finding } from '@keyward/detections';
import { deterministicUid, eventUid, type AccessEvent } from '@keyward/events';
import type { Grant } from '@keyward/identity';
import type { Effect } from '@keyward/response';
import type { AssessedEvent } from '@keyward/stages';

export const T0 = Date.UTC(2026, 2, 2, 9, 0, 0, 125);

/** Text that must come back exactly as it went in. */
export const HOSTILE = [
  `it's "quoted" \\ back\\slashed \\n \\x00 \\'`,
  'nul \u0000 in the middle',
  'emoji 🔑🧑🏽‍💻 and ﷽, e\u0301 and é, \u202Eright to left',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  "'; DROP TABLE access_events; --",
  '{identity:String} {{x}} ${x} %s %00 \t\r\n\u2028\u2029\u0007',
  '',
  ' ',
  'x'.repeat(100_000),
];

export function anAssessedEvent(n: number, more: Partial<AccessEvent> = {}, identity = `p-${n % 50}`): AssessedEvent {
  const uid = eventUid('okta', `native-${n}`);
  const event: AccessEvent = {
    uid,
    nativeId: `native-${n}`,
    source: 'okta',
    time: T0 + n * 1_000,
    class: 'authentication',
    activity: 'logon',
    code: 'user.session.start',
    outcome: n % 10 === 0 ? 'failure' : 'success',
    actor: { system: 'okta', name: `user${n % 50}@example.com`, id: `00u${n % 50}`, identity },
    src: {
      ip: `198.51.100.${n % 250}`,
      geo: { lat: 48.2, lon: 16.37, radiusKm: 50, city: 'Vienna', country: 'AT' },
      geoFrom: 'vendor',
      asn: 64_500,
      asOrg: 'Example Net',
    },
    device: {
      id: `device-${n % 60}`,
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0',
      browser: 'Firefox 140',
      os: 'Linux',
    },
    session: { uid: `session-${n % 500}` },
    auth: { method: 'fido2', mfa: true, interactive: true, application: 'Payments' },
    ...more,
  };
  return { event, identity, assessment: anAssessment(event, identity) };
}

const anAssessment = (event: AccessEvent, identity: string): Assessment => ({
  eventUid: event.uid,
  identity,
  time: event.time,
  score: 41.5,
  p: 0.0123,
  terms: [
    {
      feature: 'A1_network',
      observed: '198.51.100.0/24',
      usual: [{ value: '203.0.113.0/24', share: 0.9 }],
      evidence: 4.2,
      p: 0.015,
      share: 0.8,
      counts: { person: 0, peers: 3, all: 40 },
      confidence: 0.9,
      factors: [{ name: 'shared_egress', factor: 0.5 }],
      scoreWithout: 12,
      history: 120,
      details: { act: true },
    },
  ],
  notEvaluated: [{ feature: 'travel', why: 'no earlier place' }],
  snapshot: 'snapshot-1',
  stratum: 'authentication',
});

export const aFinding = (n: number, more: Partial<Finding> = {}): Finding => ({
  uid: deterministicUid('finding', n),
  detection: 'impossible_travel',
  title: 'Impossible travel',
  kind: 'rule',
  severity: 'high',
  attack: ['T1078'],
  identity: `p-${n}`,
  source: 'okta',
  time: T0 + n,
  eventUid: eventUid('okta', `native-${n}`),
  eventUids: [eventUid('okta', `native-${n}`)],
  p: 1e-6,
  dedupeKey: 'impossible_travel',
  sentence: 'Vienna and Sydney within an hour.',
  observed: { distanceKm: 15_900, from: 'Vienna' },
  grantUids: [],
  explanation: [],
  ...more,
});

export const aGrant = (uid: string, more: Partial<Grant> = {}): Grant => ({
  uid,
  identity: 'p-anna',
  system: 'entra',
  principal: 'anna@example.com',
  entitlement: 'entra:role:Global Administrator',
  jit: true,
  state: 'active',
  startsAt: T0,
  endsAt: T0 + 3_600_000,
  eventUids: ['e1'],
  ...more,
});

export const anAlert = (uid: string, version: number, more: Partial<Alert> = {}): Alert => ({
  uid,
  version,
  identity: 'p-anna',
  displayName: 'Anna Example',
  title: 'Impossible travel',
  severity: 'high',
  score: 80,
  entityRisk: 75.5,
  contributions: [{ findingUid: 'f1', detection: 'impossible_travel', at: T0, evidence: 13.8, halfLifeDays: 7, share: 1 }],
  firstTime: T0,
  lastTime: T0 + version,
  dedupeKey: 'impossible_travel',
  detections: ['impossible_travel'],
  attack: ['T1078'],
  findingUids: ['f1'],
  eventUids: ['e1'],
  grantUids: [],
  sources: ['okta'],
  explanation: ['Vienna and Sydney within an hour.'],
  notify: true,
  ...more,
});

export const anEffect = (seq: number, more: Partial<Effect> = {}): Effect => ({
  uid: 'effect-1',
  chain: 'access.alerts/0',
  seq,
  prevHash: `h${seq - 1}`,
  hash: `h${seq}`,
  at: T0 + seq,
  state: 'observed',
  mode: 'observe',
  rule: 'jit-on-critical',
  alertUid: 'alert-1',
  identity: 'p-anna',
  grantUid: 'grant-1',
  entitlement: 'entra:role:Global Administrator',
  connector: 'entra-pim',
  reason: 'Impossible travel',
  actor: 'keyward',
  approvals: [],
  ...more,
});
