import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountState, generalizedTime } from './account-state.js';
import { directoryRecords } from './directory-records.js';
import { canonicalDn, firstValue } from './distinguished-name.js';
import { LdapConfig } from './ldap-config.js';
import { entryOf, sidOf, textOf } from './ldap-entry.js';
import { PRESETS } from './presets.js';

const entry = (dn: string, attributes: Record<string, unknown> = {}) => entryOf(dn, attributes);
const sid = (rid: number): Buffer => {
  const bytes = Buffer.from('010500000000000515000000010000000200000003000000ffffffff', 'hex');
  bytes.writeUInt32LE(rid, 24);
  return bytes;
};

describe('a distinguished name', () => {
  it.each([
    ['cn=Anna,dc=example,dc=com', 'CN=anna, DC=Example , dc=COM'],
    ['cn=Huber\\, Anna,dc=example', 'CN=huber\\2C anna,DC=example'],
    ['cn=Z\\C3\\BCrich,dc=x', 'cn=zürich,dc=x'],
    ['ou=a+cn=b,dc=x', 'cn=b+ou=a,dc=x'],
  ])('%s is %s', (a, b) => {
    expect(canonicalDn(a)).toBe(canonicalDn(b));
  });
  it('with another value is another one', () => {
    expect(canonicalDn('cn=a\\,dc=x')).not.toBe(canonicalDn('cn=a,dc=x'));
  });
  it('names a group by its first value', () => {
    expect(firstValue('CN=Domain Admins\\, EU,OU=x')).toBe('Domain Admins, EU');
  });
  it('never throws, whatever it is', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof canonicalDn(text) === 'string'));
  });
});

describe('an account is closed', () => {
  it.each([
    ['disabled in Active Directory', { userAccountControl: '514' }, false],
    ['enabled there', { userAccountControl: '66048' }, true],
    ['locked for ever by ppolicy', { pwdAccountLockedTime: '000001010000Z' }, false],
    ['locked after failed logins, which ends by itself', { pwdAccountLockedTime: '20260301120000Z' }, true],
    ['nsAccountLock', { nsAccountLock: 'TRUE' }, false],
    ['loginDisabled', { loginDisabled: 'TRUE' }, false],
    ['nothing said', {}, true],
  ])('%s', (_, attributes, active) => {
    expect(accountState(entry('cn=x', attributes)).active).toBe(active);
  });
  it('from when it expires, and never where that means never', () => {
    expect(accountState(entry('cn=x', { accountExpires: '134167968000000000' }))).toEqual({
      active: true,
      endsAt: '2026-03-01T00:00:00.000Z',
    });
    expect(accountState(entry('cn=x', { shadowExpire: '20513' }))).toEqual({ active: true, endsAt: '2026-03-01T00:00:00.000Z' });
    for (const accountExpires of ['0', '9223372036854775807', 'x'])
      expect(accountState(entry('cn=x', { accountExpires }))).toEqual({ active: true });
  });
  it('times are read in all forms', () => {
    expect(generalizedTime('20260131120000.0Z')).toBe('2026-01-31T12:00:00.000Z');
    expect(generalizedTime('202601311300+0100')).toBe('2026-01-31T12:00:00.000Z');
    expect(generalizedTime('yesterday')).toBeUndefined();
  });
});

describe('an entry', () => {
  it('has binary ids as logs write them', () => {
    const read = entry('cn=x', { objectSid: sid(1104), objectGUID: Buffer.from('00112233445566778899aabbccddeeff', 'hex') });
    expect(textOf(read, 'objectsid')).toBe('S-1-5-21-1-2-3-1104');
    expect(textOf(read, 'OBJECTGUID')).toBe('33221100-5544-7766-8899-aabbccddeeff');
    expect(sidOf(Buffer.from('0105', 'hex'))).toBeUndefined();
  });
  it('has lists that come in ranges as one', () => {
    expect(entry('cn=x', { member: [], 'member;range=0-1': ['a', 'b'] }).values.get('member')).toEqual(['a', 'b']);
  });
});

