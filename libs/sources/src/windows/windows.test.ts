import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AccessEvent, type ParseResult } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTIVITIES } from '../ocsf-export/activities.js';
import { parsePayload } from '../payload.js';
import { SECURITY } from './codes.js';
import { windows } from './windows.js';

const NOW = Date.UTC(2026, 0, 6);
const results = (name: string): readonly ParseResult[] =>
  parsePayload(windows, readFileSync(resolve(import.meta.dirname, 'samples', name)), { now: NOW });
const events = (name: string): AccessEvent[] =>
  results(name).map((result) => {
    if (result.kind !== 'kept') throw new Error(JSON.stringify(result));
    return AccessEvent.parse(result.event);
  });
const security = events('security.xml.log');
const event = (code: string, nth = 0): AccessEvent => {
  const found = security.filter((one) => one.code === code)[nth];
  if (!found) throw new Error(`no sample of ${code}`);
  return found;
};
const ADA = { system: 'windows', name: 'corp\\ada.admin' };
const DORA = { system: 'windows', name: 'corp\\dora' };

describe('windows samples', () => {
  it('are each a valid event with a word of its class and an id of its own, the same each time', () => {
    for (const one of security) expect(Object.keys(ACTIVITIES[one.class]), one.code).toContain(one.activity);
    expect(new Set(security.map(({ uid }) => uid)).size).toBe(security.length);
    expect(events('security.xml.log')).toEqual(security);
  });
  it('that say nothing about access are ignored, each for a reason', () => {
    expect(results('ignored.xml.log').map((result) => (result.kind === 'ignored' ? result.reason : JSON.stringify(result)))).toEqual([
      'logon_detail',
      'privilege_use',
      'object_access',
      'service_message',
      'background_process',
      'credential_manager',
      'screen_saver',
      'other_channel',
      'other_event',
    ]);
  });
  it('say the same as XML, Winlogbeat (ECS and before), NXLog, SecurityEvent and WindowsEvent columns, converted XML, and XML in a message', () => {
    const forms = events('forms.ndjson');
    expect(forms).toHaveLength(14);
    forms.forEach((form, index) => {
      expect(form, String(index)).toEqual(index < 7 ? event('4624') : event('4625'));
    });
  });
  it('reads XML over several lines, and several events in one document', () => {
    expect(events('multi-line.xml.log')).toEqual([event('4625'), event('4624'), event('4634')]);
  });
  it('reads the fields of a rendered message where a sender left out the data', () => {
    expect(events('rendered.ndjson')[0]).toMatchObject({
      outcome: 'success',
      actor: { name: 'corp\\anna' },
      src: { ip: '192.0.2.10', port: 50111 },
      session: { uid: '0xa11ce@srv1' },
    });
    for (const line of events('snare.log'))
      expect(line).toMatchObject({
        code: '4625',
        outcome: 'failure',
        time: Date.UTC(2026, 0, 5, 9),
        actor: { name: 'root@srv1' },
        src: { ip: '203.0.113.9' },
        auth: { failure: 'unknown_user' },
      });
  });
  it("is read from Wazuh's alert and from a dump that keeps the id's qualifiers", () => {
    const wazuh = {
      timestamp: '2026-01-05T09:00:01.000+0000',
      rule: { id: '60122' },
      data: {
        win: {
          system: {
            eventID: '4625',
            channel: 'Security',
            computer: 'WS1',
            systemTime: '2026-01-05T09:00:00.1234567Z',
            eventRecordID: '12',
            severityValue: 'AUDIT_FAILURE',
          },
          eventdata: { targetUserName: 'bob', targetDomainName: 'CORP', ipAddress: '203.0.113.9', logonType: '3', subStatus: '0xc000006a' },
        },
      },
    };
    expect(windows.parse(wazuh)).toMatchObject({
      event: { code: '4625', outcome: 'failure', nativeId: '12', actor: { name: 'corp\\bob' }, src: { ip: '203.0.113.9' } },
    });
    const dump = {
      System: {
        EventID: { Value: 4634 },
        Channel: 'Security',
        Computer: 'ws1',
        EventRecordID: 5,
        TimeCreated: { SystemTime: 1767603600.5 },
      },
      EventData: { TargetUserName: 'anna', TargetDomainName: 'CORP', LogonType: 3 },
    };
    expect(windows.parse(dump)).toMatchObject({ event: { code: '4634', activity: 'logoff', time: Date.UTC(2026, 0, 5, 9, 0, 0, 500) } });
  });
  it("spans lines as Splunk's forwarder writes it, blank ones included", () => {
    const event = (time: string, code: number, rest: string): string =>
      `${time}\nLogName=Security\nEventCode=${code}\nComputerName=ws1\nRecordNumber=${code}\nKeywords=Audit Failure\nMessage=An account failed to log on.\n\n${rest}`;
    const text = [
      event(
        '01/05/2026 09:00:00 AM',
        4625,
        'Account For Which Logon Failed:\n\tAccount Name:\t\tbob\n\tAccount Domain:\t\tCORP\n\nNetwork Information:\n\tSource Network Address:\t203.0.113.9',
      ),
      event('01/05/2026 12:30:00.250 PM', 4625, 'Account For Which Logon Failed:\n\tAccount Name:\t\teve\n'),
    ].join('\n');
    const [first, second, ...more] = parsePayload(windows, Buffer.from(text), { now: Date.UTC(2026, 0, 6) });
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      event: { code: '4625', outcome: 'failure', time: Date.UTC(2026, 0, 5, 9), actor: { name: 'corp\\bob' }, src: { ip: '203.0.113.9' } },
    });
    expect(second).toMatchObject({ event: { time: Date.UTC(2026, 0, 5, 12, 30, 0, 250), actor: { name: 'eve' } } });
  });
  it('reads the tables and exports that hold the XML, or a part of it, in a member', () => {
    const data =
      '<Data Name="TargetUserName">dora</Data><Data Name="TargetDomainName">CORP</Data><Data Name="IpAddress">198.51.100.7</Data>';
    const system = '<System><EventID>4624</EventID><TimeCreated SystemTime="2026-01-05T09:00:00Z"/><Channel>Security</Channel></System>';
    const row = { EventID: 4624, EventLog: 'Security', TimeGenerated: '1/5/2026, 9:00:00.000 AM' };
    const raw = '01/05/2026 09:00:00 AM\nLogName=Security\nEventCode=4624\nMessage=An account was successfully logged on.\n\n';
    const rendered = `${raw}New Logon:\n\tAccount Name:\t\tdora\n\tAccount Domain:\t\tCORP\n\nNetwork Information:\n\tSource Network Address:\t198.51.100.7\n`;
    for (const carried of [
      { ...row, EventData: `<DataItem type="System.XmlData"><EventData>${data}</EventData></DataItem>` },
      { time: '2026-01-05T09:00:00Z', properties: { EventId: 4624, RawXml: `<Event>${system}<EventData>${data}</EventData></Event>` } },
      { EventCode: '4624', host: 'dc1', sourcetype: 'WinEventLog', _raw: rendered },
    ]) {
      const [found] = parsePayload(windows, Buffer.from(JSON.stringify(carried)), { now: NOW });
      expect(found, JSON.stringify(carried)).toMatchObject({
        kind: 'kept',
        event: { code: '4624', time: Date.UTC(2026, 0, 5, 9), actor: DORA, src: { ip: '198.51.100.7' } },
      });
    }
  });
  it('of a certificate authority name who asked, and who decided', () => {
    const at = { Channel: 'Security', Computer: 'ca1', TimeCreated: '2026-01-05T09:00:00Z' };
    expect(windows.parse({ ...at, EventID: 4887, RequestId: '7', Requester: 'CORP\\dora' })).toMatchObject({ event: { actor: DORA } });
    for (const EventID of [4868, 4869, 4873, 4874, 4876, 4885, 4891])
      expect(windows.parse({ ...at, EventID, RequestId: '7', SubjectUserName: 'dora', SubjectDomainName: 'CORP' })).toMatchObject({
        kind: 'kept',
        event: { class: 'entity_management', actor: DORA, outcome: 'success' },
      });
  });
  it('is rejected without an event id or a time', () => {
    expect(windows.parse({ Message: 'x' })).toMatchObject({ kind: 'rejected', code: 'unknown_shape' });
    expect(windows.parse({ EventID: 4624, Channel: 'Security' })).toMatchObject({ kind: 'rejected', code: 'bad_time' });
  });
});

