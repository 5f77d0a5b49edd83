import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AccessEvent, type ParseResult } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTIVITIES } from '../ocsf-export/activities.js';
import { parsePayload } from '../payload.js';
import { linux } from './linux.js';

const NOW = Date.UTC(2026, 0, 6);
const read = (name: string): Buffer => readFileSync(resolve(import.meta.dirname, 'samples', name));
const results = (name: string): readonly ParseResult[] => parsePayload(linux, read(name), { now: NOW });
const keptOf = (found: readonly ParseResult[]): AccessEvent[] =>
  found.map((result) => {
    if (result.kind !== 'kept') throw new Error(JSON.stringify(result));
    return AccessEvent.parse(result.event);
  });
const lines = keptOf(results('auth.log'));
const audited = keptOf(results('audit.log'));
const journal = keptOf(results('journal.ndjson'));
const all = [...lines, ...audited, ...journal];
const of = (words: string): AccessEvent => {
  const found = lines.find(({ detail }) => detail?.includes(words));
  if (!found) throw new Error(`no sample says ${words}`);
  return found;
};
const audit = (code: string, nth = 0): AccessEvent => audited.filter((event) => event.code === code)[nth]!;
const parseLine = (line: string): ParseResult => parsePayload(linux, Buffer.from(line), { now: NOW })[0]!;

describe('linux samples', () => {
  it('are each a valid event with a word of its class, the same each time, with an id of its own', () => {
    for (const event of all) expect(Object.keys(ACTIVITIES[event.class]), event.detail).toContain(event.activity);
    expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length);
    expect(keptOf(results('auth.log'))).toEqual(lines);
  });
  it('that say nothing about access are ignored, each for a reason', () => {
    expect(results('ignored.log').map((result) => (result.kind === 'ignored' ? result.reason : JSON.stringify(result)))).toEqual([
      'scheduled_job',
      'connection',
      'connection',
      'interim_step',
      'service_message',
      'repeated_detail',
      'other_program',
      'credential_cache',
      'other_audit_record',
    ]);
  });
  it('is rejected when it is no log line, or says no time', () => {
    expect(parseLine('nothing of ours')).toMatchObject({ kind: 'rejected', code: 'unknown_shape' });
    expect(linux.parse({ message: 'Accepted password for anna from 192.0.2.1 port 1 ssh2', ident: 'sshd' })).toMatchObject({
      code: 'bad_time',
    });
  });
});

