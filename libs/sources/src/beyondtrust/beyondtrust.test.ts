import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AccessEvent, type ParseResult } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTIVITIES } from '../ocsf-export/activities.js';
import { parsePayload } from '../payload.js';
import { beyondtrust } from './beyondtrust.js';
import { insightInstant } from './insight-fields.js';
import { insightKind } from './insight-operations.js';
import { remoteKind } from './remote-events.js';
import { managedIn } from './target.js';

const NOW = Date.UTC(2026, 0, 6);
const read = (name: string): Buffer => readFileSync(resolve(import.meta.dirname, 'samples', name));
const results = (name: string): readonly ParseResult[] => parsePayload(beyondtrust, read(name), { now: NOW });
const eventsOf = (name: string): readonly AccessEvent[] => results(name).flatMap((one) => (one.kind === 'kept' ? [one.event] : []));
const FILES = ['insight.ndjson', 'remote.log', 'remote.ndjson', 'lines.txt', 'description.txt', 'endpoint.txt', 'report.xml'];
const insight = eventsOf('insight.ndjson');
const remote = eventsOf('remote.log');
const reports = eventsOf('remote.ndjson');
const lines = eventsOf('lines.txt');
const coded = (events: readonly AccessEvent[], code: string, nth = 0): AccessEvent => events.filter((one) => one.code === code)[nth]!;
const parsed = (value: unknown): ParseResult => parsePayload(beyondtrust, Buffer.from(JSON.stringify(value)), { now: NOW })[0]!;

describe('BeyondTrust samples', () => {
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
});

describe('Password Safe', () => {
  const root = 'root@db1.example.com';
  it('becomes requests by their id: asked, approved by another, denied, expired; given back', () => {
    const request = 'Release Request';
    expect(coded(insight, `${request}:Add`)).toMatchObject({
      nativeId: '901',
      time: Date.UTC(2026, 0, 5, 9),
      actor: { name: 'anna.berg@example.com' },
      src: { ip: '192.0.2.10' },
      privilege: {
        change: 'requested',
        entitlement: `beyondtrust:account:${root}`,
        jit: true,
        requestId: '7',
        requester: 'anna.berg@example.com',
      },
    });
    expect(coded(insight, `${request}:Approve`)).toMatchObject({
      privilege: { change: 'approved', requestId: '7', approver: 'boris@example.com' },
      ticket: 'CHG0040001',
    });
    expect(coded(insight, `${request}:Deny`)).toMatchObject({ outcome: 'success', privilege: { change: 'denied' } });
    expect(coded(insight, `${request}:Expire`)).toMatchObject({ actor: { kind: 'system' }, privilege: { change: 'expired' } });
    expect(coded(insight, `${request}:CheckIn`)).toMatchObject({
      credential: { act: 'checked_in', account: root },
      privilege: { change: 'revoked', requestId: '7' },
    });
  });
  it('gives credentials and sessions, and nothing when it failed', () => {
    expect(coded(insight, 'Password:Retrieve')).toMatchObject({
      credential: { act: 'checked_out', account: root },
      target: { name: root },
    });
    expect(coded(insight, 'Password:Retrieve', 1)).toMatchObject({ outcome: 'failure', target: { name: 'app@db1.example.com' } });
    expect(coded(insight, 'Password:Retrieve', 1).credential).toBeUndefined();
    expect(coded(insight, 'Session:Add')).toMatchObject({
      class: 'authentication',
      activity: 'logon',
      session: { uid: '135', kind: 'privileged' },
      credential: { act: 'session_opened', account: root },
      auth: { protocol: 'ssh', step: 'session' },
    });
    expect(coded(insight, 'Session:Terminate')).toMatchObject({ activity: 'logoff', credential: { act: 'session_closed' } });
    expect(coded(insight, 'Managed:Change')).toMatchObject({ outcome: 'failure', nativeId: '901' });
    expect(coded(insight, 'Managed:Change', 1)).toMatchObject({ outcome: 'success', credential: { act: 'changed', account: 'root' } });
  });
  it('says who logged in, and that a failed login is one', () => {
    expect(coded(insight, 'Login Failure:Login')).toMatchObject({
      class: 'authentication',
      outcome: 'failure',
      actor: { name: 'corp\\boris' },
      src: { ip: '192.0.2.11' },
      auth: { failure: 'bad_password' },
    });
    expect(coded(insight, 'PMM API SignAppIn:Login')).toMatchObject({ nativeId: '71', activity: 'logon', auth: { interactive: false } });
    expect(coded(insight, 'Logout:Logout')).toMatchObject({ activity: 'logoff' });
  });
  it('never takes the severity for the outcome', () => {
    for (const severity of ['0', '1', '10'])
      expect(
        parsed({
          vendor: 'BeyondTrust',
          severity,
          eventdate: 'Jan 05 2026 09:00:00',
          nvps: { operation: 'Retrieve', objecttype: 'Password', logid: '1', eventseverity: severity },
        }),
      ).toMatchObject({ event: { outcome: 'success' } });
  });
  it('reads its names of things and operations', () => {
    expect(insightKind('Release Request', 'Check In')).toBe('request_check_in');
    expect(insightKind('PMM Managed Account', 'Read')).toBe('secret_read');
    expect(insightKind('SecretsSafeSecret', 'Read')).toBe('secret_retrieve');
    expect(insightKind('SecretsSafeFolder', 'Add')).toBe('object_create');
    expect(insightKind('User', 'Delete')).toBe('user_delete');
    expect(insightKind('Smart Rule', 'Edit')).toBe('object_update');
    expect(insightKind('Something new', 'Frobnicate')).toBe('object_other');
  });
  it('reads targets and times in all their spellings', () => {
    expect(managedIn('Asset:Core FW Account:admin', undefined)).toMatchObject({ account: 'admin@core fw' });
    expect(managedIn('Domain:example.com MAccount:svc', undefined)).toMatchObject({ account: 'svc@example.com' });
    expect(managedIn('nothing of the kind', undefined)).toBeUndefined();
    expect(insightInstant('6/24/2025 5:07:09 PM')).toBe(Date.UTC(2025, 5, 24, 17, 7, 9));
    expect(insightInstant('12/1/2025 12:00:00 AM')).toBe(Date.UTC(2025, 11, 1));
    expect(insightInstant('Jun 24 2025 05:07:09 PM')).toBe(Date.UTC(2025, 5, 24, 17, 7, 9));
    expect(insightInstant('soon')).toBeUndefined();
  });
});

