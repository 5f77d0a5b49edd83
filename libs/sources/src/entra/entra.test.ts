import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccessEvent, type ParseResult } from '@keyward/events';
import { isObject, object, text } from '../json.js';
import { ACTIVITIES } from '../ocsf-export/activities.js';
import { entra } from './entra.js';

const folder = resolve(import.meta.dirname, 'samples');
const recordsOf = (name: string): readonly unknown[] => {
  const written = readFileSync(resolve(folder, name), 'utf8');
  const values: readonly unknown[] = name.endsWith('.json')
    ? [JSON.parse(written)]
    : written
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line));
  return values.flatMap((value) => entra.unwrap(value));
};
function eventOf(result: ParseResult): AccessEvent {
  if (result.kind !== 'kept') throw new Error(JSON.stringify(result));
  return AccessEvent.parse(result.event);
}
const eventsOf = (name: string): AccessEvent[] => recordsOf(name).map((record) => eventOf(entra.parse(record)));

const signIns = eventsOf('sign-ins.event-hub.json');
const audits = eventsOf('audit.graph.ndjson');
const pim = eventsOf('pim.graph.ndjson');
const all = readdirSync(folder).flatMap(recordsOf);
const audited = (code: string, nth = 0): AccessEvent => {
  const found = audits.filter((event) => event.code === code)[nth];
  if (!found) throw new Error(`no sample of ${code}`);
  return found;
};

describe('entra samples', () => {
  it('parse to valid events whose activity is a word of their class', () => {
    for (const record of all) {
      const event = eventOf(entra.parse(record));
      expect(Object.keys(ACTIVITIES[event.class]), event.code).toContain(event.activity);
      expect(entra.parse(structuredClone(record))).toEqual(entra.parse(record));
    }
  });
  it('give the same event from Graph, from an Event Hub and from Log Analytics columns', () => {
    const [, withFactor, badPassword] = signIns;
    const graph = eventsOf('sign-ins.graph.json');
    const columns = eventsOf('sign-ins.columns.ndjson');
    expect(graph[0]).toEqual(withFactor);
    expect(columns[0]).toEqual(withFactor);
    expect(graph[4]).toEqual({ ...badPassword });
    expect(columns.slice(2)).toEqual([signIns[13], signIns[14], signIns[16]]);
    expect(graph.slice(1, 4)).toEqual([signIns[13], signIns[14], signIns[16]]);
    expect(eventsOf('audit.columns.ndjson')).toEqual([audits[0], audits[5]]);
    expect(eventsOf('audit.event-hub.json')).toEqual([audits[0], audits[5]]);
  });
});

