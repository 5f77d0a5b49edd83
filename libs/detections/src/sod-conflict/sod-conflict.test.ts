import { describe, expect, it } from 'vitest';
import type { AccessEvent, Privilege } from '@keyward/events';
import { SodPolicy } from '@keyward/sod';
import { DAY, HOUR, MINUTE, MONDAY, anAccount, anEvent, anOrganisation, play } from '../../test/builders.js';
import { sodConflict } from './sod-conflict.detection.js';

const sod = SodPolicy.parse({
  functions: {
    create_vendor: { entitlements: ['okta:group:vendor-*'], activities: [{ source: 'okta', action: 'vendor.create' }] },
    pay_vendor: { entitlements: ['*:role:payments'], activities: [{ source: '*', action: 'vendor.pay' }] },
    audit: { entitlements: ['okta:group:auditors'] },
    deploy: { entitlements: ['entra:role:deployer'] },
  },
  rules: [
    { id: 'R1', name: 'Vendor fraud', severity: 'critical', functions: ['create_vendor', 'pay_vendor'], when: 'assigned' },
    { id: 'R2', functions: ['deploy', 'pay_vendor'], when: 'overlapping', severity: 'medium' },
    { id: 'R3', functions: ['create_vendor', 'pay_vendor'], when: 'exercised', sameObject: true, windowHours: 48 },
  ],
  mitigations: [{ rule: 'R1', identity: 'p-ben', control: 'monthly review', from: '2026-01-01', to: '2026-01-31' }],
});
const organisation = anOrganisation({
  identities: [
    { id: 'p-vera', displayName: 'Vera Fox', accounts: [{ system: 'okta', name: 'vera@example.com' }], groups: ['vendor-team'] },
    {
      id: 'p-elig',
      accounts: [{ system: 'entra', name: 'elig@example.com' }],
      groups: ['okta:group:vendor-team'],
      eligibleRoles: ['payments'],
    },
  ],
});
const scenario = { detection: sodConflict, organisation, sod };
const change = (
  kind: Privilege['change'],
  entitlement: string,
  at: number,
  privilege: Partial<Privilege> = {},
  actor = anAccount(),
): AccessEvent =>
  anEvent({
    at,
    source: 'entra',
    class: 'user_access',
    activity: 'assign_role',
    code: kind,
    actor,
    privilege: { change: kind, entitlement, jit: false, ...privilege },
  });
const act = (code: string, object: string, at: number, more: Partial<AccessEvent> = {}): AccessEvent =>
  anEvent({ at, class: 'api_activity', activity: 'update', code, resource: { kind: 'other', name: object }, ...more });
const rules = (events: readonly AccessEvent[]): unknown[] => play(scenario, events).map(({ observed }) => observed['rule']);

