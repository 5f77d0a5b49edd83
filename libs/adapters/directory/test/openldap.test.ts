import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildOrganisation, IdentityRecord, linkOrganisation } from '@keyward/identity';
import { Secret } from '@keyward/runtime';
import { slapdAvailable, startSlapd, type SlapdServer } from '@keyward/testkit';
import { LdapConfig, readDirectory } from '../src/index.js';

const BASE = 'dc=example,dc=com';
const entry = (dn: string, attributes: Readonly<Record<string, string | readonly string[]>>): string =>
  [`dn: ${dn}`, ...Object.entries(attributes).flatMap(([name, values]) => [values].flat().map((value) => `${name}: ${value}`))].join('\n');
const person = (uid: string, more: Readonly<Record<string, string | readonly string[]>> = {}): string =>
  entry(`uid=${uid},ou=people,${BASE}`, { objectClass: 'inetOrgPerson', uid, cn: `Person ${uid}`, sn: uid, ...more });
const group = (cn: string, member: readonly string[]): string =>
  entry(`cn=${cn},ou=groups,${BASE}`, { objectClass: 'groupOfNames', cn, member: [...member] });

const TREE = [
  entry(BASE, { objectClass: ['dcObject', 'organization'], dc: 'example', o: 'Example' }),
  ...['people', 'groups'].map((ou) => entry(`ou=${ou},${BASE}`, { objectClass: 'organizationalUnit', ou })),
];
const OPENLDAP = [
  ...TREE,
  person('anna', {
    mail: ['anna@example.com', 'a.huber@example.com'],
    employeeNumber: '1001',
    title: 'Engineer',
    departmentNumber: 'IT',
    manager: `UID=Ben,OU=People,${BASE}`,
    entryUUID: '7f0c1d2e-0000-4000-8000-000000000001',
    createTimestamp: '20250102030405Z',
  }),
  person('ben', { mail: 'ben@example.com' }),
  person('locked', { pwdAccountLockedTime: '000001010000Z' }),
  person('failed', { pwdAccountLockedTime: '20260301120000Z' }),
  entry(`uid=posix,ou=people,${BASE}`, {
    objectClass: ['account', 'posixAccount', 'shadowAccount'],
    uid: 'posix',
    cn: 'posix',
    uidNumber: '1',
    gidNumber: '1',
    homeDirectory: '/',
    shadowExpire: '20513',
  }),
  // More than a page, and more than the server gives at once.
  ...Array.from({ length: 250 }, (_, n) => person(`many${n}`)),
  group('admins', [`uid=anna,ou=people,${BASE}`]),
  group('it', [`cn=admins,ou=groups,${BASE}`, `uid=ben,ou=people,${BASE}`]),
  group('all', [`cn=it,ou=groups,${BASE}`, `cn=all,ou=groups,${BASE}`]),
  entry(`cn=wheel,ou=groups,${BASE}`, { objectClass: 'posixGroup', cn: 'wheel', gidNumber: '10', memberUid: 'posix' }),
].join('\n\n');

const AD = [
  ...TREE,
  entry(`CN=Huber\\, Anna,ou=people,${BASE}`, {
    objectClass: 'user',
    cn: 'Huber, Anna',
    sn: 'Huber',
    sAMAccountName: 'anna',
    userPrincipalName: 'anna@example.com',
    employeeNumber: '1001',
    userAccountControl: '512',
    accountExpires: '134167968000000000',
    memberOf: [`CN=Tier0,ou=groups,${BASE}`],
    adminCount: '1',
    manager: `CN=Berg\\2C Ben,ou=people,${BASE}`,
  }),
  entry(`CN=Berg\\, Ben,ou=people,${BASE}`, {
    objectClass: 'user',
    cn: 'Berg, Ben',
    sn: 'Berg',
    sAMAccountName: 'ben',
    userAccountControl: '514',
  }),
  entry(`CN=Tier0,ou=groups,${BASE}`, { objectClass: 'group', cn: 'Tier0', groupType: '2', memberOf: `CN=Everybody,ou=groups,${BASE}` }),
  entry(`CN=Everybody,ou=groups,${BASE}`, { objectClass: 'group', cn: 'Everybody', groupType: '2' }),
].join('\n\n');

