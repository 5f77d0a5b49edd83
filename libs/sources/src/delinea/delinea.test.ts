import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AccessEvent, type ParseResult } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTIVITIES } from '../ocsf-export/activities.js';
import { parsePayload } from '../payload.js';
import { delinea } from './delinea.js';
import { platformKind } from './platform.js';
import { managedOf, readServerMessage, rightIn } from './server-message.js';
import { serverMeaning } from './server-operations.js';

const NOW = Date.UTC(2026, 0, 6);
const read = (name: string): Buffer => readFileSync(resolve(import.meta.dirname, 'samples', name));
const results = (name: string): readonly ParseResult[] => parsePayload(delinea, read(name), { now: NOW });
const eventsOf = (name: string): readonly AccessEvent[] => results(name).flatMap((one) => (one.kind === 'kept' ? [one.event] : []));
const FILES = ['lines.log', 'platform.ndjson', 'privilege-manager.log'];
const lines = eventsOf('lines.log');
const platform = eventsOf('platform.ndjson');
const coded = (events: readonly AccessEvent[], code: string, nth = 0): AccessEvent => events.filter((one) => one.code === code)[nth]!;
const parsed = (value: unknown): ParseResult => parsePayload(delinea, Buffer.from(JSON.stringify(value)), { now: NOW })[0]!;
const root = 'root@db1.example.com';

describe('Delinea samples', () => {
  it('are each a valid event with a word of its class, the same each time, or ignored for a reason', () => {
    const uids: string[] = [];
    for (const file of FILES) {
      for (const result of results(file)) {
        expect(result.kind, JSON.stringify(result)).not.toBe('rejected');
        if (result.kind !== 'kept') continue;
        expect(AccessEvent.parse(result.event)).toEqual(result.event);
        expect(Object.keys(ACTIVITIES[result.event.class])).toContain(result.event.activity);
        uids.push(result.event.uid);
      }
      expect(results(file)).toEqual(results(file));
    }
    expect(new Set(uids).size).toBe(uids.length);
  });
  it('of a failed login keep account and address, which stand behind the message without suid', () => {
    const line =
      'Jan  5 09:00:00 ss1 CEF:0|Thycotic Software|Secret Server|10.7|10|USER - LOGINFAILURE|4|msg=[[SecretServer]] Event: [User] Action: [LoginFailure] ' +
      'By User: x src=192.0.2.1 Item Name: x (Item Id: 7) duser=CORP\\boris src=203.0.113.4 rt=Jan 05 2026 09:00:00';
    const [result] = parsePayload(delinea, Buffer.from(line), { now: Date.UTC(2026, 0, 6) });
    expect(result).toMatchObject({ event: { outcome: 'failure', actor: { name: 'corp\\boris' }, src: { ip: '203.0.113.4' } } });
  });
  it('of the engine itself are ignored, before it has an id too', () => {
    const line = { time: '2026-01-05T09:00:00Z', level: 'INFO', msg: 'clientmgr start', version: 'v1.0.0', build: '20260101' };
    expect(delinea.parse(line)).toEqual({ kind: 'ignored', reason: 'engine_log' });
    expect(delinea.parse({ msg: 'anna logged in' })).toMatchObject({ kind: 'rejected' });
  });
  it('that say nothing about access are ignored', () => {
    const reasons = FILES.flatMap((file) => results(file).flatMap((one) => (one.kind === 'ignored' ? [one.reason] : [])));
    expect(reasons).toEqual(['reminder', 'system_log', 'component_task', 'engine_log', 'file_inventory']);
  });
});

describe('Privilege Manager', () => {
  it('says whose local password was shown to whom, which program ran, and which policy was changed', () => {
    expect(results('privilege-manager.log')).toMatchObject([
      {
        event: {
          nativeId: '9',
          time: Date.UTC(2026, 0, 5, 21, 8, 58),
          actor: { name: 'example\\anna', id: 'a0000001-0000-4000-8000-000000000001' },
          src: { ip: '192.0.2.10' },
          credential: { act: 'checked_out', account: 'administrator@lap-carla', secretId: 'b0000002-0000-4000-8000-000000000002' },
        },
      },
      { event: { nativeId: '10', actor: { name: 'a0000001-0000-4000-8000-000000000001' }, credential: { account: 'administrator' } } },
      { event: { nativeId: '201', class: 'process_activity', command: 'C:\\Windows\\System32\\rundll32.exe', actor: { name: 'carla' } } },
      { kind: 'ignored', reason: 'file_inventory' },
      {
        event: {
          code: 'ChangeHistory_CreateFromTemplate',
          activity: 'create',
          resource: { kind: 'policy' },
          time: Date.UTC(2026, 0, 5, 9, 30),
        },
      },
    ]);
    const bare = 'CEF:0|Thycotic|Local Security Solution|8|1|Password Disclosure Events|5|externalId=9 EventOccuredOnServer=soon User=anna';
    expect(parsePayload(delinea, Buffer.from(bare), { now: Date.UTC(2026, 0, 6) })).toMatchObject([{ code: 'bad_time' }]);
  });
});

