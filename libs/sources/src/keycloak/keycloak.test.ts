import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccessEvent, type ParseResult } from '@keyward/events';
import { object } from '../json.js';
import { ACTIVITIES } from '../ocsf-export/activities.js';
import { parsePayload } from '../payload.js';
import { keycloak } from './keycloak.js';
import { eventPairs } from './log-line.js';
import { KEYCLOAK_IGNORED } from './mapping.js';
import { USER_TYPES } from './user-types.js';

const RECEIVED = Date.UTC(2026, 0, 5, 12);
const results = (name: string): readonly ParseResult[] =>
  parsePayload(keycloak, readFileSync(resolve(import.meta.dirname, 'samples', name)), { now: RECEIVED });
function eventOf(result: ParseResult | undefined): AccessEvent {
  if (result?.kind !== 'kept') throw new Error(JSON.stringify(result));
  return AccessEvent.parse(result.event);
}
const users = results('user-events.ndjson').map(eventOf);
const admins = results('admin-events.ndjson').map(eventOf);
const lines = results('server.log');
const of = (code: string, more: Partial<AccessEvent> = {}): AccessEvent => {
  const found = [...users, ...admins].find(
    (event) => event.code === code && Object.entries(more).every(([key, value]) => object(event)[key] === value),
  );
  if (!found) throw new Error(`no sample of ${code}`);
  return found;
};
const ANNA = '0a1b2c3d-1111-4222-8333-00000000a001';

describe('keycloak samples', () => {
  it('are valid events whose activity is a word of their class, each with an id of its own', () => {
    for (const event of [...users, ...admins]) expect(Object.keys(ACTIVITIES[event.class]), event.code).toContain(event.activity);
    expect(new Set([...users, ...admins].map(({ uid }) => uid)).size).toBe(users.length + admins.length);
    expect(results('admin-events.ndjson').map(eventOf)).toEqual(admins);
  });
});

describe('keycloak user events', () => {
  it('of a login have user, client, address, session', () => {
    expect(of('LOGIN')).toMatchObject({
      nativeId: '5e1f0000-0000-4000-9000-000000000001',
      class: 'authentication',
      activity: 'logon',
      outcome: 'success',
      actor: { system: 'keycloak', name: 'anna.berg', id: ANNA, kind: 'human' },
      src: { ip: '198.51.100.24' },
      session: { uid: '5e55-anna-1' },
      auth: { step: 'session', protocol: 'openid-connect', application: 'payroll' },
    });
    expect(users.find(({ auth }) => auth?.method === 'federated')?.device?.browser).toBe('Chrome 131');
  });
  it('that end in _ERROR are never successes, and say which kind of failure', () => {
    const errors = users.filter(({ code }) => code.endsWith('_ERROR'));
    expect(errors.every(({ outcome }) => outcome === 'failure')).toBe(true);
    expect(errors.slice(0, 4).map(({ auth }) => [auth?.failure, auth?.step])).toEqual([
      ['bad_password', 'primary'],
      ['unknown_user', 'primary'],
      ['bad_factor', 'second_factor'],
      ['locked', 'primary'],
    ]);
    expect(errors[1]?.actor).toMatchObject({ name: 'nobody' });
    expect(errors.slice(0, 2).map(({ session }) => session)).toEqual([undefined, undefined]);
    expect(errors[1]?.actor?.id).toBeUndefined();
  });
  it('of a client are a service account', () => {
    expect(of('CLIENT_LOGIN')).toMatchObject({
      actor: { name: 'service-account-backup-robot', kind: 'service' },
      auth: { method: 'key', interactive: false },
    });
    expect(of('CLIENT_LOGIN_ERROR')).toMatchObject({ actor: { name: 'backup-robot', kind: 'service' }, outcome: 'failure' });
  });
  it('of an impersonation are by the impersonator, on the user', () => {
    expect(of('IMPERSONATE')).toMatchObject({ activity: 'account_switch', actor: { name: 'ada.admin' }, target: { name: 'bert' } });
  });
  it('of passwords and factors are changes of the account', () => {
    expect(of('UPDATE_TOTP').activity).toBe('mfa_factor_enable');
    expect(of('REMOVE_TOTP').activity).toBe('mfa_factor_disable');
    expect(of('UPDATE_CREDENTIAL').activity).toBe('mfa_factor_enable');
    expect(of('REMOVE_CREDENTIAL').activity).toBe('password_change');
    expect(of('USER_DISABLED_BY_TEMPORARY_LOCKOUT')).toMatchObject({ activity: 'lock', outcome: 'success' });
  });
  it('of consent say what was given and taken', () => {
    expect(of('GRANT_CONSENT').privilege).toMatchObject({ change: 'granted', entitlement: 'keycloak:consent:payroll' });
    expect(of('REVOKE_GRANT').privilege?.change).toBe('revoked');
    expect(of('INVITE_ORG').privilege?.change).toBe('requested');
  });
  it('of a type that no version has had are kept by the words of its name', () => {
    expect(of('QUANTUM_LOGIN_ERROR')).toMatchObject({ class: 'authentication', activity: 'preauth', outcome: 'failure' });
  });
});

