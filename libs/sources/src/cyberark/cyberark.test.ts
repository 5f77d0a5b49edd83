import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AccessEvent, type ParseResult } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTIVITIES } from '../ocsf-export/activities.js';
import { parsePayload } from '../payload.js';
import { CODES } from './codes.js';
import { cyberark } from './cyberark.js';
import { KINDS } from './kinds.js';
import { meaningOf } from './meaning.js';

const NOW = Date.UTC(2026, 0, 6);
const read = (name: string): Buffer => readFileSync(resolve(import.meta.dirname, 'samples', name));
const results = (name: string): readonly ParseResult[] => parsePayload(cyberark, read(name), { now: NOW });
const audit = results('audit.ndjson');
const events = audit.flatMap((result) => (result.kind === 'kept' ? [result.event] : []));
const event = (code: string, nth = 0): AccessEvent => events.filter((one) => one.code === code)[nth]!;
const named = (name: string): AccessEvent => events.find((one) => one.detail === name || one.detail?.startsWith(`${name}: `))!;
const lines = (): readonly AccessEvent[] => results('lines.txt').flatMap((result) => (result.kind === 'kept' ? [result.event] : []));

describe('a CEF line that lost its header', () => {
  const line =
    'CEF:0|Cyber-Ark|Vault|12.6|295|Retrieve password|5|act=Retrieve password suser=anna shost=192.0.2.4 cs2Label=Safe Name cs2=S';
  const read = (text: string, now?: number) => parsePayload(cyberark, Buffer.from(text), now === undefined ? {} : { now });
  it('happened when it was received, so that two of one text are two', () => {
    const [first] = read(line, Date.UTC(2026, 0, 6));
    const [second] = read(line, Date.UTC(2026, 0, 6, 1));
    expect(first).toMatchObject({ event: { code: '295', time: Date.UTC(2026, 0, 6), actor: { name: 'anna' } } });
    expect(second).not.toMatchObject({ event: { uid: first?.kind === 'kept' ? first.event.uid : '' } });
  });
  it('is rejected when nobody says when that was, and a header without a readable time is no missing one', () => {
    expect(read(line)).toMatchObject([{ kind: 'rejected', code: 'bad_time' }]);
    expect(read(`<5>1 - VAULT ${line}`, Date.UTC(2026, 0, 6))).toMatchObject([{ kind: 'rejected', code: 'bad_time' }]);
  });
});

describe('CyberArk samples', () => {
  it('are each a valid event with a word of its class, or ignored for a reason', () => {
    for (const result of [...audit, ...results('lines.txt'), ...results('multi-line.txt'), ...results('platform.ndjson')]) {
      expect(result.kind).not.toBe('rejected');
      if (result.kind !== 'kept') continue;
      expect(AccessEvent.parse(result.event)).toEqual(result.event);
      expect(Object.keys(ACTIVITIES[result.event.class])).toContain(result.event.activity);
    }
  });
  it('cover every kind of record', () => {
    const seen = new Set(events.map((one) => `${one.class} ${one.activity} ${one.credential?.act ?? ''} ${one.privilege?.change ?? ''}`));
    const unseen = Object.entries(KINDS).filter(
      ([, { as, act, change }]) => !seen.has(`${as.class} ${as.activity} ${act ?? ''} ${change ?? ''}`),
    );
    expect(unseen.map(([kind]) => kind)).toEqual([]);
  });
  it('have stable and distinct ids', () => {
    expect(new Set(events.map((one) => one.uid)).size).toBe(events.length);
    expect(results('audit.ndjson')).toEqual(audit);
  });
  it('that tell of the Vault itself are ignored', () => {
    expect(audit.flatMap((result) => (result.kind === 'ignored' ? [result.reason] : []))).toEqual([
      'vault_health',
      'vault_housekeeping',
      'component_task',
      'continuation',
    ]);
  });
});

