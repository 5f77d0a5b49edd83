import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AccessEvent, type ParseResult } from '@keyward/events';
import { entra } from './entra.js';

function eventOf(result: ParseResult): AccessEvent {
  if (result.kind !== 'kept') throw new Error(JSON.stringify(result));
  return AccessEvent.parse(result.event);
}
const eventsOf = (name: string): AccessEvent[] =>
  readFileSync(resolve(import.meta.dirname, 'samples', name), 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => entra.unwrap(JSON.parse(line)))
    .map((record) => eventOf(entra.parse(record)));

describe('records that others wrote down', () => {
  it('in small letters, in snake case or flattened say the same', () => {
    expect(eventsOf('other-spellings.ndjson')).toMatchObject([
      { nativeId: 'es-1', outcome: 'failure', actor: { name: 'backup', kind: 'service' }, time: Date.UTC(2026, 0, 5, 9, 0, 0, 983) },
      { nativeId: 'es-2', outcome: 'failure', actor: { name: 'anna@example.com', id: 'u-1' }, auth: { failure: 'bad_password' } },
      { nativeId: 'es-3', activity: 'create', outcome: 'failure', target: { name: 'bob@example.com' } },
      { nativeId: 'es-4', outcome: 'failure', auth: { failure: 'locked' }, src: { ip: '192.0.2.10' } },
      { nativeId: 'es-5', outcome: 'success' },
      { nativeId: 'es-6', activity: 'assign_role', privilege: { change: 'granted', entitlement: 'entra:role:User Access Administrator' } },
      { nativeId: 'es-7', activity: 'remove_role', outcome: 'failure', target: { name: 'bob' } },
    ]);
  });
});

describe('an audit record', () => {
  const record = (properties: object): AccessEvent =>
    eventOf(
      entra.parse({
        time: '2026-01-05T09:00:00Z',
        category: 'AuditLogs',
        operationName: 'x',
        callerIpAddress: '<null>',
        identity: 'Jit Provisioning',
        properties: { id: 'a-1', activityDateTime: '2026-01-05T09:00:00Z', result: 'success', ...properties },
      }),
    );
  it('that names nobody who began it has the envelope’s word for him', () => {
    const added = record({ activityDisplayName: 'Add service principal', initiatedBy: {}, targetResources: [] });
    expect(added).toMatchObject({ actor: { name: 'jit provisioning', kind: 'service' } });
    expect(added.src).toBeUndefined();
  });
  it('names the application that got a role, whose own entry repeats its id', () => {
    const id = '66666666-6666-4666-8666-666666666666';
    const named = { displayName: 'ServicePrincipal.DisplayName', oldValue: null, newValue: '"Export"' };
    const given = record({
      activityDisplayName: 'Add app role assignment to service principal',
      initiatedBy: { user: { id: 'u-1', userPrincipalName: 'anna@example.com' } },
      targetResources: [
        { id: 'g-1', displayName: 'Microsoft Graph', type: 'ServicePrincipal', modifiedProperties: [named] },
        { id: 's-1', displayName: id, type: 'ServicePrincipal', modifiedProperties: [] },
      ],
    });
    expect(given).toMatchObject({ target: { name: 'export', id: 's-1' }, privilege: { entitlement: 'entra:app:Microsoft Graph' } });
  });
});