describe('keycloak admin events', () => {
  it('are named object and verb, with the administrator as actor and the account in the path as target', () => {
    expect(of('USER:CREATE')).toMatchObject({
      class: 'account_change',
      activity: 'create',
      actor: { id: '0a1b2c3d-1111-4222-8333-00000000ad01' },
      target: { name: 'bert' },
      src: { ip: '192.0.2.10' },
    });
    expect(admins.filter(({ code }) => code === 'USER:UPDATE').map(({ activity }) => activity)).toEqual(['disable', 'other']);
    expect(admins.filter(({ code }) => code === 'USER:ACTION').map(({ activity }) => activity)).toEqual([
      'password_reset',
      'password_reset',
      'logoff',
      'account_switch',
      'mfa_factor_disable',
    ]);
  });
  it('of role mappings name the strongest role', () => {
    expect(of('REALM_ROLE_MAPPING:CREATE')).toMatchObject({
      class: 'user_access',
      activity: 'assign_role',
      target: { id: ANNA },
      privilege: { change: 'granted', entitlement: 'keycloak:role:admin', entitlementId: 'r-2', jit: false },
    });
    expect(of('REALM_ROLE_MAPPING:DELETE').privilege?.change).toBe('revoked');
    expect(of('CLIENT_ROLE_MAPPING:CREATE').privilege?.entitlement).toBe('keycloak:role:manage-users');
    expect(of('REALM_ROLE_MAPPING:CREATE', { class: 'group_management' })).toMatchObject({
      activity: 'assign_roles',
      resource: { name: 'approver' },
    });
    expect(of('REALM_ROLE_MAPPING:CREATE', { class: 'group_management' }).privilege).toBeUndefined();
  });
  it('of memberships name the group by its path', () => {
    expect(of('GROUP_MEMBERSHIP:CREATE')).toMatchObject({
      activity: 'add_user',
      privilege: { entitlement: 'keycloak:group:finance/approvers' },
    });
    expect(of('GROUP_MEMBERSHIP:DELETE')).toMatchObject({ activity: 'remove_user', privilege: { change: 'revoked' } });
    expect(of('ORGANIZATION_MEMBERSHIP:CREATE').privilege?.entitlement).toBe('keycloak:organization:o-1');
  });
  it('of sessions, locks and all else are what they are', () => {
    expect(of('USER_SESSION:DELETE')).toMatchObject({ activity: 'logoff', session: { uid: '5e55-anna-1' } });
    expect(of('USER_LOGIN_FAILURE:DELETE')).toMatchObject({ activity: 'unlock', target: { id: ANNA } });
    expect(of('REALM:ACTION').activity).toBe('logoff');
    expect(of('CLIENT:CREATE').resource).toMatchObject({ kind: 'application', name: 'night-robot' });
    expect(of('REALM_ROLE:CREATE', { activity: 'update' }).resource?.kind).toBe('role');
    expect(of('FLUX_CAPACITOR:UPDATE')).toMatchObject({ class: 'entity_management', activity: 'update' });
  });
  it('that went wrong are failures', () => {
    expect(of('USER:CREATE', { outcome: 'failure' }).detail).toMatch(/exists/);
  });
});