describe('CyberArk logons', () => {
  it('name the person, the client and the way in', () => {
    expect(event('7')).toMatchObject({
      class: 'authentication',
      activity: 'logon',
      outcome: 'success',
      actor: { system: 'cyberark', name: 'anna' },
      src: { ip: '192.0.2.10' },
      auth: { step: 'primary', application: 'PVWA' },
    });
    expect(event('8')).toMatchObject({ activity: 'logoff', outcome: 'success' });
    expect(event('19')).toMatchObject({ actor: { name: 'anna' }, auth: { application: 'PVWAGWUser' } });
  });
  it('that failed say why', () => {
    expect(event('4')).toMatchObject({ outcome: 'failure', actor: { name: 'boris' }, auth: { failure: 'bad_password' } });
    expect(event('5')).toMatchObject({ outcome: 'failure', auth: { failure: 'policy' } });
    expect(event('309')).toMatchObject({ outcome: 'failure', auth: { failure: 'unknown_user' } });
  });
});

describe('CyberArk credentials', () => {
  const vaulted = { account: 'root@db1.example.com', vault: 'Linux', secretId: 'Operating System-UnixSSH-db1.example.com-root' };
  it('are checked out, used, stored and changed', () => {
    expect(event('295')).toMatchObject({
      credential: { act: 'checked_out', ...vaulted },
      target: { name: 'root@db1.example.com' },
      ticket: 'INC0012345',
    });
    expect(event('428')).toMatchObject({ credential: { act: 'checked_out' }, ticket: 'CHG0040001' });
    expect(event('319')).toMatchObject({ credential: { act: 'checked_out' }, actor: { name: 'prov_app01', kind: 'service' } });
    expect(event('308')).toMatchObject({ credential: { act: 'used' }, outcome: 'success' });
    expect(event('294')).toMatchObject({ credential: { act: 'changed' } });
    expect(event('24')).toMatchObject({
      class: 'account_change',
      activity: 'password_change',
      credential: { act: 'changed' },
      actor: { name: 'passwordmanager', kind: 'service' },
    });
  });
  it('are not touched by a failure', () => {
    for (const code of ['57', '130', '301']) {
      expect(event(code).outcome).toBe('failure');
      expect(event(code).credential).toBeUndefined();
    }
  });
});

describe('CyberArk sessions', () => {
  const session = { uid: '5f0c1a52-6d0e-4f6b-9c61-0a4f2f1f7a01', kind: 'privileged' };
  it('are opened and closed by a person from his own machine, not from the PSM server', () => {
    expect(event('300')).toMatchObject({
      class: 'authentication',
      activity: 'logon',
      actor: { name: 'anna' },
      src: { ip: '192.0.2.10' },
      session,
      resource: { kind: 'host', name: 'db1.example.com', host: 'db1.example.com' },
      credential: { act: 'session_opened', account: 'root@db1.example.com' },
      auth: { protocol: 'ssh', application: 'PSMP-SSH' },
    });
    expect(event('302')).toMatchObject({ activity: 'logoff', session, credential: { act: 'session_closed' } });
    expect(event('301')).toMatchObject({ activity: 'logon', outcome: 'failure', session });
  });
  it('carry their commands, unescaped', () => {
    expect(event('361')).toMatchObject({ class: 'process_activity', activity: 'launch', command: 'sudo su -', session });
    expect(event('359').command).toBe("SELECT a FROM t WHERE b = 'c' ; COMMIT");
    expect(event('411')).toMatchObject({ activity: 'open', command: 'mmc.exe, Services' });
  });
});