// OpenLDAP from Debian's package `slapd`; skipped where it is not installed.
describe.skipIf(!slapdAvailable())('a live OpenLDAP', () => {
  let server: SlapdServer;
  beforeAll(async () => {
    server = await startSlapd({ base: BASE, ldif: OPENLDAP });
  });
  afterAll(() => server.stop());

  const config = (more: object = {}): LdapConfig =>
    LdapConfig.parse({ url: server.secureUrl, bindDn: server.bindDn, preset: 'openldap', base: BASE, pageSize: 40, ...more });
  const secrets = () => ({ password: new Secret(server.password), ca: server.ca });

  it('gives all people, page by page, with their groups', async () => {
    const pages: number[] = [];
    const { accounts, groups, warnings } = await readDirectory(config(), secrets(), (entries) => pages.push(entries));
    expect(warnings).toEqual([]);
    expect(accounts).toHaveLength(255);
    expect(pages.length).toBeGreaterThan(6);
    expect(accounts.find(({ name }) => name === 'anna')).toEqual({
      system: 'ldap',
      name: 'anna',
      id: '7f0c1d2e-0000-4000-8000-000000000001',
      email: 'anna@example.com',
      emails: ['a.huber@example.com'],
      employeeId: '1001',
      displayName: 'Person anna',
      title: 'Engineer',
      department: 'IT',
      manager: 'ben',
      since: '2025-01-02T03:04:05.000Z',
      dn: `uid=anna,ou=people,${BASE}`,
      active: true,
      groups: ['ldap:group:admins'],
    });
    expect(groups.map(({ group: name, memberOf }) => [name, memberOf])).toEqual([
      ['ldap:group:admins', ['ldap:group:it']],
      ['ldap:group:it', ['ldap:group:all']],
      ['ldap:group:all', []],
      ['ldap:group:wheel', []],
    ]);
    const state = (name: string) =>
      accounts.filter((one) => one.name === name).map(({ active, endsAt, groups: of }) => [active, endsAt, of]);
    expect(state('locked')).toEqual([[false, undefined, []]]);
    expect(state('failed')).toEqual([[true, undefined, []]]);
    expect(state('posix')).toEqual([[true, '2026-03-01T00:00:00.000Z', ['ldap:group:wheel']]]);
  });

  it('linked to the organisation: nested groups and managers are its own', async () => {
    const { accounts, groups } = await readDirectory(config(), secrets());
    const { records, linking } = linkOrganisation({
      identities: [IdentityRecord.parse({ id: 'p-1', employeeId: '1001' })],
      accounts,
      groups,
      decisions: [],
      assets: [],
      roles: [],
      tickets: [],
    });
    const organisation = buildOrganisation(records);
    expect(linking.conflicts).toEqual([]);
    expect(organisation.resolve({ system: 'ldap', name: 'ANNA' })).toBe('p-1');
    expect(organisation.identity('p-1')?.manager).toBe('ldap:ben');
    expect([...organisation.groupsOf('p-1')].toSorted()).toEqual(['ldap:group:admins', 'ldap:group:all', 'ldap:group:it']);
    expect(organisation.statusAt('ldap:locked', 0)).toBe('left');
  });

  it('over StartTLS too, with another base, filter and mapping', async () => {
    const { accounts } = await readDirectory(
      config({
        url: server.url,
        startTls: true,
        system: 'Directory',
        users: { base: `ou=people,${BASE}`, filter: '(employeeNumber=*)' },
        attributes: { employeeId: ['uidNumber', 'employeeNumber'], title: 'sn' },
      }),
      secrets(),
    );
    expect(accounts).toMatchObject([{ system: 'directory', name: 'anna', employeeId: '1001', title: 'anna' }]);
  });

  it.each([
    ['an authority that did not sign the certificate', { ca: undefined }, {}, 'ldap.tls'],
    ['a wrong password', { password: new Secret('wrong') }, {}, 'ldap.credentials'],
    ['a base that is not there', {}, { base: 'dc=elsewhere,dc=com' }, 'ldap.search'],
    ['a filter that is none', {}, { users: { filter: '((uid=' } }, 'ldap.search'],
    ['nobody who listens', {}, { url: 'ldaps://localhost:1' }, 'ldap.unavailable'],
  ])('says what is wrong: %s', async (_, more, changed, code) => {
    const { ca, password } = { ...secrets(), ...more };
    await expect(readDirectory(config(changed), { password, ...(ca === undefined ? {} : { ca }) })).rejects.toMatchObject({ code });
  });
  it('refuses a certificate that is for another name, over ldaps and StartTLS', async () => {
    for (const changed of [
      { url: server.secureUrl.replace('localhost', '127.0.0.1') },
      { url: server.url.replace('localhost', '127.0.0.1'), startTls: true },
    ])
      await expect(readDirectory(config(changed), secrets())).rejects.toMatchObject({ code: 'ldap.tls' });
  });
});

describe.skipIf(!slapdAvailable())('entries as Active Directory has them, served by OpenLDAP', () => {
  let server: SlapdServer;
  beforeAll(async () => {
    server = await startSlapd({ base: BASE, ldif: AD, schemas: ['msuser'] });
  });
  afterAll(() => server.stop());

  it('are read by the preset', async () => {
    const { accounts, groups } = await readDirectory(
      LdapConfig.parse({
        url: server.secureUrl,
        bindDn: server.bindDn,
        preset: 'active_directory',
        base: BASE,
        // What `person` abbreviates there only Active Directory knows.
        users: { filter: '(objectClass=user)' },
      }),
      { password: new Secret(server.password), ca: server.ca },
    );
    expect(accounts).toMatchObject([
      {
        system: 'windows',
        name: 'anna',
        upn: 'anna@example.com',
        employeeId: '1001',
        displayName: 'Huber, Anna',
        manager: 'ben',
        privileged: true,
        active: true,
        endsAt: '2026-03-01T00:00:00.000Z',
        groups: ['windows:group:Tier0'],
      },
      { name: 'ben', active: false, groups: [] },
    ]);
    expect(groups).toMatchObject([
      { group: 'windows:group:Tier0', memberOf: ['windows:group:Everybody'] },
      { group: 'windows:group:Everybody' },
    ]);
  });
});
