import type { Alert } from '@keyward/alerts';
import type { Finding } from '@keyward/detections';
import type { Grant } from '@keyward/identity';
import type { Effect } from '@keyward/response';

/** 2026-01-05T09:00:00Z, a Monday. */
export const MONDAY_9 = Date.UTC(2026, 0, 5, 9);

/** A finding of a rule, one hour from nothing else; a test states only what matters. */
export const aFinding = (fields: Partial<Finding> = {}): Finding => {
  const uid = fields.uid ?? 'finding-1';
  return {
    uid,
    detection: 'impossible_travel',
    title: 'Impossible travel',
    kind: 'rule',
    severity: 'high',
    attack: ['T1078'],
    identity: 'p-anna',
    source: 'okta',
    time: MONDAY_9,
    eventUid: `event-of-${uid}`,
    eventUids: [`event-of-${uid}`],
    p: 1e-6,
    dedupeKey: fields.detection ?? 'impossible_travel',
    sentence: 'Signed in from Lisbon 20 minutes after Oslo.',
    observed: { distanceKm: 2740, elapsedHours: 0.33 },
    grantUids: [],
    explanation: [],
    ...fields,
  };
};

export const aGrant = (fields: Partial<Grant> = {}): Grant => ({
  uid: 'grant-1',
  identity: 'p-anna',
  system: 'entra',
  principal: 'anna@example.com',
  principalId: 'principal-anna',
  entitlement: 'entra:role:Global Administrator',
  entitlementId: 'role-global-admin',
  scopeId: '/',
  jit: true,
  state: 'active',
  startsAt: MONDAY_9,
  endsAt: MONDAY_9 + 8 * 3_600_000,
  eventUids: ['event-1'],
  ...fields,
});

export const anAlert = (fields: Partial<Alert> = {}): Alert => ({
  uid: 'alert-1',
  version: 1,
  identity: 'p-anna',
  displayName: 'Anna Berg',
  title: 'Impossible travel: Anna Berg',
  severity: 'high',
  score: 75,
  entityRisk: 75,
  contributions: [],
  firstTime: MONDAY_9,
  lastTime: MONDAY_9,
  dedupeKey: 'impossible_travel',
  detections: ['impossible_travel'],
  attack: ['T1078'],
  findingUids: ['finding-1'],
  eventUids: ['event-1'],
  grantUids: [],
  sources: ['okta'],
  explanation: ['Signed in from Lisbon 20 minutes after Oslo.'],
  notify: true,
  ...fields,
});

/** A step of the decision log outside any chain; `appendLinks` makes real ones. */
export const anEffect = (fields: Partial<Effect> = {}): Effect => ({
  uid: 'effect-1',
  chain: 'access.alerts-0',
  seq: 0,
  prevHash: '0'.repeat(64),
  hash: '0'.repeat(64),
  at: MONDAY_9,
  state: 'revoking',
  mode: 'enforce',
  rule: 'contain',
  alertUid: 'alert-1',
  identity: 'p-anna',
  grantUid: 'grant-1',
  entitlement: 'entra:role:Global Administrator',
  connector: 'entra-main',
  reason: 'Impossible travel.',
  actor: 'keyward',
  approvals: [],
  ...fields,
});
