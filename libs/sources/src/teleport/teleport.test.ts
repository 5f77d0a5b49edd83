import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AccessEvent, type ParseResult } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject, object, type JsonObject } from '../json.js';
import { ACTIVITIES } from '../ocsf-export/activities.js';
import { parsePayload } from '../payload.js';
import { EVENT_TYPES } from './event-types.js';
import { TELEPORT_IGNORED } from './mapping.js';
import { teleport } from './teleport.js';

const sample = (name: string): Buffer => readFileSync(resolve(import.meta.dirname, 'samples', name));
const results = parsePayload(teleport, sample('audit.ndjson'));
const events = results.flatMap((result) => (result.kind === 'kept' ? [result.event] : []));
const all = (code: string): readonly AccessEvent[] => events.filter((event) => event.code === code);
const first = (code: string): AccessEvent => {
  const found = all(code)[0];
  if (!found) throw new Error(`no sample of ${code}`);
  return found;
};
const record = (more: JsonObject): JsonObject => ({
  event: 'user.login',
  code: 'T1000I',
  uid: 'u-1',
  time: '2026-01-05T09:00:00Z',
  user: 'anna',
  ...more,
});
function parsed(value: unknown): AccessEvent {
  const result = teleport.parse(value);
  if (result.kind !== 'kept') throw new Error(JSON.stringify(result));
  return AccessEvent.parse(result.event);
}

describe('teleport samples', () => {
  it('are each kept or ignored, as valid events whose activity is a word of their class', () => {
    for (const result of results) expect(result.kind).not.toBe('rejected');
    for (const event of events) {
      expect(AccessEvent.parse(event)).toEqual(event);
      expect(Object.keys(ACTIVITIES[event.class]), event.code).toContain(event.activity);
    }
    expect(new Set(events.map(({ uid }) => uid)).size).toBe(events.length);
    expect(parsePayload(teleport, sample('audit.ndjson'))).toEqual(results);
  });
  it('are read from Athena, DynamoDB, the API, nested addresses, the web API, syslog and Fluentd', () => {
    for (const name of ['shapes.ndjson', 'lines.txt'])
      for (const result of parsePayload(teleport, sample(name)))
        expect(result).toMatchObject({
          kind: 'kept',
          event: { code: 'user.login', actor: { name: 'anna@example.com' }, src: { ip: '198.51.100.24' } },
        });
    expect(parsePayload(teleport, sample('shapes.ndjson'))).toHaveLength(5);
    expect(parsePayload(teleport, sample('lines.txt'))).toHaveLength(2);
  });
});

describe('a teleport sign-in', () => {
  it('with a wrong recovery code failed by its factor', () => {
    const wrong = { event: 'recovery_code.used', code: 'T1009W', success: false, error: 'recovery code did not match' };
    expect(parsed(record(wrong))).toMatchObject({ outcome: 'failure', auth: { failure: 'bad_factor' } });
  });
  it('names the user, address, browser and second factor', () => {
    expect(first('user.login')).toMatchObject({
      class: 'authentication',
      activity: 'logon',
      outcome: 'success',
      actor: { system: 'teleport', name: 'anna@example.com', kind: 'human' },
      src: { ip: '198.51.100.24', port: 50332 },
      device: { browser: 'Chrome 141' },
      auth: { method: 'password', mfa: true, step: 'session' },
    });
  });
  it('is a failure when anything in it says so, and no failure becomes a success', () => {
    expect(all('user.login').map(({ outcome }) => outcome)).toEqual([
      'success',
      'failure',
      'success',
      'failure',
      'failure',
      'failure',
      'failure',
    ]);
    expect(all('user.login')[1]?.auth?.failure).toBe('bad_password');
    expect(parsed(record({ success: true, code: 'T1000W' })).outcome).toBe('failure');
    expect(parsed(record({ success: true, error: 'no' })).outcome).toBe('failure');
    expect(parsed(record({ event: 'app.session.request', code: 'T2009I', status_code: 401 })).outcome).toBe('failure');
    expect(parsed(record({ event: 'session.command', code: 'T4000I', return_code: 1 })).outcome).toBe('failure');
  });
  it('without a head is asked for first, and refusing it is a denied factor', () => {
    expect(all('user.login')[4]).toMatchObject({ activity: 'preauth', auth: { factorResult: 'challenged' } });
    expect(all('user.login')[6]).toMatchObject({ activity: 'logon', auth: { factorResult: 'denied', failure: 'bad_factor' } });
  });
  it('of a bot or a node is one of a service or the system', () => {
    expect(first('bot.join').actor).toMatchObject({ name: 'ci', kind: 'service' });
    expect(first('instance.join').actor).toMatchObject({ name: 'web1', kind: 'system' });
  });
});