describe('linux logins', () => {
  it('say who came from where, by what, and that he did', () => {
    expect(of('Accepted publickey')).toMatchObject({
      class: 'authentication',
      activity: 'logon',
      code: 'ssh_login',
      outcome: 'success',
      time: Date.UTC(2026, 0, 5, 9),
      actor: { system: 'linux', name: 'anna@db1' },
      src: { ip: '192.0.2.10', port: 50022 },
      auth: { method: 'key', step: 'primary', protocol: 'ssh' },
      session: { uid: 'sshd[1001]@db1', kind: 'sign_in' },
      resource: { kind: 'host', name: 'db1', host: 'db1' },
    });
    expect(of('session opened for user anna(uid=1001) by (uid=0)')).toMatchObject({
      session: { uid: 'sshd[1001]@db1' },
      auth: { step: 'session' },
    });
    expect(of('New session 5')).toMatchObject({ activity: 'logon', actor: { name: 'anna@db1' }, session: { uid: '5@db1' } });
    expect(of('Removed session 5')).toMatchObject({ activity: 'logoff', session: { uid: '5@db1' } });
  });
  it.each([
    ['invalid user oracle', 'oracle@db1', '203.0.113.9', 'unknown_user'],
    ['root from 2001:db8::9', 'root@db1', '2001:db8::9', 'bad_password'],
    ['Invalid user test', 'test@db1', '198.51.100.7', 'unknown_user'],
    ['invalid user from from', 'from@db1', '203.0.113.9', 'policy'],
    ['not listed in AllowUsers', 'boris@db1', '192.0.2.11', 'policy'],
    ['account is locked', 'carl@db1', undefined, 'locked'],
    ['authenticating user root', 'root@db1', '203.0.113.9', 'interrupted'],
    ['message repeated', 'root@db1', '203.0.113.9', 'bad_password'],
    ['rhost=203.0.113.9 user=root', 'root@db1', '203.0.113.9', 'bad_password'],
    ['PAM 2 more', undefined, '203.0.113.9', 'unknown_user'],
    ['FAILED LOGIN', 'anna@db1', undefined, 'bad_password'],
    ['Invalid verification code', 'anna@db1', undefined, 'bad_factor'],
    ['received for user anna: 7', 'anna@db1', undefined, 'bad_password'],
    ['Bad password attempt', 'root@db1', '203.0.113.9', 'bad_password'],
  ])('that failed are no success: %s', (words, actor, ip, failure) => {
    const event = of(words);
    expect({ outcome: event.outcome, actor: event.actor?.name, ip: event.src?.ip, failure: event.auth?.failure }).toEqual({
      outcome: 'failure',
      actor,
      ip,
      failure,
    });
    expect(event.session).toBeUndefined();
  });
  it('are never taken from what an attacker writes into his user name', () => {
    const forged = parseLine(
      'Jan  5 09:00:00 db1 sshd[1]: Failed password for invalid user root from 192.0.2.99 port 1 ssh2 from 203.0.113.9 port 4711 ssh2',
    );
    expect(forged).toMatchObject({ kind: 'kept', event: { outcome: 'failure', src: { ip: '203.0.113.9', port: 4711 } } });
  });
  it('of a whole day read the same from syslog, the journal and a shipper', () => {
    expect(journal.slice(0, 2)).toMatchObject([
      { code: 'ssh_login', outcome: 'success', time: Date.UTC(2026, 0, 5, 9, 0, 0, 250), nativeId: 's=1;i=1', actor: { name: 'anna@db1' } },
      { code: 'ssh_login', outcome: 'failure', actor: { name: 'root@db1' }, src: { ip: '203.0.113.9' } },
    ]);
    for (const event of journal.slice(4, 6))
      expect(event).toMatchObject({ code: 'ssh_login', actor: { name: 'anna@db1' }, src: { ip: '192.0.2.10' } });
    expect(journal[5]?.time).toBe(Date.UTC(2026, 0, 5, 9, 0, 5));
  });
});

describe('linux elevation', () => {
  it('with sudo is a command of the person, as the account it ran under', () => {
    expect(of('COMMAND=/bin/cat /etc/shadow')).toMatchObject({
      class: 'process_activity',
      activity: 'launch',
      outcome: 'success',
      actor: { name: 'anna@db1' },
      target: { name: 'root@db1' },
      command: '/bin/cat /etc/shadow',
      session: { uid: 'sudo[1101]@db1', kind: 'privileged' },
    });
    expect(of('3 incorrect password')).toMatchObject({
      outcome: 'failure',
      auth: { failure: 'bad_password' },
      target: { name: 'root@db1' },
      command: '/bin/bash -c echo a ; USER=x',
    });
    expect(of('NOT in sudoers')).toMatchObject({ outcome: 'failure', auth: { failure: 'policy' } });
    expect(of('@cee')).toMatchObject({ command: 'id -u', actor: { name: 'anna@db1' }, target: { name: 'root@db1' } });
  });
  it('gives and takes custody of the account that somebody becomes, in one session', () => {
    const opened = of('pam_unix(su-l:session): session opened');
    expect(of('(to root) anna')).toMatchObject({
      class: 'authentication',
      activity: 'account_switch',
      actor: { name: 'anna@db1' },
      target: { name: 'root@db1' },
    });
    expect(opened).toMatchObject({
      activity: 'account_switch',
      actor: { name: 'anna@db1' },
      target: { name: 'root@db1' },
      session: of('(to root) anna').session,
    });
    const closed = of('pam_unix(su-l:session): session closed');
    expect(closed).toMatchObject({ activity: 'logoff', target: { name: 'root@db1' }, session: opened.session });
    expect(closed.actor).toBeUndefined();
  });
  it.each([
    ['FAILED SU (to root) boris', 'boris@db1', 'root@db1'],
    ['BAD SU carl', 'carl@db1', 'root@db1'],
    ['- /dev/pts/2 carl:root', 'carl@db1', 'root@db1'],
    ['ruser=carl', 'carl@db1', 'root@db1'],
    ['ruser=boris', 'boris@db1', undefined],
    ['Not authorized', 'boris@db1', 'root@db1'],
    ['FAILED to authenticate', 'boris@db1', undefined],
    ['command not permitted', 'boris@bsd1', undefined],
  ])('that was refused is no success: %s', (words, actor, target) => {
    const event = of(words);
    expect({ outcome: event.outcome, actor: event.actor?.name, target: event.target?.name }).toEqual({ outcome: 'failure', actor, target });
  });
});