describe('Secret Server', () => {
  it('says who logged in from where; a failed login is one, under the name that was tried', () => {
    expect(coded(lines, 'USER:LOGIN')).toMatchObject({
      time: Date.UTC(2026, 0, 5, 9),
      class: 'authentication',
      outcome: 'success',
      actor: { name: 'anna.berg', displayName: 'Anna Berg', id: '7' },
      src: { ip: '192.0.2.10' },
    });
    expect(coded(lines, 'USER:LOGINFAILURE')).toMatchObject({
      outcome: 'failure',
      actor: { name: 'boris' },
      auth: { failure: 'bad_password' },
    });
    expect(coded(lines, 'USER:LOCKOUT')).toMatchObject({ activity: 'lock', actor: { kind: 'system' }, target: { name: 'boris' } });
  });
  it('gives credentials, sessions and their end, and approvals', () => {
    for (const code of ['SECRET:VIEW', 'SECRET:PASSWORD_DISPLAYED', 'SECRET:CHECKOUT'])
      expect(coded(lines, code)).toMatchObject({ credential: { act: 'checked_out', account: root, vault: 'Linux', secretId: '12' } });
    expect(coded(lines, 'SECRET:CHECKOUT').ticket).toBe('CHG0040001');
    expect(coded(lines, 'SECRET:CHECKIN')).toMatchObject({ credential: { act: 'checked_in', account: root } });
    expect(coded(lines, 'SECRET:LAUNCH')).toMatchObject({
      credential: { act: 'session_opened', account: root },
      auth: { step: 'session', protocol: 'rdp' },
    });
    expect(coded(lines, 'SECRET:ACCESS_APPROVED')).toMatchObject({ privilege: { change: 'approved', approver: 'boris', jit: true } });
    expect(coded(lines, 'SECRET:ACCESS_DENIED')).toMatchObject({ outcome: 'failure', privilege: { change: 'denied' } });
    expect(coded(lines, 'SECRET:HEARTBEATFAILURE')).toMatchObject({ outcome: 'failure' });
  });
  it('gives rights to whom it names, and no right where it names nobody', () => {
    expect(coded(lines, 'USER:ADDEDTOGROUP')).toMatchObject({
      activity: 'add_user',
      target: { name: 'carla' },
      privilege: { change: 'granted', entitlement: 'delinea:group:Vault Admins', jit: false },
    });
    expect(coded(lines, 'ROLE:ASSIGNUSERORGROUP')).toMatchObject({
      activity: 'assign_role',
      target: { name: 'carla' },
      privilege: { entitlement: 'delinea:role:Administrator' },
    });
    expect(coded(lines, 'SECRET:EDIT')).toMatchObject({ target: { name: 'carla example' }, privilege: { change: 'granted' } });
    expect(coded(lines, 'UNLIMITEDADMIN:ENABLE')).toMatchObject({ privilege: { entitlement: 'delinea:role:Unlimited Admin' } });
    expect(coded(lines, 'ROLEPERMISSION:ADDEDTOROLE').privilege).toBeUndefined();
  });
  it('reads values that escape nothing: details are never taken for fields', () => {
    const edit = coded(lines, 'SECRET:EDIT', 1);
    expect(edit).toMatchObject({ src: { ip: '192.0.2.10' }, actor: { name: 'anna.berg', id: '7' } });
    expect(edit.detail).toBe('note: a=b, src=203.0.113.9 and c|d suid=99 are text, not fields');
    expect(coded(lines, 'SECRET:VIEW', 1)).toMatchObject({
      actor: { name: 'example.com\\anna' },
      resource: { name: 'Anna Personal Admin - example\\adm-anna' },
    });
  });
  it('knows names in all their spellings, and puts unknown ones with their family', () => {
    expect(serverMeaning('SECRET', 'PASSWORD DISPLAYED')).toEqual(serverMeaning('Secret', 'Password_Displayed'));
    expect(serverMeaning('USER', 'LOGIN FAILURE')).toEqual({ kind: 'logon', failed: true });
    expect(serverMeaning('SECRET', 'PASSWORD CHANGE MAX ATTEMPTS REACHED')).toEqual({ kind: 'secret_change', failed: true });
    expect(serverMeaning('USER', 'UNLOCK FAILURE')).toEqual({ kind: 'user_unlock', failed: true });
    expect(serverMeaning('USER', 'HELP DESK RESET UPDATE SUCCESS')).toEqual({ kind: 'user_password_reset', failed: false });
    expect(serverMeaning('IPADDRESSRANGE', 'DELETE')).toEqual({ kind: 'object_delete', failed: false });
    expect(serverMeaning('SOMETHING', 'NEW')).toEqual({ kind: 'object_other', failed: false });
    expect(serverMeaning('SECRET', 'EXPIRES1DAY')).toEqual({ ignore: 'reminder' });
  });
  it('takes a message apart by its marks', () => {
    expect(
      readServerMessage(
        '[[SecretServer]] Event: [Secret] Action: [View] By User: A B Item Name: x (y) - z (Item Id: 12) Container Name: c (Container Id: 3) Details:  d Item Name: no',
      ),
    ).toEqual({
      object: 'Secret',
      verb: 'View',
      byUser: 'A B',
      item: 'x (y) - z',
      itemId: '12',
      container: 'c',
      containerId: '3',
      details: 'd Item Name: no',
    });
    expect(managedOf('Account Name: adm Target Server: DB1', 's', '1', undefined)).toMatchObject({ account: 'adm@db1' });
    expect(rightIn('Carla (Revoked View, Granted List)')).toEqual({ who: 'Carla', granted: true });
    expect(rightIn('Settings: (Inherit Secret Policy)')).toBeUndefined();
  });
});