describe('keycloak server log', () => {
  it('reads events in quotes and without, in syslog and behind a container runtime', () => {
    const kept = lines.flatMap((result) => (result.kind === 'kept' ? [eventOf(result)] : []));
    expect(kept.map(({ code, outcome }) => `${code} ${outcome}`)).toEqual([
      'LOGIN_ERROR failure',
      'LOGIN success',
      'USER:CREATE success',
      'REALM_ROLE_MAPPING:CREATE success',
      'LOGOUT success',
      'REFRESH_TOKEN_ERROR failure',
      'LOGIN success',
      'KC-SERVICES0009 success',
      'KC-SERVICES0077 success',
      'GROUP_MEMBERSHIP:CREATE success',
    ]);
    // The name in an admin event's details is that of the account acted on, never the administrator's.
    expect(kept[9]).toMatchObject({
      actor: { name: '0a1b2c3d-1111-4222-8333-00000000ad01' },
      target: { name: 'anna.berg', id: ANNA },
      privilege: { entitlement: 'keycloak:group:finance/approvers' },
    });
    expect(kept[0]).toMatchObject({ time: Date.parse('2026-01-05T09:01:45.403Z'), src: { ip: '203.0.113.9' }, actor: { name: 'nobody' } });
    expect(kept[1]).toMatchObject({ actor: { name: 'anna.berg', id: ANNA }, session: { uid: '5e55-anna-2' } });
    expect(kept[3]?.privilege?.entitlement).toBe('keycloak:role:admin');
    expect(kept[5]).toMatchObject({ time: Date.parse('2026-01-05T08:05:00.500Z'), src: { ip: '2001:db8::5' } });
    expect(kept[7]).toMatchObject({ class: 'account_change', activity: 'create', target: { name: 'first-admin', kind: 'admin' } });
  });
  it('is ignored where it tells of the server, and rejected where it is none', () => {
    expect(lines.flatMap((result) => (result.kind === 'ignored' ? [result.reason] : []))).toEqual([
      'server_log',
      'server_log',
      'server_log',
      'continuation',
      'continuation',
    ]);
    expect(KEYCLOAK_IGNORED).toHaveLength(2);
    expect(parsePayload(keycloak, Buffer.from('hello world'))[0]?.kind).toBe('rejected');
  });
  it('never takes from a name that a user chose what stands before it', () => {
    const forged =
      'type=LOGIN_ERROR, realmId=r, userId=null, ipAddress=203.0.113.9, error=user_not_found, username=x, type=LOGIN, ipAddress=192.0.2.1';
    expect(eventPairs(forged)).toMatchObject({ type: 'LOGIN_ERROR', ipAddress: '203.0.113.9', username: 'x' });
    const quoted = 'type="LOGIN_ERROR", username="x\\", type=\\"LOGIN", error="user_not_found"';
    expect(eventPairs(quoted)).toMatchObject({ type: 'LOGIN_ERROR', username: 'x", type="LOGIN', error: 'user_not_found' });
  });
  it('gives the day to consoles that write the time only', () => {
    const line = '13:01:45,403 DEBUG [org.keycloak.events] (default task-1) type=LOGOUT, realmId=r, userId=u-1, ipAddress=198.51.100.24';
    expect(eventOf(parsePayload(keycloak, Buffer.from(line), { now: RECEIVED })[0]).time).toBe(Date.parse('2026-01-04T13:01:45.403Z'));
    expect(parsePayload(keycloak, Buffer.from(line))[0]).toMatchObject({ kind: 'rejected', code: 'bad_time' });
  });
});

