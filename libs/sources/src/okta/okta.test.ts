import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccessEvent, type ParseResult } from '@keyward/events';
import { ACTIVITIES } from '../ocsf-export/activities.js';
import { object } from '../json.js';
import { parsePayload } from '../payload.js';
import { OKTA_IGNORED } from './mapping.js';
import { okta } from './okta.js';

const sample = (name: string): string => readFileSync(resolve(import.meta.dirname, 'samples', name), 'utf8');
const records = sample('system-log.ndjson')
  .trim()
  .split('\n')
  .map((line): unknown => JSON.parse(line));

function eventOf(result: ParseResult): AccessEvent {
  if (result.kind !== 'kept') throw new Error(JSON.stringify(result));
  return AccessEvent.parse(result.event);
}
const events = records.map((record) => eventOf(okta.parse(record)));
const of = (code: string, more: Partial<AccessEvent> = {}): AccessEvent => {
  const found = events.find((event) => event.code === code && Object.entries(more).every(([key, value]) => object(event)[key] === value));
  if (!found) throw new Error(`no sample of ${code}`);
  return found;
};
const log = (more: object): unknown => ({
  uuid: 'u-1',
  published: '2026-01-05T09:00:00.000Z',
  eventType: 'user.session.start',
  actor: { id: '00u1', type: 'User', alternateId: 'anna@example.com', displayName: 'Anna' },
  outcome: { result: 'SUCCESS' },
  ...more,
});

describe('okta samples', () => {
  it('parse to valid events whose activity is a word of their class', () => {
    for (const event of events) expect(Object.keys(ACTIVITIES[event.class]), event.code).toContain(event.activity);
  });
  it('give the same event each time, and a uid of its own each', () => {
    expect(records.map((record) => eventOf(okta.parse(structuredClone(record))))).toEqual(events);
    expect(new Set(events.map(({ uid }) => uid)).size).toBe(events.length);
  });
  it('come out of an event hook, of EventBridge, and of an array', () => {
    expect(okta.unwrap(JSON.parse(sample('event-hook.json'))).map((one) => eventOf(okta.parse(one)).code)).toEqual([
      'user.session.start',
      'group.user_membership.add',
    ]);
    expect(okta.unwrap(JSON.parse(sample('eventbridge.json'))).map((one) => eventOf(okta.parse(one)).code)).toEqual([
      'user.authentication.auth_via_mfa',
    ]);
    expect(okta.unwrap(records)).toHaveLength(records.length);
  });
});

describe('okta events that others wrote down', () => {
  const foreign = parsePayload(okta, Buffer.from(sample('other-spellings.ndjson'))).map(eventOf);
  it('in small letters, in snake case, flattened, or as rows of Sentinel say the same', () => {
    expect(foreign).toMatchObject([
      {
        nativeId: 'sp-1',
        activity: 'mfa_factor_disable',
        actor: { name: 'anna@example.com' },
        target: { name: 'bob@example.com' },
        src: { asn: 64500 },
      },
      { nativeId: 'sp-2', activity: 'logon', outcome: 'failure', src: { ip: '192.0.2.10' }, device: { os: 'macOS' } },
      { nativeId: 'sp-3', target: { name: 'bob@example.com' }, privilege: { entitlement: 'okta:role:Help Desk Administrator' } },
      { nativeId: 'sp-4', outcome: 'failure', target: { name: 'bob@example.com' }, src: { ip: '192.0.2.10' } },
      {
        nativeId: 'sp-5',
        outcome: 'failure',
        session: { uid: 's-5' },
        auth: { failure: 'locked', application: 'Portal' },
        src: { geo: { country: 'FR' } },
      },
      { nativeId: 'sp-6', actor: { name: 'system@example.com' }, target: { name: 'bob@example.com' } },
    ]);
  });
});