describe('SoD conflict of what an identity has', () => {
  it('fires when a grant completes the conflict, with a witness path', () => {
    const first = change('granted', 'okta:group:vendor-admins', MONDAY);
    const findings = play(scenario, [first, change('granted', 'entra:role:payments', MONDAY + DAY)]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ kind: 'sod', severity: 'critical', p: 1e-5, dedupeKey: 'sod:R1', identity: 'p-anna' });
    expect(findings[0]?.sentence).toBe(
      'Anna Berg (p-anna) now has "create_vendor" and "pay_vendor" together, which "Vendor fraud" forbids: payments completed it.',
    );
    expect(findings[0]?.explanation[0]).toBe(
      `"create_vendor" through okta:group:vendor-admins: held since 2026-01-05 09:00 UTC, learned from event ${first.uid}.`,
    );
    expect(findings[0]?.eventUids).toContain(first.uid);
    expect(findings[0]?.grantUids).toHaveLength(1);
  });
  it('counts a group of the context folder', () => {
    const [finding] = play(scenario, [change('granted', 'okta:role:payments', MONDAY, {}, anAccount('vera@example.com'))]);
    expect(finding?.explanation[0]).toContain('since before the history begins, learned from the organisation context');
  });
  it('tells of the target, not of the administrator who gave the right', () => {
    const give = (entitlement: string, at: number) => ({
      ...change('granted', entitlement, at),
      actor: anAccount('ben@example.com'),
      target: anAccount(),
    });
    const findings = play(scenario, [give('okta:group:vendor-a', MONDAY), give('entra:role:payments', MONDAY + 1)]);
    expect(findings.map(({ identity }) => identity)).toEqual(['p-anna']);
  });
  it('fires when an eligible role becomes active beside a duty held, and not again the next morning', () => {
    const elig = anAccount('elig@example.com', 'entra');
    const activate = (at: number) =>
      change('activated', 'entra:role:payments', at, { jit: true, requestId: `r${at}`, endsAt: at + HOUR }, elig);
    expect(rules([activate(MONDAY), activate(MONDAY + DAY)])).toEqual(['R1']);
  });
  it('asks of overlapping rules that both are active at the same time', () => {
    const deploy = change('activated', 'entra:role:deployer', MONDAY, { jit: true, requestId: 'd', endsAt: MONDAY + HOUR });
    const pay = (at: number) => change('activated', 'entra:role:payments', at, { jit: true, requestId: 'p', endsAt: at + HOUR });
    expect(rules([deploy, pay(MONDAY + 30 * MINUTE)])).toEqual(['R2']);
    expect(rules([deploy, pay(MONDAY + 61 * MINUTE)])).toEqual([]);
  });
  it('judges a right given for later by what it meets then', () => {
    const deploy = change('activated', 'entra:role:deployer', MONDAY, { jit: true, requestId: 'd', endsAt: MONDAY + HOUR });
    const later = change('granted', 'entra:role:payments', MONDAY + MINUTE, {
      jit: true,
      startsAt: MONDAY + DAY,
      endsAt: MONDAY + 2 * DAY,
    });
    expect(rules([deploy, later])).toEqual([]);
  });
  it.each([
    ['one duty alone', [change('granted', 'entra:role:payments', MONDAY)]],
    ['a conflict that was there before', [change('granted', 'okta:role:other', MONDAY, {}, anAccount('vera@example.com'))]],
    [
      'a duty given up before',
      [
        change('granted', 'okta:group:vendor-a', MONDAY),
        change('revoked', 'okta:group:vendor-a', MONDAY + 1),
        change('granted', 'entra:role:payments', MONDAY + 2),
      ],
    ],
    [
      'a request that nobody granted',
      [change('granted', 'okta:group:vendor-a', MONDAY), change('requested', 'entra:role:payments', MONDAY + 1)],
    ],
    [
      'two people who have one duty each',
      [
        change('granted', 'okta:group:vendor-a', MONDAY),
        change('granted', 'entra:role:payments', MONDAY + 1, {}, anAccount('vera2@example.com')),
      ],
    ],
    [
      'a mitigated conflict',
      [
        change('granted', 'okta:group:vendor-a', MONDAY, {}, anAccount('ben@example.com')),
        change('granted', 'entra:role:payments', MONDAY + 1, {}, anAccount('ben@example.com')),
      ],
    ],
  ])('is silent on %s', (_what, events) => {
    expect(rules(events)).toEqual([]);
  });
  it('fires again when the mitigation is over', () => {
    const ben = anAccount('ben@example.com');
    const february = MONDAY + 30 * DAY;
    expect(
      rules([change('granted', 'okta:group:vendor-a', MONDAY, {}, ben), change('granted', 'entra:role:payments', february, {}, ben)]),
    ).toEqual(['R1']);
  });
});

describe('SoD conflict of what an identity does', () => {
  it('fires when both duties are done to one object within the window, once', () => {
    const create = act('vendor.create', 'V-7', MONDAY);
    const findings = play(scenario, [create, act('vendor.pay', 'V-7', MONDAY + DAY), act('vendor.pay', 'v-7', MONDAY + DAY + 1)]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ observed: { rule: 'R3', object: 'v-7' } });
    expect(findings[0]?.eventUids[0]).toBe(create.uid);
    expect(findings[0]?.sentence).toContain('did "create_vendor" and "pay_vendor" within 24 hours, both on v-7');
  });
  it('fires across two accounts of one person', () => {
    const pay = act('vendor.pay', 'V-7', MONDAY + HOUR, { source: 'entra', actor: anAccount('anna.admin@example.com', 'entra') });
    expect(rules([act('vendor.create', 'V-7', MONDAY), pay])).toEqual(['R3']);
  });
  it.each([
    ['two objects', [act('vendor.create', 'V-7', MONDAY), act('vendor.pay', 'V-8', MONDAY + HOUR)]],
    ['the window being over', [act('vendor.create', 'V-7', MONDAY), act('vendor.pay', 'V-7', MONDAY + 49 * HOUR)]],
    ['an attempt that failed', [act('vendor.create', 'V-7', MONDAY), act('vendor.pay', 'V-7', MONDAY + HOUR, { outcome: 'failure' })]],
    [
      'another source than the policy names',
      [act('vendor.create', 'V-7', MONDAY, { source: 'entra' }), act('vendor.pay', 'V-7', MONDAY + 1)],
    ],
    ['two people', [act('vendor.create', 'V-7', MONDAY), act('vendor.pay', 'V-7', MONDAY + 1, { actor: anAccount('ben@example.com') })]],
  ])('is silent on %s', (_what, events) => {
    expect(rules(events)).toEqual([]);
  });
});