describe('entra sign-in', () => {
  it('has user, address, place, device, session, token', () => {
    expect(signIns[1]).toMatchObject({
      class: 'authentication',
      activity: 'logon',
      code: 'Sign-in activity',
      outcome: 'success',
      time: Date.parse('2026-01-05T09:02:00.123Z'),
      actor: { system: 'entra', name: 'anna.berg@example.com', id: 'aaaaaaaa-0000-4000-8000-000000000001', kind: 'human' },
      src: {
        ip: '198.51.100.24',
        asn: 64500,
        networkKind: 'corporate',
        geo: { city: 'Vienna', country: 'AT', lat: 48.2082, lon: 16.3738, radiusKm: 50 },
      },
      device: { id: 'dev-anna-1', name: 'LAPTOP-ANNA', browser: 'Chrome 131', os: 'Windows 10', managed: true },
      session: { uid: 'sess-anna-1', tokenId: 'dG9rZW4tMQ' },
      auth: { method: 'push', mfa: true, step: 'second_factor', factorResult: 'approved', interactive: true, application: 'Azure Portal' },
      resource: { kind: 'application', name: 'Windows Azure Service Management API' },
      vendorRisk: { level: 'none' },
    });
  });
  it.each([
    [0, 'success', undefined, 'primary', undefined],
    [2, 'failure', 'bad_password', 'primary', undefined],
    [3, 'failure', 'unknown_user', 'primary', undefined],
    [4, 'failure', 'locked', 'primary', undefined],
    [5, 'failure', 'disabled', 'primary', undefined],
    [6, 'failure', 'expired', 'primary', undefined],
    [7, 'failure', 'interrupted', 'second_factor', 'challenged'],
    [8, 'failure', 'interrupted', 'session', undefined],
    [9, 'failure', 'bad_factor', 'second_factor', 'denied'],
    [10, 'failure', 'bad_factor', 'second_factor', 'timeout'],
    [11, 'failure', 'policy', 'session', undefined],
  ])('of sample %i is a %s: %s at the %s step', (index, outcome, failure, step, factorResult) => {
    expect(signIns[index]?.outcome).toBe(outcome);
    expect(signIns[index]?.auth).toMatchObject({ step });
    expect(signIns[index]?.auth?.failure).toBe(failure);
    expect(signIns[index]?.auth?.factorResult).toBe(factorResult);
  });
  it('with any error code but 0 is a failure', () => {
    const record = object(recordsOf('sign-ins.graph.json')[0]);
    fc.assert(
      fc.property(fc.integer({ min: -9_999_999, max: 9_999_999 }), (errorCode) => {
        const event = eventOf(entra.parse({ ...record, status: { errorCode } }));
        expect(event.outcome).toBe(errorCode === 0 ? 'success' : 'failure');
        expect(event.auth?.failure === undefined).toBe(errorCode === 0);
      }),
      { numRuns: 200, seed: 1 },
    );
  });
  it('of an unknown user has no id made of zeros', () => {
    expect(signIns[3]?.actor).toMatchObject({ name: 'nobody@example.com' });
    expect(signIns[3]?.actor?.id).toBeUndefined();
  });
  it('brings what Microsoft thought of it', () => {
    expect(signIns[12]?.vendorRisk).toEqual({ level: 'high', detections: ['anonymizedIPAddress'] });
  });
  it('without a person: a refreshed token, a service principal, a managed identity', () => {
    expect(signIns[13]?.auth).toMatchObject({ interactive: false, method: 'token', step: 'session' });
    expect(signIns[14]).toMatchObject({
      actor: { kind: 'service', name: 'nightly-export', id: 'bbbbbbbb-0000-4000-8000-000000000001' },
      auth: { method: 'key', interactive: false },
    });
    expect(signIns[15]).toMatchObject({ outcome: 'failure', auth: { failure: 'expired' } });
    expect(signIns[16]).toMatchObject({ actor: { kind: 'service', name: 'vm-backup' }, auth: { method: 'managed_identity' } });
    expect(signIns[16]?.src?.ip).toBeUndefined();
  });
});