describe('a teleport session', () => {
  it('takes an account of the host, and gives it back', () => {
    expect(first('session.start')).toMatchObject({
      activity: 'logon',
      target: { name: 'root@web1.example.com' },
      session: { uid: 'sess-1', kind: 'privileged' },
      resource: { kind: 'host', host: 'web1.example.com' },
      credential: { act: 'session_opened', account: 'root@web1.example.com' },
    });
    expect(first('session.end')).toMatchObject({
      activity: 'logoff',
      credential: { act: 'session_closed', account: 'root@web1.example.com' },
    });
  });
  it('on a database, desktop, cluster or application is the same', () => {
    expect(first('db.session.start').credential?.account).toBe('app@orders-db');
    expect(first('windows.desktop.session.start').credential?.account).toBe('administrator@corp.example.com');
    expect(first('app.session.start').credential?.account).toBe('arn:aws:iam::123456789012:role/power');
    expect(all('exec')[1]).toMatchObject({ target: { name: 'anna@prod-eu' }, command: 'sh -c id' });
  });
  it('that was denied takes nothing', () => {
    expect(all('db.session.start')[1]).toMatchObject({ outcome: 'failure', auth: { failure: 'policy' } });
    expect(all('db.session.start')[1]?.credential).toBeUndefined();
  });
  it('shows its commands and queries', () => {
    expect(first('session.command')).toMatchObject({ class: 'process_activity', command: '/bin/systemctl restart nginx' });
    expect(first('exec')).toMatchObject({ outcome: 'failure', command: 'cat /etc/shadow' });
    expect(first('db.session.query').command).toBe('select * from salaries');
    expect(first('db.session.cassandra.batch').command).toBe('insert into a values (1); insert into a values (2)');
    expect(first('db.session.query.failed').outcome).toBe('failure');
  });
  it('on a desktop names no address of a person: the address in it is the desktop', () => {
    expect(first('windows.desktop.session.start').src).toBeUndefined();
  });
});

describe('access for a time', () => {
  it('is requested, approved and activated under one request', () => {
    expect(first('access_request.create')).toMatchObject({
      actor: { name: 'anna@example.com' },
      privilege: {
        change: 'requested',
        entitlement: 'teleport:role:db-admin',
        jit: true,
        requestId: 'req-1',
        requester: 'anna@example.com',
      },
    });
    expect(first('access_request.update')).toMatchObject({
      activity: 'assign_privileges',
      actor: { name: 'eva@example.com' },
      target: { name: 'anna@example.com' },
      privilege: { change: 'approved', approver: 'eva@example.com', requestId: 'req-1' },
    });
    expect(first('cert.create').privilege).toMatchObject({
      change: 'activated',
      entitlement: 'teleport:role:db-admin',
      requestId: 'req-1',
    });
  });
  it('gives nothing to an approver when the event does not say who had asked', () => {
    expect(all('access_request.update')[1]).toMatchObject({ actor: { name: 'eva@example.com' }, outcome: 'success' });
    expect(all('access_request.update')[1]?.privilege).toBeUndefined();
    expect(first('access_request.review').privilege).toBeUndefined();
  });
  it('a certificate for another user is one for a target', () => {
    expect(all('cert.create')[1]).toMatchObject({ actor: { name: 'bot-ci', kind: 'service' }, target: { name: 'deploy' } });
  });
});