describe('accounts and groups', () => {
  const { active_directory: preset } = PRESETS;
  const user = (name: string, more: object = {}) => entry(`CN=${name},DC=example`, { sAMAccountName: name, ...more });
  it('have memberships of both sides, of the primary group, and nested ones', () => {
    const { accounts, groups, warnings } = directoryRecords(
      [user('anna', { memberOf: ['CN=Admins,DC=example'], primaryGroupID: '513', manager: 'cn=BEN, dc=example' }), user('ben')],
      [
        entry('CN=Admins,DC=example', { cn: 'Admins', memberOf: 'CN=All,DC=example' }),
        entry('CN=All,DC=example', { cn: 'All', member: ['CN=Ben,DC=example', 'CN=Admins,DC=example', 'CN=All,DC=example'] }),
        entry('CN=Domain Users,DC=example', { cn: 'Domain Users', objectSid: sid(513) }),
      ],
      preset,
    );
    expect(warnings).toEqual([]);
    expect(accounts.map(({ name, groups: of, manager }) => [name, of, manager])).toEqual([
      ['anna', ['windows:group:Admins', 'windows:group:Domain Users'], 'ben'],
      ['ben', ['windows:group:All'], undefined],
    ]);
    expect(groups.map(({ group, memberOf }) => [group, memberOf])).toEqual([
      ['windows:group:Admins', ['windows:group:All']],
      ['windows:group:All', []],
      ['windows:group:Domain Users', []],
    ]);
  });
  it('without a login, or with one that is there already, are said to be left out', () => {
    const { accounts, warnings } = directoryRecords(
      [user('anna'), user('x', { sAMAccountName: 'ANNA' }), entry('CN=y,DC=example')],
      [],
      preset,
    );
    expect(accounts).toHaveLength(1);
    expect(warnings).toEqual(['CN=x,DC=example: another entry has the login ANNA already', 'CN=y,DC=example: has no sAMAccountName']);
  });
  it('of managed services are services, and those under AdminSDHolder privileged', () => {
    const { accounts } = directoryRecords(
      [user('gmsa$', { objectClass: ['user', 'msDS-GroupManagedServiceAccount'] }), user('adm', { adminCount: '1' })],
      [],
      preset,
    );
    expect(accounts.map(({ kind, privileged }) => [kind, privileged])).toEqual([
      ['service', undefined],
      [undefined, true],
    ]);
  });
});

describe('the configuration', () => {
  const config = { url: 'ldaps://dc1.example.com', bindDn: 'cn=reader', preset: 'openldap', base: 'dc=example,dc=com' };
  it('has defaults for all but where, who and what', () => {
    expect(LdapConfig.parse(config)).toMatchObject({ pageSize: 500, passwordVariable: 'KEYWARD_LDAP_PASSWORD', users: {}, attributes: {} });
  });
  it('does not send a password in the clear unless told to', () => {
    const url = 'ldap://dc1.example.com';
    expect(LdapConfig.safeParse({ ...config, url }).success).toBe(false);
    expect(LdapConfig.safeParse({ ...config, url, startTls: true }).success).toBe(true);
    expect(LdapConfig.safeParse({ ...config, url, plaintext: true }).success).toBe(true);
    expect(LdapConfig.safeParse({ ...config, startTls: true }).success).toBe(false);
  });
  it('takes no password, and no field that it does not know', () => {
    expect(LdapConfig.safeParse({ ...config, password: 'x' }).success).toBe(false);
    expect(LdapConfig.safeParse({ ...config, attributes: { shoeSize: 'x' } }).success).toBe(false);
    expect(LdapConfig.parse({ ...config, attributes: { employeeId: 'uidNumber' } }).attributes).toEqual({ employeeId: ['uidNumber'] });
  });
});