describe('linux of other makes and ages', () => {
  it.each([
    ['from group `sudo', 'success', 'root@db1', 'erik@db1'],
    ['add member erik', 'success', 'root@db1', 'erik@db1'],
    ['vsftpd:auth', 'failure', 'erik@db1', undefined],
    ['passwd:chauthtok): authentication', 'failure', undefined, 'anna@db1'],
    ['[ID 800047', 'success', 'anna@sol1', undefined],
    ['BAD SU from boris', 'failure', 'boris@aix1', 'root@aix1'],
    ['ROOT LOGIN (root)', 'success', 'root@bsd1', undefined],
    ['password check failed', 'failure', 'anna@db1', undefined],
    ['error trying to bind', 'failure', 'anna@db1', undefined],
    ['polkit-1:session', 'success', '#1001@db1', 'root@db1'],
    ['Successful login as', 'success', 'root@db1', undefined],
  ])('reads %s as a %s', (words, outcome, actor, target) => {
    const event = of(words);
    expect({ outcome: event.outcome, actor: event.actor?.name, target: event.target?.name }).toEqual({ outcome, actor, target });
  });
});

describe('linux accounts and groups', () => {
  it.each([
    ['new user: name=dora', 'create', 'dora@db1'],
    ['lock user', 'lock', 'carl@db1'],
    ['unlock user', 'unlock', 'carl@db1'],
    ['password changed for dora', 'password_change', 'dora@db1'],
    ["password for 'carl' changed by 'root'", 'password_change', 'carl@db1'],
    ["delete user 'dora'", 'delete', 'dora@db1'],
    ['changed password expiry', 'other', 'carl@db1'],
  ])('%s is a change of an account: %s', (words, activity, target) => {
    const event = lines.find(({ detail }) => detail?.startsWith(words)) ?? of(words);
    expect(event).toMatchObject({ class: 'account_change', activity, outcome: 'success', target: { name: target } });
  });
  it('a changed password takes the account out of the hands of whoever was given the old one', () => {
    expect(of('password changed for dora').credential).toEqual({ act: 'changed', account: 'dora@db1' });
    expect(of('passwd:chauthtok): authentication failure').credential).toBeUndefined();
  });
  it('what only root can do is done by root of that machine, so that whoever holds it answers for it', () => {
    expect(of('new user: name=dora')).toMatchObject({ actor: { name: 'root@db1' }, target: { name: 'dora@db1' } });
    expect(of("add 'dora' to group 'sudo'")).toMatchObject({ actor: { name: 'root@db1' }, privilege: { change: 'granted' } });
  });
  it('says who gave whom which group, on which machine', () => {
    expect(of('added by root to group docker')).toMatchObject({
      class: 'group_management',
      activity: 'add_user',
      actor: { name: 'root@db1' },
      target: { name: 'dora@db1' },
      resource: { kind: 'group', name: 'docker', host: 'db1' },
      privilege: { change: 'granted', entitlement: 'linux:group:docker@db1', jit: false },
    });
    expect(of("delete 'dora' from group")).toMatchObject({
      activity: 'remove_user',
      privilege: { change: 'revoked', entitlement: 'linux:group:sudo@db1' },
    });
    expect(of('failed adding user')).toMatchObject({ activity: 'create', outcome: 'failure' });
  });
});