describe('Privileged Remote Access', () => {
  it('says who logged in from where and by what, and never makes a failure a success', () => {
    expect(coded(remote, 'login')).toMatchObject({
      time: 1_767_603_600_000,
      outcome: 'success',
      actor: { name: 'anna.berg@example.com', displayName: 'Anna Berg' },
      src: { ip: '192.0.2.10' },
      auth: { method: 'federated', application: 'web/login' },
    });
    expect(coded(remote, 'login', 1)).toMatchObject({ outcome: 'failure', actor: { name: 'boris' }, auth: { method: 'password' } });
    expect(remote.filter((one) => one.code === 'logout')).toHaveLength(2);
  });
  it('reads escapes, memberships, factors and vault accounts', () => {
    expect(coded(remote, 'user_added')).toMatchObject({ activity: 'create', target: { name: 'carla;x' } });
    expect(coded(remote, 'group_policy_member_added')).toMatchObject({
      target: { name: 'carla' },
      privilege: { change: 'granted', entitlement: 'beyondtrust:group:Admins' },
    });
    expect(coded(remote, 'fido2_credential_added')).toMatchObject({
      activity: 'mfa_factor_enable',
      target: { name: 'anna.berg@example.com' },
    });
    expect(coded(remote, 'vault_account_password_rotation')).toMatchObject({
      credential: { act: 'changed', account: 'root@db1.example.com' },
    });
    expect(remoteKind('jump_group_user_removed')).toBe('member_remove');
    expect(remoteKind('a_thing_of_next_year_changed')).toBe('object_update');
  });
  it('reads no value that a segment cuts off', () => {
    const line =
      'Jan  5 09:01:00 pra1 BG[600]: 1427:01:02:when=1767603660;who=Anna (anna);event=user_changed;old_username=carla;new_disabled=1';
    const [alone] = parsePayload(beyondtrust, Buffer.from(line), { now: Date.UTC(2026, 0, 6) });
    expect(alone).toMatchObject({ event: { activity: 'other', target: { name: 'carla' } } });
    const [whole] = parsePayload(beyondtrust, Buffer.from(line.replace('01:02:', '01:01:')), { now: Date.UTC(2026, 0, 6) });
    expect(whole).toMatchObject({ event: { activity: 'disable' } });
  });
  it('joins the segments of a message, gives every line its result, and reads a first segment alone', () => {
    expect(coded(remote, 'user_changed')).toMatchObject({ activity: 'disable', target: { name: 'carla' } });
    expect(results('remote.log').filter((one) => one.kind === 'ignored')).toEqual(
      [1, 2, 3].map(() => ({ kind: 'ignored', reason: 'continuation' })),
    );
    const first = 'Jan  5 09:01:00 pra1 BG[600]: 1427:01:03:when=1767603660;who=Anna (anna);event=user_added;username=carla;na';
    const other = 'Jan  5 09:01:00 pra1 BG[601]: 1427:01:01:when=1767603661;who=Boris (boris);event=logout';
    const mixed = parsePayload(beyondtrust, Buffer.from(`${first}\n${other}\n`), { now: NOW });
    expect(mixed).toMatchObject([{ event: { code: 'user_added' } }, { event: { code: 'logout' } }]);
  });
  it('gives sessions, their commands and windows, check-out, check-in and injection; talk is ignored', () => {
    expect(coded(reports, 'Session Start')).toMatchObject({
      actor: { name: 'anna berg' },
      src: { ip: '192.0.2.10', port: 56_721 },
      session: { uid: '1f344f8a38d14d15', kind: 'privileged' },
      resource: { kind: 'host', host: 'db1.example.com' },
    });
    expect(coded(reports, 'Remote Shell Event')).toMatchObject({ class: 'process_activity', command: 'sudo su -' });
    expect(coded(reports, 'Session Foreground Window Changed')).toMatchObject({ activity: 'open', command: 'mmc.exe, Services' });
    expect(coded(reports, 'Credential Injection')).toMatchObject({ credential: { act: 'used', account: 'root@db1.example.com' } });
    expect(coded(reports, 'Credential Injection Attempt Failed')).toMatchObject({ outcome: 'failure' });
    expect(coded(reports, 'Credentials Checked In')).toMatchObject({ credential: { act: 'checked_in' } });
    expect(coded(reports, 'Access Request Approved')).toMatchObject({
      privilege: { change: 'approved', requestId: '77', requester: 'anna.berg@example.com', approver: 'boris' },
    });
    expect(coded(reports, 'support_conference_begin')).toMatchObject({ activity: 'logon', session: { uid: 'c1' } });
    expect(results('remote.ndjson').filter((one) => one.kind === 'ignored')).toHaveLength(2);
  });
});

