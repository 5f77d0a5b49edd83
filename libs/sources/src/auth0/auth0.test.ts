import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccessEvent, type ParseResult } from '@keyward/events';
import { object } from '../json.js';
import { ACTIVITIES } from '../ocsf-export/activities.js';
import { parsePayload } from '../payload.js';
import { auth0 } from './auth0.js';
import { IGNORED_TYPES, LOG_TYPES } from './log-types.js';
import { AUTH0_IGNORED } from './mapping.js';

const sample = (name: string): string => readFileSync(resolve(import.meta.dirname, 'samples', name), 'utf8');
const results = (name: string): readonly ParseResult[] => parsePayload(auth0, Buffer.from(sample(name)));
function eventOf(result: ParseResult | undefined): AccessEvent {
  if (result?.kind !== 'kept') throw new Error(JSON.stringify(result));
  return AccessEvent.parse(result.event);
}
const events = results('tenant-logs.ndjson').map(eventOf);
const of = (code: string, more: Partial<AccessEvent> = {}): AccessEvent => {
  const found = events.find((event) => event.code === code && Object.entries(more).every(([key, value]) => object(event)[key] === value));
  if (!found) throw new Error(`no sample of ${code}`);
  return found;
};
const api = (detail: string): AccessEvent => of('sapi', { detail });
const log = (more: object): unknown => ({
  log_id: 'l-1',
  date: '2026-01-05T09:00:00.000Z',
  type: 's',
  user_name: 'anna@example.com',
  ...more,
});
const parse = (more: object): AccessEvent => eventOf(auth0.parse(log(more)));

describe('auth0 samples', () => {
  it('are valid events whose activity is a word of their class, each with an id of its own', () => {
    for (const event of events) expect(Object.keys(ACTIVITIES[event.class]), event.code).toContain(event.activity);
    expect(new Set(events.map(({ uid }) => uid)).size).toBe(events.length);
    expect(results('tenant-logs.ndjson').map(eventOf)).toEqual(events);
  });
  it('come out of a log stream, EventBridge, Event Grid and plain logs', () => {
    expect(eventOf(results('eventbridge.json')[0])).toMatchObject({ code: 's', actor: { name: 'anna.berg@example.com' } });
    expect(eventOf(results('event-grid.json')[0])).toMatchObject({ code: 'fp', outcome: 'failure' });
    const record = { log_id: 'l-2', data: { type: 's', date: '2026-01-05T09:00:00Z' } };
    expect(eventOf(parsePayload(auth0, Buffer.from(JSON.stringify({ event: record })))[0]).nativeId).toBe('l-2');
    expect(eventOf(parsePayload(auth0, Buffer.from(JSON.stringify({ json: record })))[0]).nativeId).toBe('l-2');
  });
  it('are read behind a syslog header', () => {
    const line = `<14>1 2026-01-05T09:00:01Z collector auth0 - - - ${JSON.stringify({ log_id: 'l-3', data: log({}) })}`;
    expect(eventOf(parsePayload(auth0, Buffer.from(line))[0])).toMatchObject({ code: 's', nativeId: 'l-1' });
  });
  it('that say nothing about access are ignored, each for a reason of the closed set', () => {
    const reasons = results('ignored.ndjson').map((result) => (result.kind === 'ignored' ? result.reason : result.kind));
    expect(new Set(reasons).size).toBe(AUTH0_IGNORED.length);
    for (const reason of reasons) expect(AUTH0_IGNORED).toContain(reason);
  });
});

describe('auth0 rows', () => {
  it('whose columns are paths into the log say who did what to whom, and with what answer', () => {
    expect(results('rows.ndjson').map(eventOf)).toMatchObject([
      {
        activity: 'assign_role',
        outcome: 'success',
        actor: { name: 'anna@example.com' },
        target: { id: 'auth0|2' },
        src: { ip: '192.0.2.10' },
      },
      { activity: 'delete', outcome: 'failure', actor: { name: 'anna@example.com' }, target: { id: 'auth0|2' } },
    ]);
  });
});