describe('the audit daemon', () => {
  it('says the same in its own words', () => {
    expect(audit('USER_LOGIN')).toMatchObject({
      activity: 'logon',
      outcome: 'success',
      actor: { name: 'anna' },
      src: { ip: '192.0.2.10' },
      time: 1767603600123,
    });
    expect(audit('USER_LOGIN', 1)).toMatchObject({ outcome: 'failure', auth: { failure: 'unknown_user' }, src: { ip: '203.0.113.9' } });
    expect(audit('USER_LOGIN', 1).actor).toBeUndefined();
    expect(audit('USER_AUTH')).toMatchObject({ activity: 'logon', outcome: 'failure', actor: { name: 'root@db1' } });
    expect(audit('USER_START')).toMatchObject({
      activity: 'account_switch',
      actor: { name: 'anna@db1' },
      target: { name: 'root@db1' },
      session: audit('USER_END').session,
    });
    expect(audit('USER_CMD')).toMatchObject({ class: 'process_activity', command: 'cat /etc/shadow', actor: { name: '#1001@db1' } });
    expect(audit('USER_MGMT')).toMatchObject({
      activity: 'add_user',
      target: { name: 'dora@db1' },
      privilege: { entitlement: 'linux:group:wheel@db1' },
    });
    expect(audit('ADD_USER')).toMatchObject({ activity: 'create', actor: { name: 'anna@db1' }, target: { name: 'dora@db1' } });
  });
});

describe('the linux parser', () => {
  it('never throws and never needs long, whatever the line', () => {
    const word = fc.constantFrom(
      'Failed',
      'password',
      'for',
      ' from ',
      ' port ',
      '1',
      'user',
      ' : ',
      ' ; ',
      'COMMAND=',
      'USER=',
      'session opened',
      'type=USER_AUTH msg=audit(1:2):',
      '[',
      ']',
      '(',
      ')',
      '"',
      "'",
      ' ',
    );
    const app = fc.constantFrom('sshd[1]', 'sudo', 'su', 'useradd[2]', 'login', 'pkexec', 'polkitd', 'audispd', 'x');
    fc.assert(
      fc.property(app, fc.array(fc.oneof(word, fc.string()), { maxLength: 30 }), (name, words) => {
        const result = parseLine(`Jan  5 09:00:00 db1 ${name}: ${words.join('').replace(/\s/g, ' ')}`);
        expect(result).not.toMatchObject({ code: 'parser_bug' });
        if (result.kind === 'kept') AccessEvent.parse(result.event);
      }),
    );
    fc.assert(
      fc.property(fc.object(), (value) => {
        expect(['ignored', 'rejected', 'kept']).toContain(linux.parse(value).kind);
      }),
    );
    const started = performance.now();
    for (const unit of [' from ', 'Failed password for ', ' : ', ' ; COMMAND=', '[USER=', 'a="', 'user=', '@'])
      for (const name of ['sshd[1]', 'sudo', 'su', 'pkexec', 'polkitd', 'doas', 'passwd', 'audispd'])
        for (const begin of ['', 'Failed password for ', 'Accepted password for x', 'Operator of ', 'pam_unix(sshd:auth): '])
          parseLine(`Jan  5 09:00:00 db1 ${name}: ${begin}${unit.repeat(8_000)}`);
    expect(performance.now() - started).toBeLessThan(8_000);
  });
});

describe('second factors', () => {
  const line = (tag: string, words: string): ParseResult => parseLine(`Jan  5 09:00:00 db1 ${tag}[7]: ${words}`);
  it("of Google's module", () => {
    expect(line('sshd(pam_google_authenticator)', 'Accepted google_authenticator for anna')).toMatchObject({
      event: {
        actor: { name: 'anna@db1' },
        outcome: 'success',
        activity: 'preauth',
        auth: { step: 'second_factor', factorResult: 'approved' },
      },
    });
  });
  it("of Duo's module and login shell, which log under their own names", () => {
    expect(line('pam_duo', "Successful Duo login for 'anna' from 192.0.2.4")).toMatchObject({
      event: { actor: { name: 'anna@db1' }, src: { ip: '192.0.2.4' }, outcome: 'success', auth: { mfa: true, factorResult: 'approved' } },
    });
    expect(line('login_duo', "Failed Duo login for 'anna' from 2001:db8::4: Login request denied.")).toMatchObject({
      event: { src: { ip: '2001:db8::4' }, outcome: 'failure', auth: { failure: 'bad_factor', factorResult: 'denied' } },
    });
    expect(line('pam_duo', "Skipped Duo login for 'anna' from 192.0.2.4: Allowed by policy")).toMatchObject({
      event: { src: { ip: '192.0.2.4' }, outcome: 'success', auth: { mfa: false } },
    });
    expect(line('pam_duo', "Failsecure Duo login for 'anna': no answer")).toMatchObject({ event: { outcome: 'failure' } });
    expect(line('pam_duo', 'Autopushing login request to phone')).toMatchObject({ kind: 'ignored' });
  });
});