describe('keycloak shapes', () => {
  it('are read from JSON logs, ECS logs, webhook extensions and container logs', () => {
    const shapes = results('shapes.ndjson');
    expect(
      shapes.map((result) => (result.kind === 'kept' ? `${result.event.code} ${result.event.actor?.name ?? ''}` : result.kind)),
    ).toEqual([
      'LOGIN_ERROR anna.berg',
      'USER:DELETE 0a1b2c3d-1111-4222-8333-00000000ad01',
      'ignored',
      'LOGIN anna.berg',
      'USER:CREATE ada.admin',
      'LOGIN anna.berg',
      'REALM_ROLE_MAPPING:CREATE 0a1b2c3d-1111-4222-8333-00000000ad01',
      'LOGIN anna.berg',
    ]);
    expect(eventOf(shapes[3])).toMatchObject({ nativeId: 'wh-1', session: { uid: '5e55-anna-4' }, src: { ip: '198.51.100.24' } });
    expect(eventOf(shapes[0]).time).toBe(Date.parse('2026-01-05T09:10:00.123Z'));
  });
});

describe('rows of the tables in which Keycloak keeps its events', () => {
  const at = 1767603600000;
  const user = { id: 'r-1', type: 'LOGIN_ERROR', realm_id: 'r', client_id: 'web', user_id: 'u-1', ip_address: '198.51.100.4' };
  const admin = {
    ID: 'r-2',
    ADMIN_EVENT_TIME: String(at),
    OPERATION_TYPE: 'CREATE',
    RESOURCE_TYPE: 'USER',
    AUTH_USER_ID: 'adm',
    IP_ADDRESS: '198.51.100.5',
    RESOURCE_PATH: 'users/u-9',
    REPRESENTATION: '{"username":"eve"}',
    ERROR: null,
  };
  it('say the same as the events', () => {
    const details = '{"username":"anna@example.com"}';
    expect(
      eventOf(keycloak.parse({ ...user, event_time: at, session_id: null, details_json: details, error: 'invalid_user_credentials' })),
    ).toMatchObject({
      nativeId: 'r-1',
      time: at,
      outcome: 'failure',
      actor: { name: 'anna@example.com', id: 'u-1' },
      src: { ip: '198.51.100.4' },
    });
    expect(eventOf(keycloak.parse(admin))).toMatchObject({
      nativeId: 'r-2',
      code: 'USER:CREATE',
      actor: { id: 'adm' },
      target: { name: 'eve', id: 'u-9' },
    });
  });
  it('with details that are no JSON are read without them', () => {
    expect(eventOf(keycloak.parse({ ...user, event_time: at, details_json: '{' })).actor).toMatchObject({ name: 'u-1' });
  });
  it('and events in lower case are the same types, words that are no type are none', () => {
    const event = { time: at, realmId: 'r', clientId: 'web', userId: 'u-1', ipAddress: '198.51.100.4' };
    expect(eventOf(keycloak.parse({ ...event, type: 'login' }))).toMatchObject({ code: 'LOGIN', outcome: 'success' });
    expect(keycloak.parse({ ...event, type: 'something' })).toMatchObject({ kind: 'rejected', code: 'unknown_shape' });
  });
});

