import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccessEvent, type ParseResult } from '@keyward/events';
import { object } from '../json.js';
import { ACTIVITIES } from '../ocsf-export/activities.js';
import { parsePayload } from '../payload.js';
import { ACTIONS, classifyAction } from './actions.js';
import { duo } from './duo.js';
import { addressOf } from './fields.js';
import { DUO_IGNORED } from './mapping.js';

const results = (name: string): readonly ParseResult[] =>
  parsePayload(duo, readFileSync(resolve(import.meta.dirname, 'samples', name)), { now: Date.UTC(2026, 0, 6) });
function eventOf(result: ParseResult | undefined): AccessEvent {
  if (result?.kind !== 'kept') throw new Error(JSON.stringify(result));
  return AccessEvent.parse(result.event);
}
const signIns = results('authentication.json').map(eventOf);
const actions = results('administrator.ndjson').map(eventOf);
const others = results('other-logs.ndjson').map(eventOf);
const all = [...signIns, ...actions, ...others];
const of = (code: string, more: Partial<AccessEvent> = {}): AccessEvent => {
  const found = all.find((event) => event.code === code && Object.entries(more).every(([key, value]) => object(event)[key] === value));
  if (!found) throw new Error(`no sample of ${code}`);
  return found;
};
const because = (reason: string): AccessEvent => of('authentication', { detail: reason });

describe('duo samples', () => {
  it('are valid events whose activity is a word of their class, each with an id of its own', () => {
    for (const event of all) expect(Object.keys(ACTIVITIES[event.class]), event.code).toContain(event.activity);
    expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length);
    expect(results('administrator.ndjson').map(eventOf)).toEqual(actions);
  });
  it('that say nothing about access are ignored, each for a reason of the closed set', () => {
    const reasons = results('ignored.ndjson').map((result) => (result.kind === 'ignored' ? result.reason : result.kind));
    expect([...reasons].sort()).toEqual([...DUO_IGNORED].sort());
  });
});