describe('auth0 sign-in', () => {
  it('has actor, address, device, session, application, and what Auth0 thought of it', () => {
    expect(of('s')).toMatchObject({
      class: 'authentication',
      activity: 'logon',
      outcome: 'success',
      actor: { system: 'auth0', name: 'anna.berg@example.com', id: 'auth0|65a1f0c2anna', kind: 'human' },
      src: { ip: '198.51.100.24' },
      device: { browser: 'Chrome 131', os: 'Windows 10', type: 'desktop' },
      session: { uid: 'sess-anna-1' },
      auth: { step: 'session', mfa: true, application: 'Payroll Portal' },
      vendorRisk: { level: 'high', detections: ['NewDevice'] },
    });
    expect(of('s').target).toBeUndefined();
  });
  it('that fails is never a success, and says which kind of failure', () => {
    expect(of('fp')).toMatchObject({ outcome: 'failure', auth: { method: 'password', failure: 'bad_password' } });
    expect(of('fp').device).toMatchObject({ browser: 'Chrome Mobile 120', os: 'Android 14', type: 'mobile' });
    expect(of('fu')).toMatchObject({ outcome: 'failure', actor: { name: 'nobody@example.com' }, auth: { failure: 'unknown_user' } });
    expect(of('f').auth?.failure).toBe('disabled');
    expect(of('f').src).toMatchObject({ ip: '2001:db8::17', geo: { city: 'Vienna', country: 'AT' } });
    for (const [type, mapping] of Object.entries(LOG_TYPES)) {
      if (/^f(?!ederated|orm|low)|_fail|reject|leak|^limit/.test(type)) expect(mapping.outcome, type).toBe('failure');
      else expect(mapping.outcome === 'failure', type).toBe(/exceed|error/.test(type));
    }
  });
  it('of an application is its own, not a person', () => {
    expect(of('seccft')).toMatchObject({
      activity: 'logon',
      actor: { name: 'backup robot', id: 'm2mBackup01', kind: 'service' },
      auth: { interactive: false },
    });
    expect(of('feccft').outcome).toBe('failure');
    const call = {
      type: 'sapi',
      user_name: undefined,
      user_id: 'm2mBackup01@clients',
      client_id: 'm2mBackup01',
      client_name: 'Backup Robot',
    };
    expect(parse(call).actor).toEqual(of('seccft').actor);
  });
  it('with a reused refresh token is a failure with a detection of its own', () => {
    expect(of('ferrt')).toMatchObject({ outcome: 'failure', vendorRisk: { detections: ['refresh_token_reuse'] } });
  });
});

describe('auth0 second factor', () => {
  it('that was started is a challenge, approved a sign-in, rejected a denial', () => {
    expect(of('gd_start_auth')).toMatchObject({ activity: 'preauth', auth: { method: 'push', factorResult: 'challenged' } });
    expect(of('gd_auth_succeed')).toMatchObject({ activity: 'logon', auth: { method: 'push', mfa: true, factorResult: 'approved' } });
    expect(of('gd_auth_rejected')).toMatchObject({ outcome: 'failure', auth: { factorResult: 'denied' } });
    expect(of('gd_auth_failed')).toMatchObject({ outcome: 'failure', auth: { method: 'totp', failure: 'bad_factor' } });
  });
  it('that is enrolled or removed is a change of the account', () => {
    expect(of('gd_enrollment_complete').activity).toBe('mfa_factor_enable');
    expect(of('gd_unenroll').activity).toBe('mfa_factor_disable');
    expect(of('my_account_authentication_method_succeeded').activity).toBe('mfa_factor_disable');
  });
});

