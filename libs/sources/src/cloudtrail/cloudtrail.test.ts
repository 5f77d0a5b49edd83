import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AccessEvent, type ParseResult } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTIVITIES } from '../ocsf-export/activities.js';
import { parsePayload } from '../payload.js';
import { cloudtrail } from './cloudtrail.js';
import { OPERATIONS } from './operations.js';

const results = (name: string): readonly ParseResult[] =>
  parsePayload(cloudtrail, readFileSync(resolve(import.meta.dirname, 'samples', name)), { now: Date.UTC(2026, 0, 6) });
const eventsOf = (found: readonly ParseResult[]): AccessEvent[] =>
  found.map((result) => {
    if (result.kind !== 'kept') throw new Error(JSON.stringify(result));
    return AccessEvent.parse(result.event);
  });
const events = eventsOf(results('records.json'));
const event = (code: string, nth = 0): AccessEvent => {
  const found = events.filter((one) => one.code === code)[nth];
  if (!found) throw new Error(`no sample of ${code}`);
  return found;
};
const DORA = { system: 'cloudtrail', name: 'dora@example.com' };

describe('cloudtrail samples', () => {
  it('are each a valid event with a word of its class and an id of its own, the same each time', () => {
    for (const one of events) expect(Object.keys(ACTIVITIES[one.class]), one.code).toContain(one.activity);
    expect(new Set(events.map(({ uid }) => uid)).size).toBe(events.length);
    expect(eventsOf(results('records.json'))).toEqual(events);
  });
  it('say the same from S3, EventBridge, CloudWatch Logs, LookupEvents, a shipper, and tables of Sentinel, Athena and others', () => {
    for (const form of eventsOf(results('forms.ndjson'))) expect(form).toEqual(events[0]);
  });
  it('that say nothing about access are ignored, each for a reason', () => {
    expect(results('ignored.ndjson').map((result) => (result.kind === 'ignored' ? result.reason : JSON.stringify(result)))).toEqual([
      'read_only',
      'data_event',
      'service_call',
      'insight',
      'digest',
    ]);
  });
  it('that hand out a password are kept, though they only read', () => {
    const read = { eventTime: '2026-01-05T09:00:00Z', readOnly: true, requestParameters: { instanceId: 'i-1' } };
    expect(cloudtrail.parse({ ...read, eventSource: 'ec2.amazonaws.com', eventName: 'GetPasswordData' })).toMatchObject({
      kind: 'kept',
      event: { class: 'entity_management', activity: 'read', resource: { kind: 'secret', name: 'i-1' } },
    });
    expect(cloudtrail.parse({ ...read, eventSource: 'ec2.amazonaws.com', eventName: 'GetConsoleOutput' }).kind).toBe('ignored');
  });
  it('name the role of a session whose columns stand apart', () => {
    const row = {
      EventName: 'AssumeRole',
      EventSource: 'sts.amazonaws.com',
      TimeGenerated: '2026-01-05T09:00:00Z',
      UserIdentityType: 'AssumedRole',
      UserIdentityArn: 'arn:aws:sts::111122223333:assumed-role/Web/i-1',
      SessionIssuerUserName: 'Web',
      ErrorCode: 'AccessDenied',
    };
    expect(cloudtrail.parse(row)).toMatchObject({ kind: 'kept', event: { outcome: 'failure', actor: { name: 'web' } } });
  });
  it('is rejected without an operation or a time', () => {
    expect(cloudtrail.parse({ eventSource: 'iam.amazonaws.com' })).toMatchObject({ kind: 'rejected', code: 'unknown_shape' });
    expect(cloudtrail.parse({ eventSource: 'iam.amazonaws.com', eventName: 'CreateUser' })).toMatchObject({
      kind: 'rejected',
      code: 'bad_time',
    });
  });
});