describe('other daemons in the same log', () => {
  const line = (tag: string, words: string): ParseResult => parseLine(`Jan  5 09:00:00 db1 ${tag}: ${words}`);
  it.each([
    ['dropbear[7]', "Exit before auth (user 'anna', 3 fails): Max auth tries reached - user 'anna' from 192.0.2.4:4444", 'failure'],
    ['dropbear[7]', "Login attempt for nonexistent user 'anna' from 192.0.2.4:4444", 'failure'],
    ['dovecot', 'imap-login: Login: user=<anna>, method=PLAIN, rip=192.0.2.4, lip=198.51.100.1, mpid=9', 'success'],
    [
      'dovecot',
      'imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<anna>, method=PLAIN, rip=192.0.2.4, lip=198.51.100.1',
      'failure',
    ],
    ['proftpd[7]', 'db1 (client.example.com[192.0.2.4]) - USER anna: Login successful.', 'success'],
    ['proftpd[7]', 'db1 (192.0.2.4[192.0.2.4]) - USER anna (Login failed): Incorrect password', 'failure'],
    ['proftpd[7]', 'db1 (192.0.2.4[192.0.2.4]) - USER anna: no such user found from 192.0.2.4', 'failure'],
  ])('%s %s', (tag, words, outcome) => {
    expect(line(tag, words)).toMatchObject({
      event: { activity: 'logon', outcome, actor: { name: 'anna@db1' }, src: { ip: '192.0.2.4' } },
    });
  });
  it('of remote desktops name the user only', () => {
    expect(line('xrdp-sesman[7]', '[INFO ] Access permitted for user: anna')).toMatchObject({ event: { outcome: 'success' } });
    expect(line('xrdp-sesman[7]', '[ERROR] Access denied for user: anna')).toMatchObject({ event: { outcome: 'failure' } });
  });
});

describe('a line as others carry it', () => {
  const said = 'Failed password for anna from 192.0.2.4 port 4000 ssh2';
  const failed = { time: Date.UTC(2024, 4, 1, 10), outcome: 'failure', actor: { name: 'anna@db1' }, src: { ip: '192.0.2.4' } };
  it.each([
    ['a shipper that read an old file', { '@timestamp': '2024-05-01T10:00:02Z', message: `May  1 10:00:00 db1 sshd[7]: ${said}` }],
    ['NXLog', { EventTime: '2024-05-01 10:00:00', Hostname: 'db1', SourceName: 'sshd', ProcessID: 7, Message: said }],
    ['GELF', { version: '1.1', timestamp: 1714557600, host: 'db1', short_message: said, _application_name: 'sshd', _process_id: '7' }],
  ])('by %s', (_, record) => {
    expect(parsePayload(linux, Buffer.from(JSON.stringify(record)), { now: NOW })).toMatchObject([{ kind: 'kept', event: failed }]);
  });
  it('with a time as ctime writes it, or with the facility of AIX', () => {
    expect(parseLine(`Wed May  1 10:00:00 2024 db1 sshd[7]: ${said}`)).toMatchObject({ event: failed });
    for (const aix of ['auth|security:info', 'auth:notice Message forwarded from web1:'])
      expect(parseLine(`Jan  5 09:00:00 db1 ${aix} sshd[7]: ${said}`), aix).toMatchObject({ event: { outcome: 'failure' } });
  });
  it('names nobody unknown a wrong password', () => {
    for (const words of ['authentication error', 'unknown user'])
      expect(parseLine(`Jan  5 09:00:00 db1 sshd[7]: error: PAM: ${words} for illegal user eve from 192.0.2.4`)).toMatchObject({
        event: { outcome: 'failure', actor: { name: 'eve@db1' }, auth: { failure: 'unknown_user' } },
      });
  });
});