describe('okta sign-in', () => {
  it('has actor, address, place, device, session', () => {
    const event = of('user.session.start', { outcome: 'success' });
    expect(event).toMatchObject({
      class: 'authentication',
      activity: 'logon',
      time: Date.parse('2026-01-05T09:01:00.000Z'),
      actor: { system: 'okta', name: 'anna.berg@example.com', id: '00uanna0001', kind: 'human' },
      src: {
        ip: '198.51.100.24',
        asn: 64500,
        geoFrom: 'vendor',
        geo: { city: 'Vienna', country: 'AT', radiusKm: 50, lat: 48.2082, lon: 16.3738 },
      },
      device: { browser: 'Chrome 131', os: 'Windows 10', type: 'desktop' },
      session: { uid: 'trs-101' },
    });
    expect(event.target).toBeUndefined();
  });
  it('that fails says which kind of failure, and names no session', () => {
    expect(events[1]).toMatchObject({ outcome: 'failure', auth: { step: 'primary', failure: 'bad_password' } });
    expect(events[2]).toMatchObject({ outcome: 'failure', auth: { failure: 'unknown_user' }, actor: { name: 'nobody@example.com' } });
    expect(events[2]?.actor?.id).toBeUndefined();
    expect(events[2]?.session).toBeUndefined();
  });
  it.each([
    ['SUCCESS', 'success'],
    ['ALLOW', 'success'],
    ['FAILURE', 'failure'],
    ['DENY', 'failure'],
    ['CHALLENGE', 'failure'],
    ['SKIPPED', 'failure'],
    ['UNKNOWN', 'success'],
  ])('with result %s is a %s', (result, outcome) => {
    expect(eventOf(okta.parse(log({ outcome: { result } }))).outcome).toBe(outcome);
  });
  it('of unknown result follows the name of the event', () => {
    expect(eventOf(okta.parse(log({ outcome: null, eventType: 'app.ldap.password.change.failed' }))).outcome).toBe('failure');
    expect(eventOf(okta.parse(log({ outcome: { result: 'UNKNOWN' }, legacyEventType: 'core.user_auth.login_failed' }))).outcome).toBe(
      'failure',
    );
  });
  it('takes the first hop of the chain when the client has no address', () => {
    const event = eventOf(
      okta.parse(log({ client: { ipAddress: 'null' }, request: { ipChain: [{ ip: '203.0.113.9' }, { ip: '198.51.100.1' }] } })),
    );
    expect(event.src?.ip).toBe('203.0.113.9');
  });
  it('through a named tunnel or a proxy is from a VPN', () => {
    expect(eventOf(okta.parse(log({ securityContext: { isProxy: true } }))).src?.networkKind).toBe('vpn');
    const tunnels = '[{"anonymous":true,"operator":"ANY","type":"TOR"}]';
    expect(eventOf(okta.parse(log({ debugContext: { debugData: { tunnels } } }))).src?.networkKind).toBe('tor');
  });
  it('with a policy that asks for one more factor is interrupted, not refused', () => {
    expect(events.filter(({ code }) => code === 'policy.evaluate_sign_on').map(({ outcome, auth }) => [outcome, auth?.failure])).toEqual([
      ['success', undefined],
      ['failure', 'interrupted'],
      ['failure', 'policy'],
    ]);
  });
});

describe('okta ThreatInsight', () => {
  it('names an address and no account', () => {
    expect(of('security.threat.detected').actor).toBeUndefined();
    expect(of('security.threat.detected')).toMatchObject({ outcome: 'failure', activity: 'preauth', vendorRisk: { level: 'high' } });
  });
});