describe('duo authentication log', () => {
  it('has user, address, place, device, factor and application, under the transaction id', () => {
    expect(signIns[0]).toMatchObject({
      nativeId: '00000000-0000-4000-8000-000000000001',
      class: 'authentication',
      activity: 'logon',
      code: 'authentication',
      outcome: 'success',
      actor: { system: 'duo', name: 'anna.berg', id: 'DUEXAMPLEANNA0000001', email: 'anna.berg@example.com', kind: 'human' },
      src: { ip: '198.51.100.24', geo: { city: 'Vienna', country: 'AT' }, geoFrom: 'vendor' },
      device: { id: 'EPEXAMPLE00000000001', browser: 'Chrome 131', os: 'Windows 11', type: 'desktop', managed: true },
      auth: { step: 'second_factor', method: 'push', mfa: true, factorResult: 'approved', application: 'Payroll Portal' },
      resource: { kind: 'application', name: 'Payroll Portal' },
    });
  });
  it('is a success for one word only, never for fraud, error, denied or words to come', () => {
    const outcome = (result: unknown): string => eventOf(duo.parse({ timestamp: 1767603600, factor: 'duo_push', result })).outcome;
    expect(outcome('success')).toBe('success');
    expect(outcome('SUCCESS')).toBe('success');
    for (const result of ['denied', 'failure', 'FAILURE', 'fraud', 'error', '', 'unsuccessful', 7]) expect(outcome(result)).toBe('failure');
  });
  it.each([
    ['user_marked_fraud', 'denied', 'bad_factor'],
    ['user_mistake', 'denied', 'bad_factor'],
    ['no_response', 'timeout', 'bad_factor'],
    ['invalid_passcode', 'denied', 'bad_factor'],
    ['user_cancelled', 'denied', 'interrupted'],
    ['location_restricted', undefined, 'policy'],
    ['anonymous_ip', undefined, 'policy'],
    ['locked_out', undefined, 'locked'],
    ['user_disabled', undefined, 'disabled'],
    ['error', undefined, 'other'],
  ])('says what %s means', (reason, factorResult, failure) => {
    const event = because(reason);
    expect(event.outcome).toBe('failure');
    expect([event.auth?.factorResult, event.auth?.failure]).toEqual([factorResult, failure]);
  });
  it('is one event a transaction and result, however often it is sent', () => {
    const record = { timestamp: 1767603600, factor: 'duo_push', result: 'denied', txid: 't-1' };
    const uid = (more: object): string => eventOf(duo.parse({ ...record, ...more })).uid;
    expect(uid({ trusted_endpoint_status: 'unknown' })).toBe(uid({ trusted_endpoint_status: 'trusted' }));
    expect(uid({ result: 'success' })).not.toBe(uid({}));
  });
  it('is no second factor where nobody was asked', () => {
    expect(because('bypass_user')).toMatchObject({ outcome: 'success', auth: { mfa: false } });
    expect(because('remembered_device').auth).toMatchObject({ mfa: false, method: 'remembered_device' });
    expect(because('valid_passcode').auth).toMatchObject({ mfa: true, method: 'sms' });
  });
  it('that Duo itself found odd is refused by policy', () => {
    const odd = {
      event_type: 'authentication',
      factor: 'duo_push',
      reason: 'anomalous_push',
      result: 'denied',
      txid: 't',
      timestamp: 1767603600,
    };
    expect(eventOf(duo.parse({ ...odd, user: { name: 'anna' } }))).toMatchObject({ outcome: 'failure', auth: { failure: 'policy' } });
  });
  it('tells of fraud and of detected attacks', () => {
    expect(because('user_marked_fraud').vendorRisk).toEqual({ level: 'high', detections: ['user_marked_fraud'] });
    expect(because('user_cancelled').vendorRisk).toEqual({ level: 'high', detections: ['push_harassment'] });
    expect(because('anonymous_ip').src?.networkKind).toBe('vpn');
  });
  it('reads v1 records and enrolments', () => {
    expect(of('authentication', { detail: 'User mistake' })).toMatchObject({
      outcome: 'failure',
      actor: { name: 'bert' },
      src: { ip: '203.0.113.9' },
      resource: { name: 'VPN', id: 'DIEXAMPLEVPN00000001' },
      auth: { method: 'push', factorResult: 'denied' },
    });
    expect(of('enrollment')).toMatchObject({ class: 'account_change', activity: 'mfa_factor_enable' });
  });
  it.each([
    ['203.0.113.7:1234', '203.0.113.7', 1234],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6', undefined],
    ['[2001:db8::5]:1234', '2001:db8::5', 1234],
    ['2001:db8:1:2:3:4:5:6:1234', '2001:db8:1:2:3:4:5:6', 1234],
    ['2001:db8:1:2:3:4:5:6#1234', '2001:db8:1:2:3:4:5:6', 1234],
    ['2001:db8:1:2:3:4:5:6p1234', '2001:db8:1:2:3:4:5:6', 1234],
    ['2001:db8:1:2:3:4:5:6.1234', '2001:db8:1:2:3:4:5:6', 1234],
    ['2001:db8:1:2:3:4:5:6 port 1234', '2001:db8:1:2:3:4:5:6', 1234],
  ])('reads the address %s', (written, ip, port) => {
    expect(addressOf(written)).toEqual(port === undefined ? { ip } : { ip, port });
  });
});