describe('auth0 Management API', () => {
  it('names the administrator as actor and the account in the path as target', () => {
    expect(api('Assign roles to a user')).toMatchObject({
      class: 'user_access',
      activity: 'assign_role',
      actor: { name: 'ada.admin@example.com', id: 'google-oauth2|100ada' },
      target: { id: 'auth0|65a1f0c2anna' },
      privilege: { change: 'granted', entitlement: 'auth0:role:rol_TenantAdmin', jit: false },
    });
    expect(api('Remove roles from a user').privilege?.change).toBe('revoked');
    expect(api('Assign users to a role')).toMatchObject({
      target: { id: 'auth0|65a1f0c2dora' },
      privilege: { entitlement: 'auth0:role:rol_Buyer' },
    });
    expect(api('Assign permissions to a user').privilege?.entitlement).toBe('auth0:permission:approve:payments');
  });
  it('is a change of the account when the path is an account', () => {
    expect(api('Create a User')).toMatchObject({ class: 'account_change', activity: 'create', target: { name: 'eva@example.com' } });
    expect(api('Update a User').activity).toBe('disable');
    expect(api('Delete a User').activity).toBe('delete');
    expect(api('Delete a user multifactor provider').activity).toBe('mfa_factor_disable');
    expect(api('Unblock a user').activity).toBe('unlock');
  });
  it('gives an application its grant, a member its organization, and ends sessions', () => {
    expect(api('Create client grant')).toMatchObject({ target: { id: 'm2mBackup01', kind: 'service' }, privilege: { change: 'granted' } });
    expect(api('Add members to an organization')).toMatchObject({ class: 'group_management', activity: 'add_user' });
    expect(api('Revoke all sessions')).toMatchObject({ class: 'authentication', activity: 'logoff' });
    expect(api('Create a client')).toMatchObject({
      class: 'entity_management',
      activity: 'create',
      resource: { kind: 'application', name: 'Night Robot' },
    });
  });
  it('that failed is a failure, whatever it was about', () => {
    expect(of('fapi')).toMatchObject({ activity: 'delete', outcome: 'failure' });
    expect(parse({ type: 'sapi', details: { request: {}, response: { statusCode: 409 } } }).outcome).toBe('failure');
  });
  it('that read a secret says so', () => {
    expect(of('mgmt_api_read')).toMatchObject({
      class: 'api_activity',
      activity: 'read',
      resource: { kind: 'secret', name: 'm2mBackup01' },
    });
  });
});

describe('auth0 tenant administrators', () => {
  const call = (method: string, path: string, body: object, response: unknown = {}): AccessEvent =>
    parse({
      type: 'sapi',
      user_name: undefined,
      user_id: 'auth0|ada',
      details: { request: { method, path, body }, response: { statusCode: 200, body: response } },
    });
  it('are asked by an invitation, and have their role when they accept it', () => {
    const body = { owners: ['marge@example.com'], roles: ['owner'] };
    expect(call('post', '/api/v2/tenants/invitations', body)).toMatchObject({
      class: 'user_access',
      activity: 'other',
      target: { name: 'marge@example.com' },
      privilege: { change: 'requested', entitlement: 'auth0:tenant_role:owner' },
    });
    const user = { id: 'google-oauth2|1', email: 'marge@example.com' };
    expect(call('patch', '/api/v2/tenants/invitations/inv_1', { state: 'accepted', user })).toMatchObject({
      activity: 'assign_role',
      target: { id: 'google-oauth2|1' },
      privilege: { change: 'granted' },
    });
    expect(call('patch', '/api/v2/tenants/invitations/inv_1', { state: 'declined', user })).toMatchObject({
      activity: 'other',
      privilege: { change: 'denied' },
    });
  });
  it('lose it when they are removed', () => {
    expect(call('delete', '/api/v2/tenants/members/auth0%7Cx', {})).toMatchObject({
      activity: 'remove_role',
      target: { id: 'auth0|x' },
      privilege: { change: 'revoked' },
    });
  });
  it('change what protects a sign-in', () => {
    expect(call('put', '/v2/attack-protection/bot-detection', { enabled: false })).toMatchObject({
      activity: 'update',
      resource: { kind: 'policy' },
    });
    expect(call('PATCH', '/api/v2/guardian/policies', {})).toMatchObject({ class: 'entity_management', resource: { kind: 'policy' } });
  });
});