describe('the unified audit log', () => {
  const unified = eventsOf('unified.ndjson');
  const nth = (index: number): AccessEvent => unified[index]!;
  it('says who signed in, from where, with which device and session', () => {
    expect(nth(0)).toMatchObject({
      class: 'authentication',
      activity: 'logon',
      code: 'UserLoggedIn',
      nativeId: '00000000-0000-4000-8000-000000000700',
      time: Date.UTC(2026, 0, 5, 9),
      outcome: 'success',
      actor: { system: 'entra', name: 'anna@example.com', id: '11111111-1111-4111-8111-111111111111', kind: 'human' },
      src: { ip: '192.0.2.10' },
      session: { uid: 's-1', tokenId: 'tok-1' },
      device: { id: 'd-1', name: 'WS7', os: 'Windows 10' },
      auth: { interactive: true },
    });
  });
  it('never takes a failed sign-in for a success, nor a page on the way for a failure', () => {
    expect(nth(1)).toMatchObject({
      outcome: 'failure',
      auth: { failure: 'bad_password', step: 'primary' },
      detail: 'InvalidUserNameOrPassword',
    });
    expect(nth(2)).toMatchObject({ outcome: 'failure', auth: { failure: 'unknown_user' }, src: { ip: '203.0.113.9' } });
    expect(nth(2).actor).toBeUndefined();
    expect(nth(3)).toMatchObject({ outcome: 'success', auth: { interactive: false } });
    expect(nth(4)).toMatchObject({ outcome: 'success', actor: { name: 'boris@example.com' }, src: { ip: '2001:db8::9' } });
  });
  it('says who gave whom which role and group', () => {
    expect(nth(5)).toMatchObject({
      class: 'user_access',
      activity: 'assign_role',
      code: 'Add member to role.',
      actor: { name: 'ada.admin@example.com', id: '22222222-2222-4222-8222-222222222222' },
      target: { name: 'boris@example.com' },
      src: { ip: '198.51.100.7' },
      privilege: {
        change: 'granted',
        entitlement: 'entra:role:Global Administrator',
        entitlementId: '62e90394-69f5-4237-9190-012177145e10',
      },
    });
    expect(nth(6)).toMatchObject({
      activity: 'remove_role',
      privilege: { change: 'revoked', entitlement: 'entra:role:Global Administrator' },
    });
    expect(nth(7)).toMatchObject({
      class: 'group_management',
      privilege: { entitlement: 'entra:group:Payroll' },
      target: { name: 'boris@example.com' },
    });
    expect(nth(13)).toMatchObject({
      actor: { name: 'ada.admin@example.com' },
      privilege: { change: 'activated', jit: true, entitlement: 'entra:role:Exchange Administrator' },
    });
    expect(nth(15)).toMatchObject({
      target: { name: 'eve@example.com' },
      privilege: { entitlement: 'entra:role:Privileged Role Administrator' },
    });
  });
  it('says what became of accounts and applications', () => {
    expect(nth(8)).toMatchObject({ class: 'account_change', activity: 'create', target: { name: 'dora@example.com' } });
    expect(nth(9)).toMatchObject({ activity: 'password_reset', outcome: 'failure' });
    expect(nth(10)).toMatchObject({ activity: 'disable' });
    expect(nth(11)).toMatchObject({ class: 'entity_management', resource: { kind: 'application', name: 'payroll-app' } });
    expect(nth(14)).toMatchObject({ actor: { name: 'hr-sync', kind: 'service' }, target: { name: 'dora@example.com' } });
  });
  it('is read out of exports, collectors and Graph', () => {
    for (const event of eventsOf('unified.wrapped.ndjson')) expect(event).toEqual(nth(0));
  });
  it('is ignored where it tells of another workload', () => {
    const record = {
      CreationTime: '2026-01-05T09:00:00',
      Id: 'x',
      Operation: 'FileAccessed',
      RecordType: 6,
      Workload: 'SharePoint',
      UserId: 'anna@example.com',
    };
    expect(entra.parse(record)).toEqual({ kind: 'ignored', reason: 'other_workload' });
  });
});

describe('Azure role assignments', () => {
  const [columns, elevated] = eventsOf('azure-activity.ndjson');
  it('say the same in columns: who gave whom which role, by its name', () => {
    expect(columns).toMatchObject({
      class: 'user_access',
      activity: 'assign_role',
      actor: { name: 'ada.admin@example.com', id: 'aaaaaaaa-0000-4000-8000-0000000000ad' },
      target: { id: 'aaaaaaaa-0000-4000-8000-00000000000b' },
      src: { ip: '198.51.100.30' },
      privilege: { change: 'granted', entitlement: 'entra:role:Owner', scopeId: '/subscriptions/sub-1' },
    });
  });
  it('from the REST API are read also without properties', () => {
    const record = {
      operationName: { value: 'Microsoft.Authorization/roleAssignments/write', localizedValue: 'Create role assignment' },
      category: { value: 'Administrative' },
      eventTimestamp: '2026-01-05T09:00:00Z',
      eventDataId: 'a1',
      caller: 'anna@example.com',
      status: { value: 'Failed' },
      httpRequest: { clientIpAddress: '192.0.2.4' },
      resourceId: '/subscriptions/s',
    };
    expect(entra.parse(record)).toMatchObject({
      event: {
        class: 'user_access',
        outcome: 'failure',
        actor: { name: 'anna@example.com' },
        src: { ip: '192.0.2.4' },
        time: Date.UTC(2026, 0, 5, 9),
      },
    });
  });
  it('from the REST API name the one who raised himself over everything', () => {
    expect(elevated).toMatchObject({
      outcome: 'success',
      actor: { name: 'ada.admin@example.com' },
      src: { ip: '198.51.100.30' },
      privilege: { change: 'granted', entitlement: 'entra:role:User Access Administrator' },
    });
  });
});