describe('duo administrator log', () => {
  it('reads sign-ins to the admin panel', () => {
    expect(of('admin_login')).toMatchObject({
      activity: 'logon',
      outcome: 'success',
      actor: { name: 'ada admin', email: 'ada.admin@example.com' },
      src: { ip: '192.0.2.10' },
      auth: { method: 'push', mfa: true, factorResult: 'approved' },
    });
    expect(of('admin_login_error')).toMatchObject({
      outcome: 'failure',
      actor: { name: 'ada.admin@example.com' },
      auth: { failure: 'bad_password' },
    });
    expect(of('admin_2fa_error')).toMatchObject({ outcome: 'failure', auth: { step: 'second_factor', failure: 'bad_factor' } });
    expect(of('hyperspace_login_error')).toMatchObject({ class: 'authentication', outcome: 'failure' });
  });
  it('says which role an administrator has got or lost', () => {
    expect(of('admin_create')).toMatchObject({
      activity: 'create',
      target: { name: 'carl clerk' },
      privilege: { change: 'granted', entitlement: 'duo:role:Help Desk' },
    });
    expect(of('admin_update')).toMatchObject({
      class: 'user_access',
      activity: 'assign_role',
      privilege: { entitlement: 'duo:role:Owner' },
    });
    expect(of('admin_delete').privilege?.change).toBe('revoked');
  });
  it('says what became of an account: bypass is a factor less', () => {
    expect(actions.filter(({ code }) => code === 'user_update').map(({ activity }) => activity)).toEqual([
      'mfa_factor_disable',
      'enable',
      'disable',
      'mfa_factor_disable',
      'other',
    ]);
    expect(of('user_pending_delete')).toMatchObject({ activity: 'delete', target: { name: 'dora' } });
    expect(of('user_lockout_cleared').activity).toBe('unlock');
  });
  it('names what is no person as a service', () => {
    expect(of('user_restore').actor).toMatchObject({ name: 'api', kind: 'service' });
    expect(of('user_update', { activity: 'other' }).actor).toMatchObject({ name: 'ad sync: corp', kind: 'service' });
  });
  it('says which factor came and went, and whose', () => {
    expect(of('bypass_create')).toMatchObject({ activity: 'mfa_factor_enable', target: { name: 'anna.berg' } });
    expect(of('phone_disassociate').activity).toBe('mfa_factor_disable');
    expect(of('hardtoken_delete').activity).toBe('mfa_factor_disable');
    expect(of('webauthncredential_create')).toMatchObject({ target: { name: 'anna.berg' }, device: { browser: 'Chrome 131' } });
    expect(of('o2fa_user_provisioned')).toMatchObject({ activity: 'mfa_factor_enable', actor: { name: 'anna.berg' } });
  });
  it('keeps groups, applications, policies; a viewed secret is read', () => {
    expect(of('group_update')).toMatchObject({ class: 'group_management', activity: 'update', resource: { name: 'Approvers' } });
    expect(of('integration_create').resource).toMatchObject({ kind: 'application', name: 'Ledger' });
    expect(of('integration_skey_view')).toMatchObject({ activity: 'read', resource: { kind: 'secret' } });
    expect(of('bypass_view').activity).toBe('read');
    expect(of('policy_update').resource?.kind).toBe('policy');
    expect(of('cloudsso_add_saml_authsource')).toMatchObject({ class: 'entity_management', activity: 'create' });
    expect(of('adminapi_request_ip_denied')).toMatchObject({ outcome: 'failure', src: { ip: '203.0.113.99' } });
  });
  it('reads a time in which somebody put spaces', () => {
    expect(of('activation_set_password').time).toBe(Date.parse('2026-01-05T12:44:09Z'));
  });
  it('never makes a success of an action whose name is an error', () => {
    for (const action of [...Object.keys(ACTIONS), 'x_error', 'phone_create_failed', 'user_create_error']) {
      const found = classifyAction(action);
      if ('mapping' in found && /error|fail|denied/.test(action)) expect(found.mapping.outcome, action).toBe('failure');
    }
  });
});