describe('Delinea Platform', () => {
  it('keeps its id, its name of the event, the person and the client', () => {
    expect(coded(platform, 'Delinea.Identity.AuthSession.SessionStart')).toMatchObject({
      nativeId: '5f0c1a52-0000-4000-8000-000000000001',
      activity: 'logon',
      actor: { name: 'anna.berg@example.com', id: '3333' },
      src: { ip: '192.0.2.10' },
      device: { browser: 'Chrome 126' },
      session: { uid: 's-1' },
      auth: { mfa: true },
    });
    expect(coded(platform, 'Delinea.Identity.Login.Failed').outcome).toBe('failure');
  });
  it('gives check-outs, launches and memberships', () => {
    expect(coded(platform, 'Delinea.Vault.Secret.CheckedOut')).toMatchObject({ credential: { act: 'checked_out', account: root } });
    expect(coded(platform, 'Delinea.Vault.Secret.CheckedIn')).toMatchObject({ credential: { act: 'checked_in', account: root } });
    expect(coded(platform, 'Delinea.RAS.Session.Secret.Launched')).toMatchObject({
      credential: { act: 'session_opened', account: root },
      session: { uid: 'r-2', kind: 'privileged' },
      auth: { protocol: 'ssh' },
    });
    expect(coded(platform, 'Delinea.Identity.Group.MemberAdded')).toMatchObject({
      privilege: { entitlement: 'delinea:group:Vault Admins' },
    });
    expect(coded(platform, 'Delinea.Identity.Mfa.FactorEnrolled')).toMatchObject({ activity: 'mfa_factor_enable' });
    expect(platformKind('Delinea.Next.Year.Happened')).toEqual({ kind: 'object_other', failed: false });
  });
  it('reads Secret Server in other JSON, and CEF that a collector decoded', () => {
    expect(coded(platform, 'SECRET:PASSWORD_DISPLAYED')).toMatchObject({ nativeId: '991', credential: { account: root } });
    expect(coded(platform, 'SECRET:VIEW')).toMatchObject({ actor: { name: 'anna' }, src: { ip: '192.0.2.10' } });
    expect(coded(platform, 'USER:LOGIN')).toMatchObject({ time: Date.UTC(2026, 0, 5, 16, 3) });
  });
});