describe('entra PIM', () => {
  it.each([
    [0, 'requested', true, undefined],
    [1, 'requested', true, undefined],
    [2, 'approved', true, undefined],
    [3, 'denied', true, undefined],
    [4, 'cancelled', true, undefined],
    [5, 'activated', true, undefined],
    [6, 'expired', true, undefined],
    [7, undefined, undefined, undefined],
    [8, 'revoked', true, undefined],
    [9, 'cancelled', true, undefined],
    [10, 'requested', true, true],
    [11, 'granted', true, true],
    [12, 'granted', false, true],
    [13, 'revoked', false, true],
    [14, 'granted', true, undefined],
    [15, 'granted', false, undefined],
    [16, 'granted', false, undefined],
    [17, 'expired', true, undefined],
    [18, 'extended', true, undefined],
    [19, undefined, undefined, undefined],
    [20, undefined, undefined, undefined],
  ])('record %i: %s, for a time %s, eligible %s', (index, change, jit, eligible) => {
    const privilege = pim[index]?.privilege;
    expect([privilege?.change, privilege?.jit, privilege?.eligible], pim[index]?.code).toEqual([change, jit, eligible]);
    if (privilege) expect(privilege.entitlement).toBe('entra:role:Global Administrator');
  });
  it('tells an activation whole', () => {
    expect(pim[5]).toMatchObject({
      class: 'user_access',
      activity: 'assign_role',
      actor: { name: 'anna.berg@example.com' },
      src: { ip: '198.51.100.24' },
      ticket: 'CHG-4711',
      privilege: {
        entitlementId: '62e90394-69f5-4237-9190-012177145e10',
        scopeId: '/',
        requestId: 'pim-req-1',
        requester: 'anna.berg@example.com',
        startsAt: Date.parse('2026-01-05T12:00:00Z'),
        endsAt: Date.parse('2026-01-05T20:00:00Z'),
        justification: 'Patch the tenant',
        ticket: 'CHG-4711',
      },
    });
    expect(pim[5]?.target).toBeUndefined();
  });
  it('tells who approved and for whom', () => {
    expect(pim[2]).toMatchObject({
      actor: { name: 'ada.admin@example.com' },
      target: { name: 'anna.berg@example.com' },
      privilege: { approver: 'ada.admin@example.com', requester: 'anna.berg@example.com', requestId: 'pim-req-1' },
    });
  });
  it('lets a time run out without a person: the actor is PIM, the target loses it', () => {
    expect(pim[6]).toMatchObject({
      actor: { kind: 'service', name: 'azure ad pim' },
      target: { name: 'anna.berg@example.com' },
      activity: 'remove_role',
    });
  });
  it('is itself the actor when its name stands under user', () => {
    const record = object(recordsOf('pim.graph.ndjson')[17]);
    const initiatedBy = { user: { id: 'x-1', displayName: 'Azure AD PIM', userPrincipalName: null }, app: null };
    expect(eventOf(entra.parse({ ...record, initiatedBy }))).toMatchObject({
      actor: { kind: 'service' },
      privilege: { change: 'expired' },
    });
  });
  it('for Groups names the group, for Azure resources the scope', () => {
    expect(pim[21]?.privilege).toMatchObject({ change: 'activated', entitlement: 'entra:group:Tier 0 Admins' });
    expect(pim[22]?.privilege).toMatchObject({ entitlement: 'entra:role:Owner', scopeId: '/subscriptions/sub-1' });
  });
  it('mirrored in the directory gives for a time, and leaves the taking to its own record', () => {
    expect(audited('Add member to role', 1).privilege).toMatchObject({ change: 'granted', jit: true });
    expect(audited('Remove member from role', 1).privilege).toBeUndefined();
  });
});