describe('cloudtrail sign-ins', () => {
  it('say who, from where, with or without a second factor', () => {
    expect(event('ConsoleLogin')).toMatchObject({
      class: 'authentication',
      activity: 'logon',
      outcome: 'success',
      actor: { system: 'cloudtrail', name: 'anna', id: 'AIDAEXAMPLEANNA' },
      src: { ip: '192.0.2.10' },
      auth: { mfa: true, application: 'AWS console' },
      device: { browser: 'Chrome 131', os: 'Windows 10' },
    });
    expect(event('ConsoleLogin', 3)).toMatchObject({ actor: { name: 'root', kind: 'admin' }, auth: { mfa: false } });
    expect(event('UserAuthentication')).toMatchObject({
      actor: DORA,
      auth: { method: 'totp', mfa: true, step: 'second_factor' },
      session: { uid: 'w-2' },
    });
  });
  it('that failed are no success, and say why', () => {
    expect(event('ConsoleLogin', 1)).toMatchObject({ outcome: 'failure', auth: { failure: 'bad_password' }, src: { ip: '203.0.113.9' } });
    expect(event('ConsoleLogin', 2)).toMatchObject({ outcome: 'failure', auth: { failure: 'unknown_user' } });
    expect(event('ConsoleLogin', 2).actor).toBeUndefined();
    expect(event('ConsoleLogin', 4)).toMatchObject({ outcome: 'failure', auth: { failure: 'bad_factor' } });
    expect(event('CredentialVerification')).toMatchObject({ outcome: 'failure', actor: DORA });
    expect(event('AssumeRole', 1)).toMatchObject({ outcome: 'failure', auth: { failure: 'policy' } });
  });
  it('into a role name the role, and who took it', () => {
    expect(event('AssumeRole')).toMatchObject({
      activity: 'account_switch',
      actor: { name: 'anna' },
      resource: { kind: 'role', name: 'OrganizationAccountAccessRole', id: 'arn:aws:iam::444455556666:role/OrganizationAccountAccessRole' },
    });
    expect(event('SwitchRole')).toMatchObject({
      activity: 'account_switch',
      actor: { name: 'anna' },
      resource: { kind: 'role', name: 'Audit' },
    });
    expect(event('Federate')).toMatchObject({ actor: { name: '9067-dora' }, resource: { kind: 'role', name: 'Admin' } });
    expect(event('AssumeRole', 2)).toMatchObject({
      actor: { name: 'ec2.amazonaws.com', kind: 'service' },
      src: { hostname: 'ec2.amazonaws.com' },
    });
    expect(event('AssumeRoleWithSAML')).toMatchObject({
      activity: 'logon',
      actor: { name: 'carl@example.com' },
      auth: { method: 'federated' },
    });
  });
});

describe('cloudtrail actors', () => {
  it('are the person of Identity Center, and for other roles the role: its sessions are called anything', () => {
    expect(event('CreateUser').actor).toMatchObject({ ...DORA, kind: 'human' });
    expect(event('CreateUser').session).toEqual({
      uid: 'AROAEXAMPLESSO:dora@example.com/2026-01-05T08:55:00Z',
      tokenId: 'ASIAEXAMPLE1',
      kind: 'sign_in',
    });
    expect(event('DeleteBucket').actor).toMatchObject({
      name: 'deploy',
      id: 'AROAEXAMPLEDEPLOY',
      displayName: 'Deploy/i-0123456789abcdef0',
    });
  });
});