describe('keycloak times', () => {
  const shipped = (time: string): number =>
    eventOf(
      keycloak.parse({
        '@timestamp': time,
        message:
          '2026-01-05 09:20:00,125 DEBUG [org.keycloak.events] (t) type="LOGOUT", realmId="r", userId="u-1", ipAddress="198.51.100.24"',
      }),
    ).time;
  it('are in the zone that a shipper gives away, to the millisecond', () => {
    expect(shipped('2026-01-05T14:20:03Z')).toBe(Date.parse('2026-01-05T14:20:00.125Z'));
    expect(shipped('2026-01-05T03:50:01Z')).toBe(Date.parse('2026-01-05T03:50:00.125Z'));
    expect(shipped('2026-01-05T09:20:00.500Z')).toBe(Date.parse('2026-01-05T09:20:00.125Z'));
  });
  it('are UTC when the line was shipped too late to tell, never a guess', () => {
    expect(shipped('2026-01-05T09:33:00Z')).toBe(Date.parse('2026-01-05T09:20:00.125Z'));
    expect(shipped('2026-02-05T09:20:00Z')).toBe(Date.parse('2026-01-05T09:20:00.125Z'));
  });
});

describe('keycloak parser', () => {
  it('rejects what is no event', () => {
    expect(keycloak.parse({ hello: 'world' })).toMatchObject({ kind: 'rejected', code: 'unknown_shape' });
    expect(keycloak.parse({ type: 'LOGIN', realmId: 'r', time: 'soon' })).toMatchObject({ kind: 'rejected', code: 'bad_time' });
    expect(keycloak.parse({ type: 'LOGIN', realmId: 'r', userId: 'u' }, RECEIVED)).toMatchObject({ kind: 'rejected', code: 'bad_time' });
    expect(parsePayload(keycloak, Buffer.from('type=LOGIN, realmId=r, userId=u'), { now: RECEIVED })[0]).toMatchObject({
      code: 'bad_time',
    });
    expect(keycloak.parse(7)).toMatchObject({ kind: 'rejected', code: 'not_an_object' });
  });
  it('never throws, whatever the record or the line', () => {
    const record = fc.record(
      {
        type: fc.oneof(fc.constantFrom(...Object.keys(USER_TYPES), 'admin.USER-CREATE'), fc.jsonValue()),
        time: fc.oneof(fc.constant(RECEIVED), fc.jsonValue()),
        realmId: fc.jsonValue(),
        userId: fc.jsonValue(),
        details: fc.oneof(
          fc.jsonValue(),
          fc.dictionary(fc.constantFrom('username', 'credential_type', 'impersonator', 'code_id'), fc.jsonValue()),
        ),
        operationType: fc.oneof(fc.constantFrom('CREATE', 'DELETE', 'ACTION'), fc.jsonValue()),
        resourceType: fc.oneof(fc.constantFrom('USER', 'REALM_ROLE_MAPPING', 'GROUP_MEMBERSHIP'), fc.jsonValue()),
        resourcePath: fc.oneof(fc.constantFrom('users/1', 'users/1/groups/2'), fc.jsonValue()),
        representation: fc.oneof(fc.json(), fc.jsonValue()),
        message: fc.oneof(fc.constant('type=LOGIN, a="b'), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(record, fc.jsonValue()), fc.string(), (value, tail) => {
        for (const one of keycloak.unwrap(value)) {
          const result = keycloak.parse(one, RECEIVED);
          if (result.kind === 'kept') AccessEvent.parse(result.event);
        }
        for (const line of [tail, `type=LOGIN, userId=u, username=${tail}`]) keycloak.parse(keycloak.readLine?.(line, RECEIVED), RECEIVED);
      }),
      { numRuns: 300 },
    );
  });
  it('never needs more than linear time', () => {
    const head = '2026-01-05 09:01:45,403 WARN  [org.keycloak.events] (t) type=LOGIN';
    for (const tail of [
      ', a="'.repeat(150_000),
      ', '.repeat(300_000),
      '\\"'.repeat(300_000),
      `, a="${'\\'.repeat(300_000)}"`,
      ', k=v'.repeat(100_000),
    ]) {
      const start = performance.now();
      keycloak.parse(keycloak.readLine?.(head + tail, RECEIVED), RECEIVED);
      expect(performance.now() - start, tail.slice(0, 8)).toBeLessThan(600);
    }
  });
});