describe('windows logons', () => {
  it('say who, from where, how, and in which session', () => {
    expect(event('4624')).toMatchObject({
      class: 'authentication',
      activity: 'logon',
      nativeId: '9001',
      outcome: 'success',
      time: Date.UTC(2026, 0, 5, 9, 0, 0, 123),
      actor: { system: 'windows', name: 'corp\\anna', id: 'S-1-5-21-1-2-3-1104' },
      src: { ip: '192.0.2.10', port: 50111, hostname: 'ws7' },
      auth: { interactive: true, application: 'remote_interactive', protocol: 'negotiate' },
      session: { uid: '0xa11ce@srv1' },
      resource: { kind: 'host', host: 'srv1' },
    });
    expect(event('4634')).toMatchObject({ activity: 'logoff', session: { uid: '0xa11ce@srv1' } });
    expect(event('4647')).toMatchObject({ activity: 'logoff' });
    expect(event('4778')).toMatchObject({
      activity: 'logon',
      actor: { name: 'corp\\anna' },
      session: { uid: '0xa11ce@srv1' },
      src: { ip: '192.0.2.10' },
    });
    expect(event('21')).toMatchObject({ activity: 'logon', actor: { name: 'corp\\anna' }, src: { ip: '192.0.2.10' } });
  });
  it.each([
    ['4625', 0, 'root@srv1', '203.0.113.9', 'unknown_user'],
    ['4768', 1, 'corp\\ghost', '203.0.113.9', 'unknown_user'],
    ['4771', 0, 'corp\\anna', '203.0.113.9', 'bad_password'],
    ['4776', 0, 'anna', undefined, 'bad_password'],
    ['6273', 0, 'corp\\anna', '192.0.2.10', 'other'],
  ] as const)('that failed are no success, and say why: %s', (code, nth, actor, ip, failure) => {
    const failed = event(code, nth);
    expect({ outcome: failed.outcome, actor: failed.actor?.name, ip: failed.src?.ip, failure: failed.auth?.failure }).toEqual({
      outcome: 'failure',
      actor,
      ip,
      failure,
    });
    expect(failed.session).toBeUndefined();
  });
  it('of Kerberos name one account, whatever the realm is written like', () => {
    expect(event('4768')).toMatchObject({
      activity: 'authentication_ticket',
      actor: { name: 'corp\\anna' },
      src: { ip: '192.0.2.10' },
      auth: { method: 'password' },
    });
    expect(event('4769')).toMatchObject({
      activity: 'service_ticket_request',
      actor: { name: 'corp\\anna' },
      resource: { kind: 'application', name: 'SRV1$' },
    });
  });
  it('with the credentials of another account say who used whose, where', () => {
    expect(event('4648')).toMatchObject({
      activity: 'account_switch',
      actor: { name: 'corp\\anna' },
      target: { name: 'administrator@srv2' },
      resource: { kind: 'host', host: 'srv2' },
    });
  });
  it('with special privileges name them', () => {
    expect(event('4672')).toMatchObject({
      class: 'authorize_session',
      actor: ADA,
      detail: 'SeSecurityPrivilege SeDebugPrivilege',
      session: { uid: '0x5a1b2@srv1' },
    });
  });
});

