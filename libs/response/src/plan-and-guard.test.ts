import { HOUR_MS, MINUTE_MS } from '@keyward/events';
import { GroupRecord, IdentityRecord, buildOrganisation } from '@keyward/identity';
import { MONDAY_9, aGrant, anAlert, anEffect } from '@keyward/testkit';
import { describe, expect, it } from 'vitest';
import type { Decision } from './effect.js';
import { guard, type GuardContext } from './guard.js';
import { parsePolicy } from './parse-policy.js';
import { planManualRevocation, planRevocations, type Plan } from './plan.js';
import type { Policy } from './policy.js';

const policyOf = (text: string): Policy => {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.policy;
};
const identity = (fields: object) => IdentityRecord.parse(fields);
const organisation = buildOrganisation({
  identities: [
    identity({ id: 'p-anna' }),
    identity({ id: 'p-ceo' }),
    identity({ id: 'p-boss', groups: ['directors'] }),
    identity({ id: 'p-robot', kind: 'service' }),
    identity({ id: 'p-glass', kind: 'break_glass' }),
  ],
  assets: [],
  groups: [GroupRecord.parse({ group: 'directors', memberOf: ['board'] })],
  roles: [],
  tickets: [],
});
const ENFORCE = `
version: 1
rules: [{ id: contain, mode: enforce, when: { minScore: 70 } }]
connectors: [{ id: entra-main, product: entra_pim, grants: ['entra:*'] }]
`;
const plansOf = (text: string, { alert = anAlert(), grants = [aGrant()] } = {}): Plan[] =>
  planRevocations(alert, grants, policyOf(text), organisation);

describe('plans', () => {
  it('take every active JIT grant of the identity that the rule means, those the alert names first', () => {
    const grants = [
      aGrant({ uid: 'young', startsAt: MONDAY_9 + 1 }),
      aGrant({ uid: 'named', startsAt: 0 }),
      aGrant({ uid: 'standing', jit: false }),
      aGrant({ uid: 'eligible', state: 'eligible' }),
      aGrant({ uid: 'over', endsAt: MONDAY_9 }),
      aGrant({ uid: 'of another', identity: 'p-ben' }),
    ];
    const plans = plansOf(ENFORCE, { alert: anAlert({ grantUids: ['named'] }), grants });
    expect(plans.map(({ grant }) => grant.uid)).toEqual(['named', 'young']);
    expect(plans[0]).toMatchObject({ mode: 'enforce', rule: 'contain', connector: 'entra-main', approvalsNeeded: 0 });
    expect(plans[0]?.reason).toContain('alert-1');
  });

  it('have the same uid on every redelivery and version of the alert', () => {
    const [first] = plansOf(ENFORCE);
    const [second] = plansOf(ENFORCE, { alert: anAlert({ version: 7, score: 99 }) });
    expect(second?.effectUid).toBe(first?.effectUid);
    expect(plansOf(ENFORCE, { grants: [aGrant({ uid: 'grant-2' })] })[0]?.effectUid).not.toBe(first?.effectUid);
  });

  it.each([
    ['a score below the rule', { alert: anAlert({ score: 69 }) }, ENFORCE],
    ['another detection', {}, ENFORCE.replace('minScore: 70', 'detections: [mfa_*]')],
    ['a lower severity', {}, ENFORCE.replace('minScore: 70', 'minSeverity: critical')],
    ['another entitlement', {}, ENFORCE.replace('when:', "grants: { entitlements: ['okta:*'] }, when:")],
    ['a grant that the alert does not name', {}, ENFORCE.replace('when:', 'grants: { take: named }, when:')],
    ['another kind of identity', {}, ENFORCE.replace('when:', 'who: { kinds: [service] }, when:')],
    ['another group', {}, ENFORCE.replace('when:', 'who: { groups: [nobody] }, when:')],
    ['no rule at all', {}, 'version: 1'],
  ])('are none for %s', (_what, input, text) => {
    expect(plansOf(text, input)).toEqual([]);
  });

  it('follow the first rule that matches', () => {
    const text = `version: 1\nrules: [{ id: watch, who: { identities: ['p-a*'] } }, { id: contain, mode: enforce }]`;
    expect(plansOf(text)).toMatchObject([{ rule: 'watch', mode: 'observe' }]);
  });

  it('need two users for what the policy says so, whatever the rule says', () => {
    const text = `${ENFORCE}\nguardRails: { twoPersonFor: ['entra:role:Global*'] }`;
    expect(plansOf(text)).toMatchObject([{ mode: 'approve', approvalsNeeded: 2 }]);
  });

  it('made by hand count the asking as an approval, and are another effect than the rule made', () => {
    const decision: Decision = {
      uid: 'decision-1',
      kind: 'revoke',
      grantUid: 'grant-1',
      alertUid: 'alert-1',
      user: 'ines',
      reason: 'Stolen laptop.',
      at: MONDAY_9,
    };
    const manual = planManualRevocation(decision, aGrant(), policyOf(ENFORCE));
    expect(manual).toMatchObject({ mode: 'enforce', approvals: ['ines'], approvalsNeeded: 1, alertUid: 'alert-1', actor: 'ines' });
    expect(manual.effectUid).not.toBe(plansOf(ENFORCE)[0]?.effectUid);
    const two = planManualRevocation(decision, aGrant(), policyOf(`${ENFORCE}\nguardRails: { twoPersonFor: ['*'] }`));
    expect(two).toMatchObject({ mode: 'approve', approvalsNeeded: 2, approvals: ['ines'] });
  });
});