describe('a change in teleport', () => {
  it.each([
    ['user.create', 'account_change', 'create', 'mallory'],
    ['user.delete', 'account_change', 'delete', 'mallory'],
    ['reset_password_token.create', 'account_change', 'password_reset', 'dora'],
    ['lock.created', 'account_change', 'lock', 'mallory'],
    ['access_list.member.create', 'group_management', 'add_user', 'dora'],
    ['access_list.member.delete', 'group_management', 'remove_user', 'dora'],
    ['role.created', 'entity_management', 'create', undefined],
    ['saml.created', 'entity_management', 'create', undefined],
    ['auth_preference.update', 'entity_management', 'update', undefined],
    ['device.enroll', 'entity_management', 'enroll', undefined],
    ['mfa.delete', 'account_change', 'mfa_factor_disable', undefined],
  ])('%s is %s: %s of %s', (code, ofClass, activity, target) => {
    expect(first(code)).toMatchObject({ class: ofClass, activity });
    expect(first(code).target?.name).toBe(target);
  });
  it('gives the strongest of several roles', () => {
    expect(first('user.create').privilege).toMatchObject({ change: 'granted', entitlement: 'teleport:role:editor', jit: false });
    expect(all('access_list.member.create')[1]?.privilege).toBeUndefined();
    for (const expires of ['0001-01-01T00:00:00Z', 111_111])
      expect(parsed(record({ event: 'user.update', name: 'bob', roles: ['access'], expires })).privilege).toEqual({
        change: 'granted',
        entitlement: 'teleport:role:access',
        jit: false,
      });
  });
  it('that Teleport has not invented yet is kept by its family and last word', () => {
    expect(first('some.new.thing.created')).toMatchObject({ class: 'entity_management', activity: 'create' });
    expect(parsed(record({ event: 'role.frobnicated', code: 'T9003I', name: 'x' }))).toMatchObject({
      class: 'api_activity',
      resource: { kind: 'role' },
    });
    expect(parsed(record({ event: 'constructor', code: 'T1' })).class).toBe('api_activity');
  });
  it('by Teleport itself is one of the system', () => {
    expect(first('reset_password_token.create').actor?.kind).toBe('system');
  });
});

describe('teleport records that are no events of ours', () => {
  it('are ignored, each for a reason of the closed set', () => {
    const reasons = results.flatMap((result) => (result.kind === 'ignored' ? [result.reason] : []));
    expect([...new Set(reasons)].sort()).toEqual([...TELEPORT_IGNORED].sort());
  });
  it.each([
    [{}, 'unknown_shape'],
    [{ event: { type: 'user.login' } }, 'unknown_shape'],
    [record({ time: 'noon' }), 'bad_time'],
  ])('%j is rejected: %s', (value, code) => {
    expect(teleport.parse(value)).toMatchObject({ kind: 'rejected', code });
  });
  it('each known event type with nothing but a name and a time is kept, and is a valid event', () => {
    for (const event of Object.keys(EVENT_TYPES)) expect(parsed({ event, time: '2026-01-05T09:00:00Z' }).code).toBe(event);
  });
  it('never throws, whatever the JSON, and gives a valid event or none', () => {
    const bases = sample('audit.ndjson')
      .toString()
      .trim()
      .split('\n')
      .map((line) => object(JSON.parse(line)));
    const check = (result: ParseResult): void => {
      if (result.kind === 'kept') AccessEvent.parse(result.event);
    };
    const key = fc.constantFrom(
      'user',
      'identity',
      'roles',
      'argv',
      'members',
      'device',
      'target',
      'addr.remote',
      'children',
      'parameters',
      'tx',
      'code',
      'time',
      'event',
      'id',
      'expires',
      'desktop_addr',
    );
    fc.assert(
      fc.property(fc.constantFrom(...bases), fc.dictionary(key, fc.jsonValue()), (base, more) => {
        for (const one of teleport.unwrap({ ...base, ...more })) if (isObject(one)) check(teleport.parse(one));
      }),
      { numRuns: 500 },
    );
  });
});