describe('windows accounts and groups', () => {
  it.each([
    ['4720', 'create'],
    ['4722', 'enable'],
    ['4725', 'disable'],
    ['4726', 'delete'],
    ['4738', 'other'],
    ['4767', 'unlock'],
  ])('%s is a change of an account: %s', (code, activity) => {
    expect(event(code)).toMatchObject({ class: 'account_change', activity, outcome: 'success', actor: ADA, target: DORA });
  });
  it('tell a changed password from one that an administrator could not reset', () => {
    expect(event('4723')).toMatchObject({
      activity: 'password_change',
      actor: DORA,
    });
    expect(event('4723').credential).toBeUndefined();
    const local = {
      EventID: 4724,
      Channel: 'Security',
      TimeCreated: '2026-01-05T09:00:00Z',
      Computer: 'srv1',
      TargetUserName: 'Administrator',
      TargetDomainName: 'SRV1',
    };
    expect(windows.parse(local)).toMatchObject({
      event: { activity: 'password_reset', credential: { act: 'changed', account: 'administrator@srv1' } },
    });
    expect(event('4724')).toMatchObject({ activity: 'password_reset', outcome: 'failure', target: DORA });
    expect(event('4724').credential).toBeUndefined();
  });
  it('is locked by the machine that the wrong passwords came from', () => {
    expect(event('4740')).toMatchObject({ activity: 'lock', target: DORA, src: { hostname: 'ws9' }, actor: { kind: 'system' } });
  });
  it('say who gave whom which group', () => {
    expect(event('4728')).toMatchObject({
      class: 'group_management',
      activity: 'add_user',
      actor: ADA,
      target: { name: 'corp\\dora dot', id: 'S-1-5-21-1-2-3-1105' },
      resource: { kind: 'group', name: 'Domain Admins' },
      privilege: { change: 'granted', entitlement: 'windows:group:Domain Admins', entitlementId: 'S-1-5-21-1-2-3-512', jit: false },
    });
    expect(event('4733')).toMatchObject({
      activity: 'remove_user',
      privilege: { change: 'revoked' },
      target: { id: 'S-1-5-21-1-2-3-1105' },
    });
    expect(event('4704')).toMatchObject({
      class: 'user_access',
      privilege: { change: 'granted', entitlement: 'windows:right:SeBackupPrivilege' },
    });
  });
  it('say who cleared the log and what a person ran', () => {
    expect(event('1102')).toMatchObject({ class: 'entity_management', activity: 'delete', actor: ADA, resource: { name: 'audit log' } });
    expect(event('4719')).toMatchObject({ actor: ADA, detail: '%%8448' });
    expect(event('4688')).toMatchObject({
      class: 'process_activity',
      command: 'net user dora /add',
      actor: { name: 'corp\\anna' },
      session: { uid: '0xa11ce@srv1' },
    });
  });
});