describe('guard rails', () => {
  const context = (rails: string, more: Partial<GuardContext> = {}): GuardContext => ({
    policy: policyOf(`${ENFORCE}\nguardRails: ${rails}`),
    organisation,
    now: MONDAY_9,
    recent: [],
    recentFindings: 1,
    activeGrants: 100,
    ...more,
  });
  const plan = (fields: Partial<Plan> = {}): Plan => ({ ...plansOf(ENFORCE)[0]!, ...fields });
  const taken = (count: number, ms: number, state: 'verified' | 'observed' | 'failed' = 'verified') =>
    Array.from({ length: count }, (_, index) =>
      anEffect({ uid: `effect-${index}`, at: MONDAY_9 - ms, state, entitlement: 'entra:role:Other' }),
    );
  const railOf = (made: Plan, given: GuardContext) => {
    const verdict = guard(made, given);
    return verdict.allowed ? 'allowed' : verdict.rail;
  };

  it('let a plan pass when nothing speaks against it', () => {
    expect(guard(plan(), context('{}'))).toEqual({ allowed: true });
  });

  it('hold the eleventh revocation of an hour, and count one effect once', () => {
    expect(railOf(plan(), context('{}', { recent: taken(9, MINUTE_MS) }))).toBe('allowed');
    expect(railOf(plan(), context('{}', { recent: taken(10, MINUTE_MS) }))).toBe('cap_per_hour');
    expect(railOf(plan(), context('{}', { recent: taken(10, HOUR_MS) }))).toBe('allowed');
    expect(railOf(plan(), context('{}', { recent: [...taken(9, 1), ...taken(9, 2)] }))).toBe('allowed');
    expect(railOf(plan(), context('{}', { recent: taken(30, 1, 'observed') }))).toBe('allowed');
  });

  it('let nothing pass at a cap of zero: the switch to turn it all off', () => {
    expect(railOf(plan(), context('{ maxRevocationsPerHour: 0 }'))).toBe('cap_per_hour');
  });

  it.each(['p-glass', 'p-robot', 'p-ceo', 'p-boss'])('never touch who is protected: %s', (identity) => {
    const rails = '{ protected: { identities: [p-ceo], groups: [board], kinds: [service] } }';
    for (const approvals of [[], ['ines', 'omar']])
      expect(railOf(plan({ identity, approvals }), context(rails))).toBe('protected_identity');
  });

  it('protect break-glass accounts without being told', () => {
    expect(railOf(plan({ identity: 'p-glass' }), context('{}'))).toBe('protected_identity');
    expect(railOf(plan({ identity: 'p-robot' }), context('{}'))).toBe('allowed');
  });

  it('cool down per identity and entitlement', () => {
    const again = [anEffect({ uid: 'earlier', at: MONDAY_9 - 59 * MINUTE_MS, state: 'verified' })];
    expect(railOf(plan(), context('{}', { recent: again }))).toBe('cool_down');
    expect(railOf(plan({ effectUid: 'earlier' }), context('{}', { recent: again }))).toBe('allowed');
    expect(railOf(plan({ identity: 'p-robot' }), context('{}', { recent: again }))).toBe('allowed');
    expect(railOf(plan(), context('{ coolDownMinutes: 30 }', { recent: again }))).toBe('allowed');
  });

  it('cap the share of active grants, but always let the first go; hold when nobody counted', () => {
    const rails = '{ maxShareOfActiveGrants: 0.1 }';
    expect(railOf(plan(), context(rails, { activeGrants: 5 }))).toBe('allowed');
    expect(railOf(plan(), context(rails, { activeGrants: 5, recent: taken(1, 1) }))).toBe('share_of_active_grants');
    expect(railOf(plan(), context(rails, { activeGrants: 29, recent: taken(2, 1) }))).toBe('allowed');
    expect(railOf(plan(), context(rails, { activeGrants: undefined }))).toBe('share_of_active_grants');
  });

  it('fall quiet when findings come in masses, but not for a person', () => {
    expect(railOf(plan(), context('{}', { recentFindings: 501 }))).toBe('mass_trigger');
    expect(railOf(plan({ approvals: ['ines'] }), context('{}', { recentFindings: 501 }))).toBe('allowed');
    expect(railOf(plan({ approvals: ['ines'] }), context('{}', { recent: taken(10, 1) }))).toBe('cap_per_hour');
  });

  it('hold what no connector answers for, and what has no reason', () => {
    expect(railOf(plan({ connector: undefined }), context('{}'))).toBe('no_connector');
    expect(railOf(plan({ reason: '  ' }), context('{}'))).toBe('no_reason');
  });
});