describe('Server Suite and Privilege Manager', () => {
  it('give logins, elevated commands and factors', () => {
    expect(coded(lines, 'PAM authentication granted')).toMatchObject({
      activity: 'logon',
      actor: { name: 'anna@example.com' },
      src: { ip: '192.0.2.10' },
    });
    expect(coded(lines, 'PAM authentication denied').outcome).toBe('failure');
    expect(coded(lines, 'dzdo granted')).toMatchObject({
      class: 'process_activity',
      command: '/usr/bin/systemctl restart x',
      target: { name: 'root@db1' },
    });
    expect(coded(lines, 'MFA challenge failed')).toMatchObject({
      outcome: 'failure',
      auth: { step: 'second_factor', failure: 'bad_factor' },
    });
    expect(coded(lines, 'PAM close session granted')).toMatchObject({ activity: 'logoff', actor: { name: 'root@db1' } });
    expect(coded(lines, 'Application Justified')).toMatchObject({ command: 'C:\\Windows\\System32\\mmc.exe' });
  });
});

describe('Delinea records', () => {
  it('of a shipper, in a list and from a webhook are read', () => {
    const [line = ''] = read('lines.log').toString('utf8').split('\n');
    expect(parsed({ '@timestamp': '2026-01-05T09:00:01Z', event: { original: line } })).toMatchObject({ event: { code: 'USER:LOGIN' } });
    const [first = ''] = read('platform.ndjson').toString('utf8').split('\n');
    expect(parsed({ data: [JSON.parse(first)] })).toMatchObject({ event: { nativeId: '5f0c1a52-0000-4000-8000-000000000001' } });
    expect(parsed({ message: first })).toMatchObject({ event: { nativeId: '5f0c1a52-0000-4000-8000-000000000001' } });
  });
  it('without time, and of another vendor, are rejected', () => {
    expect(
      parsePayload(delinea, Buffer.from('CEF:0|Thycotic Software|Secret Server|11|16|USER - LOGIN|2|msg=x suser=a'), { now: NOW }),
    ).toMatchObject([{ code: 'bad_time' }]);
    expect(
      parsePayload(delinea, Buffer.from('<14>Jan  5 09:00:00 h CEF:0|Other|X|1|16|USER - LOGIN|2|suser=a'), { now: NOW }),
    ).toMatchObject([{ code: 'unknown_shape' }]);
    expect(parsed({ eventMessageId: 'x', eventType: { name: 'y' } })).toMatchObject({ code: 'bad_time' });
    expect(parsed({ hello: 1 })).toMatchObject({ code: 'unknown_shape' });
  });
  const samples = FILES.flatMap((file) => read(file).toString('utf8').split('\n')).filter((line) => line !== '');
  it('never make it throw, whatever their members are', () => {
    const records = samples.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []));
    const keys = fc.constantFrom(
      'notes',
      'actor',
      'target',
      'source',
      'eventType',
      'cef',
      'message',
      'additionalAttributes',
      'keyward_cef',
      'keyward_audit_trail',
    );
    fc.assert(
      fc.property(fc.constantFrom(...records), fc.dictionary(keys, fc.jsonValue()), (record, changed) => {
        for (const one of delinea.unwrap({ ...record, ...changed }))
          expect(['kept', 'ignored', 'rejected']).toContain(delinea.parse(one, NOW).kind);
      }),
      { numRuns: 500 },
    );
  });
  it('without a name go by their number, and are rejected without either', () => {
    const row = { DeviceVendor: 'Thycotic Software', DeviceProduct: 'Secret Server', TimeGenerated: '2026-01-05T10:00:00Z' };
    expect(parsed({ ...row, DeviceEventClassID: '16', Activity: null })).toMatchObject({ kind: 'kept', event: { code: '16' } });
    expect(parsed(row)).toMatchObject({ code: 'schema_mismatch' });
    expect(parsed({ eventMessageId: 'm', eventDateTime: '2026-01-05T10:00:00Z' })).toMatchObject({ code: 'schema_mismatch' });
  });
  it('that were cut or mixed never make it throw', () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.constantFrom(...samples), fc.nat(), fc.nat(), (a, b, from, to) => {
        const line = a.slice(0, from % (a.length + 1)) + b.slice(to % (b.length + 1));
        for (const result of parsePayload(delinea, Buffer.from(line), { now: NOW }))
          expect(result).not.toMatchObject({ code: 'parser_bug' });
      }),
      { numRuns: 500 },
    );
  });
});