describe('auth0 SCIM and invitations', () => {
  it('is an account disabled when the directory says inactive', () => {
    expect(of('sscim')).toMatchObject({ class: 'account_change', activity: 'disable', target: { id: 'samlp|corp|carl' } });
  });
  it('gives roles of the organization', () => {
    expect(of('si').privilege).toMatchObject({ change: 'granted', entitlement: 'auth0:role:rol_Buyer' });
    expect(of('organization_member_added').privilege?.entitlement).toBe('auth0:organization:example-partners');
  });
});

describe('auth0 types that are in no table', () => {
  it.each([
    ['gd_send_carrier_pigeon_failure', 'authentication', 'failure'],
    ['new_exchange_succeeded', 'authentication', 'success'],
    ['fxyzft', 'api_activity', 'failure'],
    ['user_frozen_failed', 'account_change', 'failure'],
    ['something_else', 'api_activity', 'success'],
  ])('%s is kept as %s and %s', (type, eventClass, outcome) => {
    expect(parse({ type })).toMatchObject({ class: eventClass, outcome, code: type });
  });
  it('fail when the description says so', () => {
    expect(parse({ type: 'brand_new', description: 'Failed to do it' }).outcome).toBe('failure');
  });
});

describe('auth0 times', () => {
  it('are read from the id when the record has no date, and are never guessed', () => {
    expect(parse({ date: undefined, log_id: '90020260105091503250000000000000001' }).time).toBe(Date.parse('2026-01-05T09:15:03.250Z'));
    expect(auth0.parse(log({ date: undefined }))).toMatchObject({ kind: 'rejected', code: 'bad_time' });
    expect(auth0.parse(log({ date: 'yesterday' }))).toMatchObject({ kind: 'rejected', code: 'bad_time' });
  });
});

describe('auth0 parser', () => {
  it('rejects what is no tenant log', () => {
    expect(auth0.parse({ hello: 'world' })).toMatchObject({ kind: 'rejected', code: 'unknown_shape' });
    expect(auth0.parse([])).toMatchObject({ kind: 'rejected', code: 'not_an_object' });
  });
  it('never throws, whatever the record', () => {
    const types = fc.constantFrom(...Object.keys(LOG_TYPES), ...Object.keys(IGNORED_TYPES), 'novel');
    const record = fc.record(
      {
        type: fc.oneof(types, fc.jsonValue()),
        date: fc.oneof(fc.constant('2026-01-05T09:00:00Z'), fc.jsonValue()),
        log_id: fc.jsonValue(),
        details: fc.oneof(
          fc.jsonValue(),
          fc.record({ request: fc.record({ path: fc.string(), method: fc.string(), body: fc.jsonValue() }), prompts: fc.jsonValue() }),
        ),
        user_id: fc.jsonValue(),
        user_name: fc.jsonValue(),
        user_agent: fc.jsonValue(),
        ip: fc.jsonValue(),
      },
      { requiredKeys: ['type', 'date'] },
    );
    fc.assert(
      fc.property(fc.oneof(record, fc.jsonValue()), (value) => {
        for (const one of auth0.unwrap(value)) {
          const result = auth0.parse(one);
          if (result.kind === 'kept') AccessEvent.parse(result.event);
        }
      }),
      { numRuns: 300 },
    );
  });
  it('never needs more than linear time', () => {
    const long = 'a/'.repeat(200_000);
    const start = performance.now();
    parse({ type: 'sapi', user_agent: long, description: long, details: { request: { path: long, method: long } } });
    expect(performance.now() - start).toBeLessThan(200);
  });
});

describe('an agent that has an event of its own', () => {
  it('carries the log in another member', () => {
    const log = { log_id: '9003', data: { date: '2026-01-05T09:00:00.000Z', type: 's', user_name: 'anna@example.com', log_id: '9003' } };
    const [record] = auth0.unwrap({ agent: { name: 'a' }, event: { dataset: 'auth0.logs' }, json: log });
    expect(auth0.parse(record)).toMatchObject({ event: { code: 's', nativeId: '9003', actor: { name: 'anna@example.com' } } });
  });
});