describe('CyberArk administration', () => {
  it('changes users, groups and owners of safes', () => {
    expect(event('180')).toMatchObject({ class: 'account_change', activity: 'create', target: { name: 'carla' } });
    expect(named('Suspend User')).toMatchObject({ class: 'account_change', activity: 'lock' });
    expect(event('265')).toMatchObject({
      activity: 'add_user',
      target: { name: 'carla' },
      privilege: { change: 'granted', entitlement: 'cyberark:group:Vault Admins', jit: false },
    });
    expect(event('266')).toMatchObject({ activity: 'remove_user', privilege: { change: 'revoked' } });
    expect(event('32')).toMatchObject({
      class: 'user_access',
      target: { name: 'carla' },
      resource: { kind: 'safe', name: 'Linux' },
      privilege: { change: 'granted', entitlement: 'cyberark:safe:Linux' },
    });
  });
  it('that was refused is a failure and gives nobody anything', () => {
    expect(named('Add Owner (Unauthorized)')).toMatchObject({ class: 'user_access', outcome: 'failure' });
    expect(named('Add Owner (Unauthorized)').privilege).toBeUndefined();
    expect(event('178').outcome).toBe('failure');
    expect(event('23').outcome).toBe('failure');
  });
  it('of requests: asked, confirmed by another, rejected, expired; a rejection is no failure', () => {
    const entitlement = 'cyberark:account:root@db1.example.com';
    expect(named('Create Request')).toMatchObject({
      privilege: { change: 'requested', entitlement, jit: true, requestId: '17', requester: 'anna' },
      ticket: 'CHG0040001',
    });
    expect(named('Confirm Request')).toMatchObject({
      privilege: { change: 'approved', requestId: '17', requester: 'anna', approver: 'boris' },
    });
    expect(named('Reject Request')).toMatchObject({ outcome: 'success', privilege: { change: 'denied', approver: 'boris' } });
    expect(named('Request Expired')).toMatchObject({ privilege: { change: 'expired' } });
  });
});

describe('CyberArk codes that are not in the table', () => {
  it.each([
    ['Delete Safe - Unauthorized', { kind: 'object_delete', failed: true }],
    ['Update Network Area', { kind: 'object_update' }],
    ['PSM Secure Connect Session Start', { kind: 'session_open' }],
    ['PSM Secure Connect Session End', { kind: 'session_close' }],
    ['PSM SCP Command', { kind: 'session_command' }],
    ['CPM Change SSH Key Failed', { kind: 'secret_change', failed: true }],
    ['Show Password', { kind: 'secret_retrieve' }],
    ['Add Location', { kind: 'object_create' }],
    ['Delete Request (Unauthorized)', { kind: 'request_cancel', failed: true }],
    ['DR Replication end', { ignore: 'vault_housekeeping' }],
    ['License is about to expire', { ignore: 'vault_health' }],
    ['Something new', { kind: 'object_other' }],
    ['Failure: CPM Verify Password', { kind: 'secret_verify', failed: true }],
    ['Unlock File', { kind: 'secret_check_in' }],
    ['CPM Release Password Failed', { kind: 'secret_check_in', failed: true }],
    ['User Time Limit Restriction', { kind: 'logon', failed: true }],
    ['Non authorized impersonation', { kind: 'gateway_logon', failed: true }],
    ['Ownership Expired', { kind: 'logon', failed: true }],
    ['Terminate Session', { kind: 'session_close' }],
    ['Monitor Session Start', { kind: 'session_watch' }],
    ['Process execution was blocked.', { kind: 'command_start', failed: true }],
    ['Retrieve File (Wrong Key)', { kind: 'object_read', failed: true }],
    ['Add Safe (More Secured Than Station)', { kind: 'object_create', failed: true }],
    ['Add Directory Map', { kind: 'object_create' }],
    ['Reset Password Your User', { kind: 'user_password' }],
    ['Delete Group Member', { kind: 'member_remove' }],
    ['Add/Update Owner', { kind: 'owner_add' }],
    ['Get License Information', { ignore: 'vault_health' }],
    ['Monitor license', { ignore: 'vault_health' }],
  ])('%s', (name, meaning) => {
    expect(meaningOf('9999', name)).toEqual(meaning);
  });
  it('every listed code is a number that has one meaning', () => {
    for (const code of Object.keys(CODES)) expect(meaningOf(code, '')).toEqual(CODES[code]);
  });
});