describe('BeyondTrust lines', () => {
  it('in CEF, LEEF, tabs, line feeds, JSON behind a header and as a form say the same', () => {
    expect(lines.map((one) => one.code)).toEqual([
      'Login Failure:Login',
      'Release Request:Approve',
      'Password:Retrieve',
      'Session:Add',
      'Password:Retrieve',
      'Session:Lock',
      'access_session_begin',
    ]);
    expect(lines[0]).toMatchObject({ outcome: 'failure', actor: { name: 'corp\\boris' }, src: { ip: '192.0.2.11' } });
    expect(lines[1]).toMatchObject({
      nativeId: '950',
      privilege: { change: 'approved', entitlement: 'beyondtrust:account:root@db1.example.com' },
    });
    expect(lines[2]).toMatchObject({ credential: { act: 'checked_out', account: 'root@db1.example.com' }, src: { ip: '192.0.2.10' } });
    expect(lines[4]).toMatchObject({ outcome: 'failure', src: { ip: '192.0.2.10' } });
  });
  it('of a shipper are read from its message', () => {
    const [line = ''] = read('remote.log').toString('utf8').split('\n');
    expect(parsed({ '@timestamp': '2026-01-05T09:00:01Z', message: line })).toMatchObject({ event: { code: 'login' } });
    expect(
      parsed({
        event: {
          original: '{"AuditID": 5, "ActionType": "Login", "Section": "Login", "UserName": "anna", "CreateDate": "2026-01-05T09:00:00Z"}',
        },
      }),
    ).toMatchObject({
      event: { code: 'Login:Login', nativeId: '5' },
    });
  });
  it('of a report in XML are read as the events of their session', () => {
    const [start, shell, end] = eventsOf('report.xml');
    expect(start).toMatchObject({
      code: 'Session Start',
      actor: { name: 'anna berg' },
      session: { uid: '5f0c1a52' },
      resource: { host: 'db1.example.com' },
    });
    expect(shell).toMatchObject({ command: 'id', session: { uid: '5f0c1a52' } });
    expect(end).toMatchObject({ activity: 'logoff' });
  });
  it('that are none of its forms, or without time, are rejected', () => {
    expect(parsePayload(beyondtrust, Buffer.from('<134>Jan  5 09:37:41 sw1 swlogd: bcmd esm info(5) link up'), { now: NOW })).toMatchObject(
      [{ code: 'unknown_shape' }],
    );
    expect(parsed({ hello: 1 })).toMatchObject({ code: 'unknown_shape' });
    expect(parsed({ AuditID: 1, ActionType: 'Login', UserName: 'a' })).toMatchObject({ code: 'bad_time' });
    expect(parsed({ event_type: 'Session Start' })).toMatchObject({ code: 'bad_time' });
    expect(parsed({ event_type: '', timestamp: 1_767_605_000, session: {} })).toMatchObject({ kind: 'rejected' });
  });
});