describe('duo other logs', () => {
  it('reads the activity log with its outcome', () => {
    expect(of('webauthncredential_create', { outcome: 'failure' })).toMatchObject({
      nativeId: '10000000-0000-4000-8000-000000000021',
      class: 'account_change',
    });
    expect(others.find(({ code }) => code === 'bypass_create')).toMatchObject({
      actor: { name: 'ada admin', kind: 'admin' },
      target: { name: 'bert' },
      src: { ip: '198.51.100.24' },
    });
    expect(of('device_change_notification_answered_notify_admin').vendorRisk?.detections).toEqual(['device_change_reported']);
    expect(of('user_adminapi_lockout')).toMatchObject({ activity: 'lock', target: { name: 'bert' } });
  });
  it('takes a credential that the activity log names for no account', () => {
    const changed = {
      activity_id: 'act-own-password',
      ts: '2026-01-05T09:00:00.000000+00:00',
      action: { name: 'password_change', details: null },
      actor: { key: 'DUEXAMPLE1', name: 'anna', type: 'user' },
      target: { key: 'WAEXAMPLE1', name: 'WAEXAMPLE1', type: 'password_auth' },
      outcome: { result: 'SUCCESS' },
    };
    expect(eventOf(duo.parse(changed)).target).toBeUndefined();
    expect(eventOf(duo.parse({ ...changed, target: { key: 'DU2', name: 'bob', type: 'user' } })).target).toMatchObject({ name: 'bob' });
  });
  it('reads telephony as a challenge, which is no sign-in', () => {
    expect(of('telephony')).toMatchObject({ activity: 'preauth', auth: { method: 'sms', factorResult: 'challenged' } });
  });
  it('reads Trust Monitor as what was odd about a sign-in, not as one more', () => {
    expect(of('auth')).toMatchObject({
      nativeId: 'SEEXAMPLE00000000001',
      activity: 'other',
      outcome: 'failure',
      actor: { name: 'anna.berg' },
      src: { ip: '203.0.113.50' },
      vendorRisk: { level: 'high', detections: ['NEW_COUNTRY_CODE', 'trust_monitor_auth'] },
    });
    expect(of('bypass_status')).toMatchObject({
      activity: 'mfa_factor_disable',
      actor: { name: 'ada admin' },
      target: { name: 'anna.berg' },
    });
  });
  it('reads the Authentication Proxy', () => {
    expect(of('Secondary authentication')).toMatchObject({
      outcome: 'success',
      src: { ip: '198.51.100.24' },
      auth: { method: 'push', step: 'second_factor' },
    });
    expect(of('Primary authentication')).toMatchObject({ outcome: 'failure', auth: { step: 'primary', failure: 'bad_password' } });
  });
  it('reads the lines of Duo Log Sync, CEF and JSON', () => {
    const [update, fraud, json] = results('log-sync.txt').map(eventOf);
    expect(update).toMatchObject({
      code: 'user_update',
      activity: 'mfa_factor_disable',
      actor: { name: 'ada admin' },
      target: { name: 'anna.berg' },
      time: 1767605400_000,
    });
    expect(fraud).toMatchObject({
      nativeId: '30000000-0000-4000-8000-000000000001',
      outcome: 'failure',
      actor: { name: 'anna.berg' },
      src: { ip: '203.0.113.9' },
    });
    expect(json).toMatchObject({ code: 'authentication', outcome: 'success' });
  });
});

describe('duo parser', () => {
  it('rejects what is none of the logs, and an error of the API', () => {
    expect(duo.parse({ hello: 'world' })).toMatchObject({ kind: 'rejected', code: 'unknown_shape' });
    expect(duo.parse({ action: 'user_create' })).toMatchObject({ kind: 'rejected', code: 'bad_time' });
    expect(duo.unwrap({ stat: 'FAIL', code: 40103, message: 'Invalid signature' }).map((one) => duo.parse(one).kind)).toEqual(['rejected']);
    expect(parsePayload(duo, Buffer.from('{"response":{"authlogs":[]},"stat":"OK"}'))).toEqual([
      { kind: 'ignored', reason: 'empty_envelope' },
    ]);
  });
  it('never throws, whatever the record or the line', () => {
    const record = fc.record(
      {
        action: fc.oneof(fc.constantFrom(...Object.keys(ACTIONS)), fc.record({ name: fc.jsonValue() }), fc.jsonValue()),
        timestamp: fc.oneof(fc.constant(1767603600), fc.jsonValue()),
        description: fc.oneof(fc.json(), fc.jsonValue()),
        result: fc.jsonValue(),
        factor: fc.jsonValue(),
        reason: fc.jsonValue(),
        access_device: fc.oneof(fc.jsonValue(), fc.record({ ip: fc.jsonValue(), location: fc.jsonValue(), os: fc.jsonValue() })),
        user: fc.jsonValue(),
        sekey: fc.jsonValue(),
        explanations: fc.jsonValue(),
        adaptive_trust_assessments: fc.jsonValue(),
        target: fc.jsonValue(),
        auth_stage: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(record, fc.jsonValue()), fc.string(), (value, line) => {
        for (const one of duo.unwrap(value)) {
          const result = duo.parse(one);
          if (result.kind === 'kept') AccessEvent.parse(result.event);
        }
        duo.parse(duo.readLine?.(`CEF:0|Duo Security|DuoLogSync|1|authentication|a|5|${line}`));
      }),
      { numRuns: 300 },
    );
  });
  it('never needs more than linear time', () => {
    const long = '1: 2'.repeat(100_000);
    const start = performance.now();
    duo.parse({ action: long, isotimestamp: long, description: long, username: long });
    duo.parse({ result: long, factor: long, reason: long, timestamp: 1767603600, access_device: { ip: long, os: long } });
    expect(performance.now() - start).toBeLessThan(400);
  });
});