describe('CyberArk lines', () => {
  it('in CEF say the same as the record itself', () => {
    const [retrieve, logon, failed, connect, keys, verify] = lines();
    expect(retrieve).toMatchObject({
      code: '295',
      actor: { name: 'anna' },
      src: { ip: '192.0.2.10' },
      credential: { act: 'checked_out', account: 'root@db1.example.com', vault: 'Linux' },
      ticket: 'INC-4471',
    });
    expect(logon).toMatchObject({ code: '7', time: Date.UTC(2026, 0, 5, 9), outcome: 'success' });
    expect(failed).toMatchObject({ code: '4', outcome: 'failure', actor: { name: 'boris' } });
    expect(connect).toMatchObject({ session: { kind: 'privileged' }, resource: { host: 'db1.example.com' } });
    expect(keys).toMatchObject({ command: 'sudo su -' });
    expect(verify?.ticket).toBeUndefined();
  });
  it('in LEEF and in key-value form too', () => {
    const [leef, pairs] = lines().slice(-3);
    for (const one of [leef, pairs])
      expect(one).toMatchObject({
        code: '295',
        actor: { name: 'anna' },
        src: { ip: '192.0.2.10' },
        credential: { act: 'checked_out', account: 'root@db1.example.com', vault: 'Linux' },
      });
  });
  it('of Privileged Threat Analytics are kept with the risk it saw, and are no access of their own', () => {
    expect(lines().at(-1)).toMatchObject({
      class: 'entity_management',
      activity: 'other',
      code: '26',
      outcome: 'success',
      vendorRisk: { level: 'high' },
    });
    expect(lines().at(-1)?.credential).toBeUndefined();
  });
  it('in XML over many lines are one record each, with the id that the same record has in JSON', () => {
    const [first, second] = results('multi-line.txt').map((result) => (result.kind === 'kept' ? result.event : undefined));
    expect(first).toMatchObject({ code: '295', actor: { name: 'anna' }, credential: { account: 'root@db1.example.com' } });
    expect(second).toMatchObject({ actor: { name: 'boris' } });
    expect(first?.uid).toBe(event('295').uid);
  });
  it('without any time are rejected', () => {
    const line = lines()[1];
    expect(line).toBeDefined();
    expect(parsePayload(cyberark, Buffer.from('CEF:0|Cyber-Ark|Vault|14|7|Logon|5|suser=anna'))).toMatchObject([
      { kind: 'rejected', code: 'bad_time' },
    ]);
    expect(parsePayload(cyberark, Buffer.from('Jan  5 09:00:00 V CEF:0|Cyber-Ark|Vault|14|7|Logon|5|suser=anna'))).toMatchObject([
      { kind: 'rejected', code: 'bad_time' },
    ]);
  });
  it('that are none of its forms are rejected', () => {
    expect(parsePayload(cyberark, Buffer.from('<38>Jan  5 09:00:00 host1 sshd[1]: hello'), { now: NOW })).toMatchObject([
      { code: 'unknown_shape' },
    ]);
    expect(parsePayload(cyberark, Buffer.from('{"hello":1}'), { now: NOW })).toMatchObject([{ code: 'unknown_shape' }]);
  });
});