describe('okta factors', () => {
  it('that are approved are a second step with their method and risk', () => {
    expect(of('user.authentication.auth_via_mfa', { outcome: 'success' })).toMatchObject({
      auth: { method: 'push', mfa: true, step: 'second_factor', factorResult: 'approved' },
      vendorRisk: { level: 'medium', detections: ['New Device', 'Anomalous Device'] },
      device: { id: 'fp-anna-1' },
    });
  });
  it('come from the device of the whole session: its token, not the fingerprint of the sign-in page alone', () => {
    const signIn = eventOf(okta.parse(log({ debugContext: { debugData: { deviceFingerprint: 'fp-1', dtHash: 'dt-1' } } })));
    const factor = eventOf(
      okta.parse(log({ eventType: 'user.authentication.auth_via_mfa', debugContext: { debugData: { dtHash: 'dt-1' } } })),
    );
    expect([signIn.device?.id, factor.device?.id]).toEqual(['dt-1', 'dt-1']);
  });
  it('that are rejected are denied, whichever event says so', () => {
    for (const code of ['user.authentication.auth_via_mfa', 'user.mfa.okta_verify.deny_push']) {
      expect(of(code, { outcome: 'failure' }).auth).toMatchObject({ method: 'push', factorResult: 'denied', failure: 'bad_factor' });
    }
  });
  it('that nobody answers time out', () => {
    const event = eventOf(
      okta.parse(
        log({
          eventType: 'user.authentication.auth_via_mfa',
          outcome: { result: 'FAILURE' },
          debugContext: { debugData: { factor: 'OKTA_VERIFY_PUSH', pushOnlyResponseType: 'OV_WITHOUT_RESPONSE' } },
        }),
      ),
    );
    expect(event.auth?.factorResult).toBe('timeout');
  });
  it('that are pushed are a challenge and no sign-in', () => {
    expect(of('system.push.send_factor_verify_push')).toMatchObject({
      activity: 'preauth',
      auth: { factorResult: 'challenged', method: 'push' },
    });
  });
  it('named password are the primary step', () => {
    const event = eventOf(
      okta.parse(log({ eventType: 'user.authentication.auth_via_mfa', debugContext: { debugData: { factor: 'PASSWORD_AS_FACTOR' } } })),
    );
    expect(event.auth).toMatchObject({ method: 'password', step: 'primary', mfa: false });
  });
  it('never make a rejected push a success, whatever the record says', () => {
    expect(eventOf(okta.parse(log({ eventType: 'user.mfa.okta_verify.deny_push' }))).outcome).toBe('failure');
  });
});

describe('okta grants', () => {
  it.each([
    ['group.user_membership.add', 'granted', 'okta:group:Finance Approvers', '00gfinanceapprovers', false],
    ['group.user_membership.remove', 'revoked', 'okta:group:Finance Approvers', '00gfinanceapprovers', false],
    ['user.account.privilege.grant', 'granted', 'okta:role:Super administrator', undefined, false],
    ['user.account.privilege.revoke', 'revoked', 'okta:role:Super administrator', undefined, false],
    ['application.user_membership.add', 'granted', 'okta:app:Payroll', '0oapayroll', false],
    ['application.user_membership.remove', 'revoked', 'okta:app:Payroll', '0oapayroll', false],
    ['access.request.create', 'requested', 'okta:group:Production DBA', '00gproductiondba', true],
    ['access.request.resolve', 'approved', 'okta:group:Production DBA', '00gproductiondba', true],
    ['access.request.reject', 'denied', 'okta:app:Payroll', '0oapayroll', true],
    ['app.access_request.expire', 'expired', 'okta:app:Payroll', '0oapayroll', false],
  ])('%s: %s %s', (code, change, entitlement, entitlementId, jit) => {
    expect(of(code).privilege).toMatchObject({ change, entitlement, jit });
    expect(of(code).privilege?.entitlementId).toBe(entitlementId);
  });
  it('name who asked, who approved, and until when', () => {
    expect(of('access.request.create').privilege).toMatchObject({ requestId: 'req-77', requester: 'anna.berg@example.com' });
    expect(of('access.request.resolve').privilege).toMatchObject({
      requestId: 'req-77',
      requester: 'anna.berg@example.com',
      approver: 'ada.admin@example.com',
      endsAt: Date.parse('2026-01-05T17:00:00.000Z'),
    });
  });
  it('to a group concern no account: there is a resource and no privilege', () => {
    expect(of('group.privilege.grant').privilege).toBeUndefined();
    expect(of('group.privilege.grant').resource).toMatchObject({ kind: 'role', name: 'Help Desk administrator' });
    expect(of('group.application_assignment.add').privilege).toBeUndefined();
  });
  it('keep actor and target apart', () => {
    expect(of('group.user_membership.add')).toMatchObject({
      actor: { name: 'ada.admin@example.com' },
      target: { name: 'bob@example.com', id: '00ubob0001' },
    });
    expect(of('user.account.lock').target).toBeUndefined();
  });
});