describe('entra directory audit', () => {
  it.each([
    ['Add member to role', 'user_access', 'assign_role', 'granted', 'entra:role:Global Administrator'],
    ['Remove member from role', 'user_access', 'remove_role', 'revoked', 'entra:role:Global Administrator'],
    ['Add eligible member to role', 'user_access', 'assign_role', 'granted', 'entra:role:Global Administrator'],
    ['Add member to group', 'group_management', 'add_user', 'granted', 'entra:group:Finance Approvers'],
    ['Remove member from group', 'group_management', 'remove_user', 'revoked', 'entra:group:Finance Approvers'],
    ['Add owner to group', 'group_management', 'assign_privileges', 'granted', 'entra:group_owner:Finance Approvers'],
    ['Consent to application', 'user_access', 'assign_privileges', 'granted', 'entra:app:Mail Reader'],
    ['Add app role assignment grant to user', 'user_access', 'assign_privileges', 'granted', 'entra:app:Payroll'],
    ['Add app role assignment to service principal', 'user_access', 'assign_privileges', 'granted', 'entra:app:Microsoft Graph'],
    ['User requests access package assignment', 'user_access', 'other', 'requested', 'entra:access_package:Production DBA'],
    ['Approve access package assignment request', 'user_access', 'other', 'approved', 'entra:access_package:Production DBA'],
    ['Add user', 'account_change', 'create', undefined, undefined],
    ['Delete user', 'account_change', 'delete', undefined, undefined],
    ['Disable account', 'account_change', 'disable', undefined, undefined],
    ['Update user', 'account_change', 'disable', undefined, undefined],
    ['Reset password (by admin)', 'account_change', 'password_reset', undefined, undefined],
    ['Change password (self-service)', 'account_change', 'password_change', undefined, undefined],
    ['Unlock user account (self-service)', 'account_change', 'unlock', undefined, undefined],
    ['User registered security info', 'account_change', 'mfa_factor_enable', undefined, undefined],
    ['Admin deleted security info', 'account_change', 'mfa_factor_disable', undefined, undefined],
    ['Add FIDO2 security key', 'account_change', 'mfa_factor_enable', undefined, undefined],
    ['Add service principal credentials', 'entity_management', 'update', undefined, undefined],
    ['Update conditional access policy', 'entity_management', 'update', undefined, undefined],
    ['Delete conditional access policy', 'entity_management', 'delete', undefined, undefined],
    ['Update StsRefreshTokenValidFrom Timestamp', 'authentication', 'logoff', undefined, undefined],
    ['Read BitLocker key', 'entity_management', 'read', undefined, undefined],
    ['Invent something new', 'entity_management', 'update', undefined, undefined],
  ])('%s is %s/%s: %s', (code, eventClass, activity, change, entitlement) => {
    expect(audited(code)).toMatchObject({ class: eventClass, activity });
    expect(audited(code).privilege?.change).toBe(change);
    expect(audited(code).privilege?.entitlement).toBe(entitlement);
  });
  it('keeps actor, target, address and template id apart', () => {
    expect(audited('Add member to role')).toMatchObject({
      actor: { name: 'ada.admin@example.com', kind: 'human' },
      target: { name: 'bob@example.com' },
      src: { ip: '198.51.100.30' },
      privilege: { entitlementId: '62e90394-69f5-4237-9190-012177145e10', scopeId: '/', jit: false },
    });
    expect(audited('Add app role assignment to service principal').target).toMatchObject({ kind: 'service', name: 'nightly-export' });
    expect(audited('Unlock user account (self-service)').outcome).toBe('failure');
  });
  it('says of a conditional access policy that is enforced no longer that it is disabled', () => {
    const record = object(recordsOf('audit.graph.ndjson')[0]);
    const changed = (before: string, after: string): unknown => ({
      ...record,
      loggedByService: 'Conditional Access',
      activityDisplayName: 'Update conditional access policy',
      targetResources: [
        {
          id: 'ca-1',
          displayName: 'MFA for all',
          type: 'Policy',
          modifiedProperties: [
            {
              displayName: 'ConditionalAccessPolicy',
              oldValue: `{"id":"ca-1","state":"${before}"}`,
              newValue: `{"id":"ca-1","state":"${after}"}`,
            },
          ],
        },
      ],
    });
    const activity = (before: string, after: string): string => eventOf(entra.parse(changed(before, after))).activity;
    expect(activity('enabled', 'disabled')).toBe('disable');
    expect(activity('enabled', 'enabledForReportingButNotEnforced')).toBe('disable');
    expect(activity('enabled', 'enabled')).toBe('update');
    expect(activity('disabled', 'enabled')).toBe('update');
  });
  it('ignores what only reads or synchronises', () => {
    const record = object(recordsOf('audit.graph.ndjson')[0]);
    for (const [activityDisplayName, reason] of [
      ['Features_GetFeaturesAsync', 'read_only'],
      ['Get tenant details', 'read_only'],
      ['Synchronization rule action', 'sync_progress'],
      ['DSR Export: MFA.PostgreSQL.blocked_users', 'data_subject_request'],
    ]) {
      expect(entra.parse({ ...record, loggedByService: 'Other', activityDisplayName })).toEqual({ kind: 'ignored', reason });
    }
  });
});