describe('CyberArk Audit service and Identity', () => {
  const platform = results('platform.ndjson').flatMap((one) => (one.kind === 'kept' ? [one.event] : []));
  const coded = (code: string): AccessEvent => platform.find((one) => one.code === code)!;
  it('give what the Vault itself would say, with their own id and code', () => {
    expect(coded('PAM00295')).toMatchObject({
      nativeId: '7a0c1a52-0000-4000-8000-000000000001',
      actor: { name: 'anna@example.com' },
      credential: { act: 'checked_out', account: 'root@db1.example.com', vault: 'Linux' },
      ticket: 'CHG0040001',
    });
    expect(coded('PAM00295').src).toBeUndefined();
    expect(coded('PAM00057').outcome).toBe('failure');
    expect(coded('PAM00411')).toMatchObject({ command: 'mmc.exe, Services', src: { ip: '192.0.2.10' }, session: { kind: 'privileged' } });
  });
  it('give logins, people, roles, sessions and elevations; an alert is no access', () => {
    expect(coded('IDP2009')).toMatchObject({
      activity: 'logon',
      outcome: 'success',
      src: { ip: '192.0.2.10', geo: { country: 'FR' } },
      auth: { mfa: true },
    });
    expect(coded('IDP2010')).toMatchObject({ outcome: 'failure', auth: { failure: 'bad_password' } });
    expect(coded('IDP2001')).toMatchObject({ class: 'account_change', activity: 'create', target: { name: 'carla@example.com' } });
    expect(coded('IDP3001')).toMatchObject({
      target: { name: 'carla@example.com' },
      privilege: { change: 'granted', entitlement: 'cyberark:role:System Administrator' },
    });
    expect(coded('DPA00001')).toMatchObject({
      credential: { act: 'session_opened', account: 'root@db1.example.com' },
      session: { uid: 'd-1' },
    });
    expect(coded('DPA00002')).toMatchObject({ credential: { act: 'session_closed' } });
    expect(coded('SCA00010')).toMatchObject({ privilege: { change: 'granted', jit: true } });
    expect(coded('ITDR0001')).toMatchObject({ outcome: 'success', vendorRisk: { level: 'high' } });
    expect(coded('Cloud.Core.Login')).toMatchObject({
      nativeId: 'e-1',
      time: 1_767_605_000_000,
      actor: { name: 'anna@example.com', id: 'u-7' },
    });
    expect(coded('Cloud.Core.LoginFail')).toMatchObject({ outcome: 'failure', auth: { failure: 'locked' } });
    expect(coded('Cloud.Core.Logout')).toMatchObject({ activity: 'logoff' });
  });
  it('are read from rows whose data is text or a list of names and values', () => {
    const rows = results('platform-rows.ndjson').map((one) => (one.kind === 'kept' ? one.event : undefined));
    expect(rows).toMatchObject([
      { code: 'PAM00007', src: { ip: '192.0.2.60' }, time: 1_767_603_600_000 },
      { code: 'PAM00300', src: { hostname: 'ws1.example.com' }, credential: { account: 'adm_frank@app1.example.com', vault: 'Windows' } },
      { code: 'DPAI401', credential: { act: 'session_opened', account: 'eph1@db2.example.com' }, session: { kind: 'privileged' } },
      { code: 'DPAE403', class: 'authentication', activity: 'logon', outcome: 'failure', src: { hostname: 'ws-henry.example.com' } },
      { code: 'PSMSTRT', target: { name: 'root@web1.example.com' }, resource: { host: 'web1.example.com' } },
      { code: 'PSMTRMN', activity: 'logoff', credential: { act: 'session_closed' }, session: { uid: 'rs-3', kind: 'privileged' } },
      { code: 'IDP2007', outcome: 'failure', actor: { kind: 'service' } },
    ]);
    expect(rows[1]?.credential?.secretId).toBeUndefined();
  });
  it('say when somebody gave himself a new password for the Vault', () => {
    const own = {
      uuid: 'pw-1',
      timestamp: 1_767_603_600_000,
      username: 'anna',
      auditCode: 'PAM00088',
      action: 'Set Password',
      source: 'PVWAAPP',
    };
    const [result] = parsePayload(
      cyberark,
      Buffer.from(JSON.stringify({ ...own, customData: { PAM: { new_target: '', target: '' } }, safe: '' })),
    );
    expect(result).toMatchObject({ event: { class: 'account_change', activity: 'password_change', actor: { name: 'anna' } } });
  });
  it('of the Vault monitor are ignored', () => {
    expect(results('platform.ndjson').at(-1)).toEqual({ kind: 'ignored', reason: 'vault_health' });
  });
});