describe('okta privileged access', () => {
  it('names the vaulted account as name@host', () => {
    expect(of('pam.resource.checkout').credential).toEqual({ act: 'checked_out', account: 'root@db1.example.com', secretId: 'acc-1' });
    expect(of('pam.secret.reveal').credential).toEqual({
      act: 'checked_out',
      account: 'stripe-live-key',
      vault: 'payments',
      secretId: 'sec-1',
    });
    expect(of('pam.server.ssh_login')).toMatchObject({
      class: 'authentication',
      credential: { act: 'session_opened', account: 'anna@db1.example.com' },
      session: { kind: 'privileged' },
      resource: { kind: 'host', host: 'db1.example.com' },
    });
  });
});

describe('okta privileged access as workloads use it', () => {
  it('names the host by the names that credentials were issued for, and no team', () => {
    const record = log({
      eventType: 'pam.user_creds.issue',
      actor: { id: 'opa://example/ci', type: 'WorkloadPrincipal', alternateId: null, displayName: 'opa://example/ci' },
      debugContext: { debugData: { serverHostnames: 'Web1.example.com, web2.example.com' } },
      target: [{ id: 't-1', type: 'Team', alternateId: 't-1', displayName: 'example' }],
    });
    expect(eventOf(okta.parse(record))).toMatchObject({
      actor: { kind: 'service', name: 'opa://example/ci' },
      resource: { kind: 'host', name: 'Web1.example.com', host: 'web1.example.com' },
    });
  });
  it('that defers a rotation has changed no credential yet', () => {
    const record = log({
      eventType: 'pam.service_account.password_rotation.end',
      outcome: { result: 'DEFERRED' },
      target: [{ id: 'a-1', type: 'Service Account', alternateId: 'a-1', displayName: 'svc-backup' }],
    });
    expect(eventOf(okta.parse(record)).credential).toBeUndefined();
  });
});

describe('okta types whose names alone would mislead', () => {
  it.each([
    ['user.account.update_profile', 'account_change', 'other', 'success'],
    ['user.account.use_token', 'authentication', 'preauth', 'failure'],
    ['app.office365.api.error.create.user', 'account_change', 'create', 'failure'],
    ['app.office365.api.error.group.delete.failure', 'group_management', 'delete', 'failure'],
    ['application.provision.group_push.mapping.created', 'group_management', 'update', 'success'],
    ['application.provision.group_membership.update', 'group_management', 'update', 'success'],
    ['iam.role.permissions.add', 'entity_management', 'update', 'success'],
    ['security.device.remove_request_blacklist_policy', 'entity_management', 'delete', 'success'],
    ['certification.campaign.item.remediate', 'user_access', 'revoke_privileges', 'success'],
    ['device.local_account.create', 'account_change', 'create', 'success'],
    ['pam.server_account.update', 'account_change', 'other', 'success'],
    ['analytics.feedback.provide', 'entity_management', 'other', 'success'],
  ])('%s is %s %s, a %s', (eventType, eventClass, activity, outcome) => {
    expect(eventOf(okta.parse(log({ eventType })))).toMatchObject({ class: eventClass, activity, outcome });
  });
  it('keep the resource kind of a rule', () => {
    const target = [{ id: 'aut1', type: 'AuthenticatorInstance', alternateId: 'unknown', displayName: 'Phone' }];
    const event = eventOf(okta.parse(log({ eventType: 'security.authenticator.lifecycle.deactivate', target })));
    expect(event.resource).toMatchObject({ kind: 'policy', name: 'Phone' });
  });
  it('give an account back when its check-in begins', () => {
    const target = [
      { id: 'acc-1', type: 'ServerAccount', displayName: 'root' },
      { id: 'srv-1', type: 'Server', displayName: 'db1.example.com' },
    ];
    const event = eventOf(okta.parse(log({ eventType: 'pam.resource.checkin.start', target })));
    expect(event.credential).toMatchObject({ act: 'checked_in', account: 'root@db1.example.com' });
  });
});