describe('entra risk, provisioning, Azure roles', () => {
  it("reads provisioning under the beta's names too: a success stays one, and the account is that of the other system", () => {
    const record = {
      id: 'p1',
      activityDateTime: '2026-01-05T09:00:00Z',
      provisioningAction: 'create',
      statusInfo: { status: 'success' },
      targetIdentity: { id: 't1', displayName: 'boris', identityType: 'user' },
    };
    expect(entra.parse(record)).toMatchObject({ event: { activity: 'create', outcome: 'success', target: { id: 't1' } } });
    expect(entra.parse({ ...record, statusInfo: { status: 'failure' } })).toMatchObject({ event: { outcome: 'failure' } });
  });
  const [detected, leaked, risky, provisioned, assigned] = eventsOf('other.ndjson');
  it('keep what ID Protection saw, with address and place', () => {
    expect(detected).toMatchObject({
      code: 'User Risk Detection',
      time: Date.parse('2026-01-05T18:07:16Z'),
      actor: { name: 'anna.berg@example.com' },
      src: { ip: '203.0.113.66', geo: { country: 'DE' } },
      vendorRisk: { level: 'high', detections: ['anonymizedIPAddress'] },
      device: { browser: 'Firefox 91' },
    });
    expect(leaked).toMatchObject({ time: Date.parse('2026-01-05T18:10:00Z'), vendorRisk: { detections: ['leakedCredentials'] } });
    expect(risky).toMatchObject({ target: { name: 'anna.berg@example.com' }, vendorRisk: { level: 'medium', detections: ['atRisk'] } });
    expect(risky?.actor).toBeUndefined();
  });
  it('keep an account made in another system, and a role given on a subscription', () => {
    expect(provisioned).toMatchObject({
      class: 'account_change',
      activity: 'create',
      target: { name: 'bob@example.com' },
      resource: { name: 'File Store' },
    });
    expect(assigned).toMatchObject({
      actor: { name: 'ada.admin@example.com' },
      target: { id: 'aaaaaaaa-0000-4000-8000-00000000000b' },
      privilege: { change: 'granted', entitlementId: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635', scopeId: '/SUBSCRIPTIONS/SUB-1' },
    });
  });
  it('ignore the rest of the activity log', () => {
    const start = {
      category: 'Administrative',
      operationName: 'MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE',
      resultType: 'Start',
      time: '2026-01-05T13:40:00Z',
      properties: {},
    };
    expect(entra.parse(start)).toEqual({ kind: 'ignored', reason: 'operation_started' });
    expect(entra.parse({ ...start, operationName: 'MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE' })).toEqual({
      kind: 'ignored',
      reason: 'resource_activity',
    });
  });
});

describe('entra records that are none', () => {
  it.each([
    [null, 'not_an_object'],
    ['text', 'not_an_object'],
    [{}, 'unknown_shape'],
    [{ hello: 'world' }, 'unknown_shape'],
    [{ category: 'SignInLogs', time: 'soon', properties: {} }, 'bad_time'],
  ])('%j is rejected: %s', (record, code) => {
    expect(entra.parse(record)).toMatchObject({ kind: 'rejected', code });
  });
  it('never throws and always gives a valid answer, whatever the JSON', () => {
    const hostile = fc.constantFrom<unknown>('constructor', '__proto__', 'toString', ['constructor'], { constructor: 'constructor' });
    const samples = all.filter(isObject);
    const keys = [...new Set(samples.flatMap((one) => [...Object.keys(one), ...Object.keys(object(one['properties']))]))];
    const broken = fc
      .tuple(fc.constantFrom(...samples), fc.dictionary(fc.constantFrom(...keys), fc.oneof(fc.jsonValue(), hostile), { maxKeys: 4 }))
      .map(([record, more]) =>
        isObject(record['properties']) ? { ...record, properties: { ...record['properties'], ...more } } : { ...record, ...more },
      );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), broken), (value) => {
        for (const one of entra.unwrap(value)) {
          const result = entra.parse(one);
          if (result.kind === 'kept') expect(text(AccessEvent.parse(result.event).uid)).toBeDefined();
          expect(entra.parse(structuredClone(one))).toEqual(result);
        }
      }),
      { numRuns: 500, seed: 20_260_105 },
    );
  });
});