describe('an audit record in CEF keys without its header', () => {
  it('has its action for a code', () => {
    const line =
      '2026-01-05T10:00:00+01:00 vault1 CyberArk Vault - Audit Record act="Retrieve password" suser="anna" fname="Root\\x-UnixSSH-db1.example.com-root" ' +
      'sourceip="192.0.2.10" shost="198.51.100.5" dhost="db1.example.com" duser="root" reason="maintenance" cs2="Linux" cs4="-" msg="-"';
    const [result] = parsePayload(cyberark, Buffer.from(line), { now: NOW });
    expect(result).toMatchObject({
      event: {
        code: 'Retrieve password',
        time: Date.UTC(2026, 0, 5, 9),
        actor: { name: 'anna' },
        src: { ip: '192.0.2.10' },
        credential: { act: 'checked_out', account: 'root@db1.example.com', vault: 'Linux' },
      },
    });
  });
});

describe('CyberArk envelopes', () => {
  const plain = { MessageID: 7, Desc: 'Logon', IsoTimestamp: '2026-01-05T09:00:00Z', Issuer: 'anna', Station: '192.0.2.10' };
  it('hold one record, several, or a line that a shipper wrapped', () => {
    const kept = (value: unknown): number =>
      parsePayload(cyberark, Buffer.from(JSON.stringify(value)), { now: NOW }).filter((result) => result.kind === 'kept').length;
    expect(kept(plain)).toBe(1);
    expect(kept({ audit_record: plain })).toBe(1);
    expect(kept({ syslog: { audit_record: [plain, { ...plain, Issuer: 'boris' }] } })).toBe(2);
    expect(kept([plain, { syslog: { audit_record: plain } }])).toBe(2);
    expect(kept({ MessageID: '7', Timestamp: 'Jan 05 09:00:00', Issuer: 'anna' })).toBe(1);
    expect(kept({ '@timestamp': '2026-01-05T09:00:01Z', message: 'Jan  5 09:00:00 V CEF:0|Cyber-Ark|Vault|14|7|Logon|5|suser=anna' })).toBe(
      1,
    );
    expect(kept({ '@timestamp': 'x', message: `<5>1 2026-01-05T09:00:00Z V ${JSON.stringify({ syslog: { audit_record: plain } })}` })).toBe(
      1,
    );
    expect(
      kept({
        DeviceVendor: 'Cyber-Ark',
        DeviceProduct: 'Vault',
        SignatureID: '7',
        Name: 'Logon',
        Severity: '5',
        suser: 'anna',
        shost: '192.0.2.10',
        timestamp: '2026-01-05T09:00:00Z',
      }),
    ).toBe(1);
  });
});