describe('risky service principals', () => {
  it('of Graph are services, not people', () => {
    const record = {
      id: 'sp-9',
      appId: 'app-9',
      displayName: 'deploy-bot',
      servicePrincipalType: 'Application',
      riskLevel: 'high',
      riskState: 'atRisk',
      riskLastUpdatedDateTime: '2026-01-05T09:00:00Z',
    };
    expect(eventOf(entra.parse(record)).target).toMatchObject({ name: 'deploy-bot', id: 'sp-9', kind: 'service' });
  });
});

describe('requests to PIM', () => {
  const [activated, eligible, pending, denied, failed, azure] = eventsOf('pim.requests.ndjson');
  it('that came through say who activated what, until when, why', () => {
    expect(activated).toMatchObject({
      class: 'user_access',
      activity: 'assign_role',
      code: 'selfActivate',
      outcome: 'success',
      actor: { name: 'anna@example.com', id: 'p-1' },
      ticket: 'CHG0040001',
      privilege: {
        change: 'activated',
        entitlement: 'entra:role:Global Administrator',
        jit: true,
        requestId: 'pr-1',
        scopeId: '/',
        endsAt: Date.UTC(2026, 0, 5, 13),
        justification: 'change window',
      },
    });
    expect(activated?.target).toBeUndefined();
    expect(eligible).toMatchObject({
      actor: { name: 'ada.admin@example.com' },
      target: { id: 'p-2' },
      privilege: { change: 'granted', eligible: true },
    });
    expect(azure).toMatchObject({
      actor: { name: 'anna@example.com' },
      privilege: {
        change: 'activated',
        entitlement: 'entra:role:Owner',
        scopeId: '/subscriptions/sub-1',
        endsAt: Date.UTC(2026, 0, 5, 10, 35),
      },
    });
  });
  it('that did not are no grant', () => {
    expect(pending).toMatchObject({ activity: 'other', privilege: { change: 'requested', entitlement: 'entra:group:g-1' } });
    expect(denied).toMatchObject({
      outcome: 'failure',
      activity: 'other',
      privilege: { change: 'denied', entitlement: 'entra:group_owner:g-1' },
    });
    expect(failed).toMatchObject({ outcome: 'failure' });
    expect(failed?.privilege).toBeUndefined();
  });
});

describe("a table's export", () => {
  it('has American times, and says in the name of a column that they are UTC', () => {
    const row = {
      'TimeGenerated [UTC]': '1/5/2026, 1:00:00.250 PM',
      'CreatedDateTime [UTC]': '1/5/2026, 1:00:00.250 PM',
      Type: 'SigninLogs',
      Id: 'x1',
      UserPrincipalName: 'anna@example.com',
      ResultType: '50126',
      IPAddress: '192.0.2.4',
    };
    expect(entra.parse(row)).toMatchObject({
      event: { nativeId: 'x1', outcome: 'failure', time: Date.UTC(2026, 0, 5, 13, 0, 0, 250), src: { ip: '192.0.2.4' } },
    });
  });
  it('may name an offset', () => {
    const record = {
      category: 'UserRiskEvents',
      properties: { id: 'r1', riskEventType: 'x', userPrincipalName: 'anna@example.com', detectedDateTime: '1/5/2026 10:00:00 AM +01:00' },
    };
    expect(entra.parse(record)).toMatchObject({ event: { time: Date.UTC(2026, 0, 5, 9) } });
  });
});

describe("a resource's metrics", () => {
  it('that come by the same hub say nothing about access', () => {
    const metric = {
      count: 2,
      total: 4,
      average: 2,
      resourceId: '/SUBSCRIPTIONS/S/RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/V',
      time: '2026-01-05T09:00:00Z',
      metricName: 'ServiceApiHit',
      timeGrain: 'PT1M',
    };
    expect(entra.parse(metric)).toEqual({ kind: 'ignored', reason: 'other_workload' });
  });
});