describe('4662', () => {
  const access = (who: string, right: string): ParseResult =>
    windows.parse({
      EventID: 4662,
      Channel: 'Security',
      Computer: 'dc1',
      TimeCreated: '2026-01-05T09:00:00Z',
      SubjectUserName: who,
      SubjectDomainName: 'CORP',
      Properties: `%%7688 {${right}}`,
    });
  it('is kept of whoever is no machine and copies the directory, and of nothing else', () => {
    expect(access('dora', '1131F6AD-9c07-11d1-f79f-00c04fc2dcd2')).toMatchObject({
      event: { actor: DORA, activity: 'read', resource: { kind: 'secret', name: 'directory replication', host: 'dc1' } },
    });
    expect(access('DC2$', '1131f6ad-9c07-11d1-f79f-00c04fc2dcd2')).toEqual({ kind: 'ignored', reason: 'object_access' });
    expect(access('dora', 'bf967aba-0de6-11d0-a285-00aa003049e2')).toEqual({ kind: 'ignored', reason: 'object_access' });
  });
});

describe('the windows parser', () => {
  it('never throws, and keeps or ignores any id', () => {
    fc.assert(
      fc.property(
        fc.object(),
        fc.integer({ min: 0, max: 7000 }),
        fc.dictionary(
          fc.constantFrom('TargetUserName', 'SubjectUserName', 'MemberName', 'Status', 'IpAddress', 'LogonType', 'TargetSid'),
          fc.string(),
        ),
        (value, id, data) => {
          expect(['ignored', 'rejected', 'kept']).toContain(windows.parse(value).kind);
          const result = windows.parse({ EventID: id, Channel: 'Security', TimeCreated: '2026-01-05T09:00:00Z', Computer: 'a', ...data });
          expect(result.kind).not.toBe('rejected');
          if (result.kind === 'kept') AccessEvent.parse(result.event);
        },
      ),
    );
  });
  it('never makes a success of an audit failure', () => {
    for (const id of Object.keys(SECURITY)) {
      const result = windows.parse({
        EventID: Number(id),
        Channel: 'Security',
        EventType: 'AUDIT_FAILURE',
        TimeCreated: '2026-01-05T09:00:00Z',
        SubjectUserName: 'a',
        TargetUserName: 'b',
      });
      expect(result, id).toMatchObject({ kind: 'kept', event: { outcome: 'failure' } });
    }
  });
  it('reads any length in linear time', () => {
    const started = performance.now();
    for (const unit of ['<Event ', '<Data Name="a">', 'Account Name: ', ':  x   ', '\t', '#011', 'CN=', 'a\\'])
      for (const begin of ['<Event><System>', 'MSWinEventLog\t1\tSecurity\t1\tx\t4624\t', '{"EventID":4624,"Message":"'])
        parsePayload(windows, Buffer.from(begin + unit.repeat(20_000)), { now: NOW });
    windows.parse({
      EventID: 4624,
      Channel: 'Security',
      TimeCreated: '2026-01-05T09:00:00Z',
      Message: 'Account Name:    '.repeat(20_000),
      MemberName: 'CN=\\'.repeat(9_000),
    });
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});