describe('okta records as collectors send them', () => {
  it('are read from JSON in text and from syslog', () => {
    const record = log({});
    for (const wrapped of [{ message: JSON.stringify(record) }, { event: record }, { json: record }, { detail: record }]) {
      expect(okta.unwrap(wrapped).map((one) => eventOf(okta.parse(one)).nativeId)).toEqual(['u-1']);
    }
    const line = `<14>1 2026-01-05T09:00:01Z collector okta - - - ${JSON.stringify(record)}`;
    expect(parsePayload(okta, Buffer.from(line)).map((one) => eventOf(one).nativeId)).toEqual(['u-1']);
    expect(parsePayload(okta, Buffer.from('no event at all'))[0]?.kind).toBe('rejected');
  });
  it('that only verify a hook are ignored', () => {
    expect(okta.parse({ verification: 'challenge-text' })).toEqual({ kind: 'ignored', reason: 'verification' });
    expect(OKTA_IGNORED).toContain('verification');
  });
});

describe('okta records that are no events of ours', () => {
  it.each([
    ['system.org.rate_limit.warning', 'rate_limit'],
    ['system.email.delivery', 'message_delivery'],
    ['system.agent.ad.connect', 'agent_health'],
    ['system.theme.update', 'appearance'],
    ['system.import.download.start', 'sync_progress'],
    ['inline_hook.executed', 'background_job'],
  ])('%s is ignored: %s', (eventType, reason) => {
    expect(okta.parse(log({ eventType }))).toEqual({ kind: 'ignored', reason });
    expect(OKTA_IGNORED).toContain(reason);
  });
  it('a type that Okta has not invented yet is kept', () => {
    expect(of('user.quantum_passkey.teleport').class).toBe('api_activity');
    expect(eventOf(okta.parse(log({ eventType: 'vault.keyring.delete' })))).toMatchObject({
      class: 'entity_management',
      activity: 'delete',
    });
  });
  it.each([
    [null, 'not_an_object'],
    [[], 'not_an_object'],
    [{}, 'unknown_shape'],
    [{ eventType: 'com.okta.event_hook' }, 'unknown_shape'],
    [{ eventType: 'user.session.start', published: 'yesterday' }, 'bad_time'],
  ])('%j is rejected: %s', (record, code) => {
    expect(okta.parse(record)).toMatchObject({ kind: 'rejected', code });
  });
  it('never throws and always gives a valid answer, whatever the JSON', () => {
    const hostile = fc.constantFrom<unknown>('constructor', '__proto__', 'toString', ['constructor'], { constructor: 'constructor' });
    const base = fc.constantFrom(...records.map(object));
    const broken = fc.tuple(
      base,
      fc.dictionary(
        fc.constantFrom(
          'actor',
          'target',
          'client',
          'outcome',
          'debugContext',
          'securityContext',
          'request',
          'device',
          'authenticationContext',
          'uuid',
          'transaction',
        ),
        fc.oneof(fc.jsonValue(), hostile),
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          broken.map(([record, more]) => ({ ...record, ...more })),
        ),
        (record) => {
          for (const one of okta.unwrap(record)) {
            const result = okta.parse(one);
            if (result.kind === 'kept') AccessEvent.parse(result.event);
            expect(okta.parse(structuredClone(one))).toEqual(result);
          }
        },
      ),
      { numRuns: 500, seed: 20_260_105 },
    );
  });
});