describe('CyberArk CEF that a collector decoded', () => {
  const parsed = (value: unknown): ParseResult => cyberark.parse(value);
  const fields = { cs1Label: 'Safe Name', cs1: 'Linux' };
  it('in the form of Elastic, and as a row of Sentinel', () => {
    const expected = {
      kind: 'kept',
      event: {
        code: '295',
        actor: { name: 'anna' },
        src: { ip: '192.0.2.10' },
        credential: { account: 'root@db1.example.com', vault: 'Linux' },
      },
    };
    const long = {
      sourceUserName: 'anna',
      sourceAddress: '192.0.2.10',
      destinationUserName: 'root',
      destinationHostName: 'db1.example.com',
      deviceCustomString2Label: 'Safe Name',
      deviceCustomString2: 'Linux',
    };
    expect(
      parsed({
        '@timestamp': '2026-01-05T09:00:00Z',
        cef: {
          device: { vendor: 'Cyber-Ark', product: 'Vault', event_class_id: '295' },
          name: 'Retrieve password',
          severity: '5',
          extensions: long,
        },
      }),
    ).toMatchObject(expected);
    const columns = Object.fromEntries(Object.entries(long).map(([key, value]) => [key[0]!.toUpperCase() + key.slice(1), value]));
    expect(
      parsed({
        TimeGenerated: '2026-01-05T09:00:00Z',
        DeviceVendor: 'Cyber-Ark',
        DeviceProduct: 'Vault',
        DeviceEventClassID: '295',
        Activity: 'Retrieve password',
        LogSeverity: '5',
        ...columns,
      }),
    ).toMatchObject(expected);
  });
  it('is read by its labels where a site moved the fields', () => {
    expect(
      parsed({
        timestamp: '2026-01-05T09:00:00Z',
        DeviceVendor: 'CyberArk',
        DeviceProduct: 'Vault',
        SignatureID: '32',
        Name: 'Add Owner',
        Severity: '5',
        suser: 'anna',
        cs2Label: 'Affected User Name',
        cs2: 'carla',
        ...fields,
      }),
    ).toMatchObject({
      event: { target: { name: 'carla' }, resource: { kind: 'safe', name: 'Linux' } },
    });
  });
  it('of Privileged Threat Analytics names the suspect, the account and the incident', () => {
    const event = results('platform.ndjson')
      .flatMap((one) => (one.kind === 'kept' && one.event.vendorRisk ? [one.event] : []))
      .at(-1);
    expect(event).toMatchObject({
      nativeId: '52b06812ec3500ed864c461e',
      code: '1',
      time: Date.UTC(2026, 0, 5, 12, 5),
      actor: { name: 'mike' },
      target: { name: 'root@db1.example.com' },
      src: { ip: '192.0.2.40' },
      vendorRisk: { level: 'high', detections: ['Suspected credentials theft'] },
    });
    expect(parsed({ cef: { device: { vendor: 'CyberArk', product: 'PTA', event_class_id: '26' }, name: 'x' } })).toMatchObject({
      code: 'bad_time',
    });
  });
});

describe('CyberArk parser', () => {
  const member = fc.constantFrom(
    'MessageID',
    'Desc',
    'Issuer',
    'CAProperties',
    'ExtraDetails',
    'PvwaDetails',
    'Station',
    'IsoTimestamp',
    'File',
    'Severity',
    'syslog',
    'audit_record',
  );
  const shaped = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.string(), fc.dictionary(member, tie('value'))),
  })).value;
  it('is read by its own codes and names alone, and rejected without any', () => {
    const only = (value: unknown): ParseResult => parsePayload(cyberark, Buffer.from(JSON.stringify(value)), { now: NOW })[0]!;
    const told = { IsoTimestamp: '2026-01-05T10:00:00Z', Desc: 'PSM Connect', Issuer: 'anna' };
    expect(only({ ...told, MessageID: 'constructor' })).toMatchObject({ kind: 'kept', event: { code: 'constructor' } });
    expect(only({ EventType: ' ', WhenOccurred: '/Date(1767605000000)/' })).toMatchObject({ code: 'schema_mismatch' });
    expect(only({ uuid: 'u', applicationCode: 'IDP', timestamp: 1_767_605_000_000 })).toMatchObject({ code: 'schema_mismatch' });
  });
  it('never throws, on any JSON and any line', () => {
    fc.assert(
      fc.property(shaped, fc.string(), (value, line) => {
        for (const record of cyberark.unwrap(value)) cyberark.parse(record);
        cyberark.parse(cyberark.readLine?.(line, NOW));
        for (const result of parsePayload(cyberark, Buffer.from(JSON.stringify(value)), { now: NOW }))
          expect(result).not.toMatchObject({ code: 'parser_bug' });
      }),
      { numRuns: 500 },
    );
  });
});