describe('an older forwarder', () => {
  it('names object and verb in the description alone', () => {
    expect(eventsOf('description.txt')).toMatchObject([
      {
        code: 'Password:Retrieve',
        outcome: 'success',
        actor: { name: 'corp\\anna' },
        src: { ip: '192.0.2.10' },
        credential: { act: 'checked_out', account: 'root@db1.example.com' },
      },
    ]);
  });
});

describe('endpoint privilege management', () => {
  it('is a program that ran, or did not, as whom and where', () => {
    expect(results('endpoint.txt')).toMatchObject([
      {
        event: {
          code: '28691',
          class: 'process_activity',
          outcome: 'success',
          actor: { name: 'corp\\anna' },
          command: 'C:\\Windows\\regedit.exe',
        },
      },
      { event: { code: 'Application Requested Elevation', class: 'process_activity', actor: { name: 'anna' } } },
      { event: { code: 'accepted', outcome: 'success', actor: { name: 'anna' }, target: { name: 'root@db1' }, command: '/usr/bin/id -u' } },
      { event: { code: 'rejected', outcome: 'failure', actor: { name: 'anna' }, command: '/bin/sh' } },
      { event: { code: 'token', activity: 'logon', outcome: 'success', actor: { name: 'a1b2c3' }, src: { ip: '192.0.2.10' } } },
    ]);
  });
});

describe('any BeyondTrust record', () => {
  const samples = FILES.flatMap((file) => read(file).toString('utf8').split('\n')).filter((line) => line !== '');
  it('never throws and never vanishes, whatever its members are', () => {
    const records = samples.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []));
    fc.assert(
      fc.property(
        fc.constantFrom(...records),
        fc.dictionary(
          fc.constantFrom('nvps', 'eventdate', 'data', 'performed_by', 'message', 'event', 'timestamp', 'UserName'),
          fc.jsonValue(),
        ),
        (record, changed) => {
          const value = { ...record, ...changed };
          for (const one of beyondtrust.unwrap(value)) expect(['kept', 'ignored', 'rejected']).toContain(beyondtrust.parse(one, NOW).kind);
        },
      ),
      { numRuns: 500 },
    );
  });
  it('never throws on a line that was cut or mixed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.constantFrom(...samples), fc.nat(), fc.nat(), (a, b, from, to) => {
        const line = a.slice(0, from % (a.length + 1)) + b.slice(to % (b.length + 1));
        for (const result of parsePayload(beyondtrust, Buffer.from(line), { now: NOW }))
          expect(result).not.toMatchObject({ code: 'parser_bug' });
      }),
      { numRuns: 500 },
    );
  });
});

describe('forms that relays and older versions write', () => {
  const read = (line: string) => parsePayload(beyondtrust, Buffer.from(line), { now: Date.UTC(2026, 0, 6) })[0];
  it('reads pairs whose tabs became blanks', () => {
    const line =
      'Jan  5 09:00:00 bi1 Agent Desc: Password Safe Agent ID: PBPS Agent Ver: 7.1 Category: Retrieve Source Host: bi1 Event Desc: Password Retrieve ' +
      'Event Name: Password Event Severity: 0 Source IP: 192.0.2.5 Event Subject: 192.000.002.010 User: CORP\\anna Workgroup Desc: Servers ' +
      'LogTime: 01/05/2026 09:00:00 Details: x Failed: False LogID: 77 ObjectType: Password Operation: Retrieve Target: Asset:srv1 MAccount:root';
    expect(read(line)).toMatchObject({
      event: {
        nativeId: '77',
        code: 'Password:Retrieve',
        actor: { name: 'corp\\anna' },
        src: { ip: '192.0.2.10' },
        credential: { act: 'checked_out', account: 'root@srv1', vault: 'Servers' },
      },
    });
  });
  it('keeps an act that LEEF names by category and event alone, and names the object of a CEF by its name', () => {
    expect(
      read(
        'LEEF:1.0|BeyondTrust|BeyondInsight|22.2|Edit|cat=PMM Managed Account\tdevTime=Jan 05 2026 09:00:00\tUserName =anna\tIPAddress=192.0.2.10',
      ),
    ).toMatchObject({ event: { code: 'PMM Managed Account:Edit', actor: { name: 'anna' }, src: { ip: '192.0.2.10' } } });
    expect(
      read(
        'CEF:0|BeyondTrust|BeyondInsight|22.2|PBPS|RequestorApprover|5|start=Jan 05 2026 09:00:00 src=192.0.2.10 suser=anna BeyondTrustBeyondInsightOperation=Approve',
      ),
    ).toMatchObject({ event: { code: 'RequestorApprover:Approve', privilege: { change: 'approved', approver: 'anna' } } });
  });
});