describe('cloudtrail changes', () => {
  it.each([
    ['CreateUser', 'create'],
    ['DeleteUser', 'delete'],
    ['CreateLoginProfile', 'password_reset'],
    ['DeactivateMFADevice', 'mfa_factor_disable'],
    ['EnableMFADevice', 'mfa_factor_enable'],
    ['CreateAccessKey', 'other'],
  ])('%s is a change of an account: %s', (code, activity) => {
    expect(event(code)).toMatchObject({ class: 'account_change', activity, outcome: 'success', actor: DORA, target: { name: 'boris' } });
  });
  it('say who gave whom what', () => {
    expect(event('AttachUserPolicy')).toMatchObject({
      activity: 'attach_policy',
      target: { name: 'boris' },
      privilege: {
        change: 'granted',
        entitlement: 'cloudtrail:policy:AdministratorAccess',
        entitlementId: 'arn:aws:iam::aws:policy/AdministratorAccess',
        jit: false,
      },
    });
    expect(event('DetachRolePolicy')).toMatchObject({ class: 'user_access', target: { name: 'deploy' }, privilege: { change: 'revoked' } });
    expect(event('AddUserToGroup')).toMatchObject({
      class: 'group_management',
      activity: 'add_user',
      privilege: { entitlement: 'cloudtrail:group:admins' },
      resource: { kind: 'group', name: 'admins' },
    });
    expect(event('CreateAccountAssignment')).toMatchObject({
      class: 'user_access',
      activity: 'assign_role',
      target: { name: '9067-boris' },
      privilege: { entitlement: 'cloudtrail:permission_set:ps-1' },
    });
    expect(event('CreateGroupMembership')).toMatchObject({ activity: 'add_user', target: { name: '9067-boris' } });
  });
  it('that failed gave nothing and changed nothing', () => {
    expect(event('UpdateLoginProfile')).toMatchObject({ outcome: 'failure', target: { name: 'boris' } });
    expect(event('UpdateLoginProfile').credential).toBeUndefined();
  });
  it('of other services are kept, and what was denied too', () => {
    expect(event('RunInstances')).toMatchObject({ class: 'api_activity', activity: 'create', resource: { kind: 'api', name: 'ec2' } });
    expect(event('DescribeInstances')).toMatchObject({ class: 'api_activity', activity: 'read', outcome: 'failure' });
  });
});

describe('cloudtrail secrets and sessions', () => {
  it('are read by name', () => {
    expect(event('GetSecretValue')).toMatchObject({
      class: 'entity_management',
      activity: 'read',
      resource: { kind: 'secret', name: 'prod/db1-AbCdEf' },
      credential: { act: 'checked_out', account: 'prod/db1-abcdef' },
    });
    expect(event('GetSecretValue', 1)).toMatchObject({ outcome: 'failure', actor: { name: 'deploy' } });
    expect(event('GetSecretValue', 1).credential).toBeUndefined();
  });
  it('on a machine are privileged, with their commands', () => {
    expect(event('StartSession')).toMatchObject({
      activity: 'logon',
      session: { uid: 'dora-0123', kind: 'privileged' },
      resource: { kind: 'host', name: 'i-0123456789abcdef0' },
    });
    expect(event('TerminateSession')).toMatchObject({ activity: 'logoff', session: { uid: 'dora-0123' } });
    expect(event('SendCommand')).toMatchObject({
      class: 'process_activity',
      command: 'id\nuname -a',
      resource: { host: 'i-0123456789abcdef0' },
    });
  });
});

describe('the cloudtrail parser', () => {
  it('never throws, and never makes a success of an error', () => {
    const services = Object.entries(OPERATIONS).flatMap(([service, operations]) =>
      Object.keys(operations).map((name) => [service, name] as const),
    );
    fc.assert(
      fc.property(
        fc.object(),
        fc.constantFrom(...services),
        fc.object(),
        fc.object(),
        (value, [service, eventName], requestParameters, userIdentity) => {
          expect(['ignored', 'rejected', 'kept']).toContain(cloudtrail.parse(value).kind);
          const result = cloudtrail.parse({
            eventSource: `${service}.amazonaws.com`,
            eventName,
            eventTime: '2026-01-05T09:00:00Z',
            errorCode: 'AccessDenied',
            requestParameters,
            userIdentity,
          });
          if (result.kind !== 'kept') throw new Error(JSON.stringify(result));
          expect(AccessEvent.parse(result.event).outcome).toBe('failure');
        },
      ),
    );
  });
});
