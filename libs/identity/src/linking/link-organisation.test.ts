import { describe, expect, it } from 'vitest';
import { buildOrganisation } from '../build-organisation.js';
import type { Organisation } from '../organisation.js';
import { GroupRecord, IdentityRecord } from '../organisation-records.js';
import { AccountRecord, LinkDecision } from './account-record.js';
import { linkOrganisation } from './link-organisation.js';

const organisationOf = (identities: object[], accounts: object[], decisions: object[] = [], groups: object[] = []): Organisation =>
  buildOrganisation(
    linkOrganisation({
      identities: identities.map((record) => IdentityRecord.parse(record)),
      accounts: accounts.map((record) => AccountRecord.parse(record)),
      decisions: decisions.map((record) => LinkDecision.parse(record)),
      groups: groups.map((record) => GroupRecord.parse(record)),
      assets: [],
      roles: [],
      tickets: [],
    }).records,
  );
const at = (text: string): number => Date.parse(text);
const okta = { system: 'okta', name: 'anna@example.com', id: '00u1', employeeId: '7', email: 'anna.huber@example.com', department: 'IT' };

describe('an identity of the organisation', () => {
  it('is found by login, id and address of the accounts that are linked to it', () => {
    const organisation = organisationOf([{ id: 'p-1', employeeId: '7' }], [okta]);
    for (const account of [
      { system: 'okta', name: 'ANNA@example.com' },
      { system: 'okta', name: 'renamed', id: '00u1' },
      { system: 'auth0', name: 'a.huber', email: 'anna.huber@example.com' },
    ])
      expect(organisation.resolve(account)).toBe('p-1');
  });
  it('keeps what the organisation says, and takes what is missing from the directory', () => {
    const organisation = organisationOf(
      [{ id: 'p-1', employeeId: '7', title: 'Head', department: 'Security', groups: ['staff'] }],
      [{ ...okta, title: 'Engineer', team: 'net', privileged: true, groups: ['Admins', 'okta:role:SUPER'] }],
      [],
      [{ group: 'okta:group:Admins', memberOf: ['okta:group:All'] }],
    );
    expect(organisation.identity('p-1')).toMatchObject({ title: 'Head', department: 'Security', team: 'net', privileged: true });
    expect([...organisation.groupsOf('p-1')].toSorted()).toEqual(['okta:group:Admins', 'okta:group:All', 'okta:role:SUPER', 'staff']);
  });
  it('is gone when the last of its accounts is closed, unless the organisation says when', () => {
    const closed = { ...okta, active: false, endsAt: '2026-03-01T12:00:00Z' };
    const other = { system: 'ldap', name: 'anna', employeeId: '7' };
    const before = at('2026-03-01T11:59:59Z');
    const after = at('2026-03-01T12:00:00Z');
    expect(organisationOf([{ id: 'p-1', employeeId: '7' }], [closed]).statusAt('p-1', before)).toBe('active');
    expect(organisationOf([{ id: 'p-1', employeeId: '7' }], [closed]).statusAt('p-1', after)).toBe('left');
    expect(organisationOf([{ id: 'p-1', employeeId: '7' }], [closed, other]).statusAt('p-1', after)).toBe('active');
    const listed = organisationOf([{ id: 'p-1', employeeId: '7', endsAt: '2026-06-30' }], [closed]);
    expect(listed.statusAt('p-1', after)).toBe('active');
    const undated = organisationOf([{ id: 'p-1', employeeId: '7' }], [{ ...okta, active: false }]);
    expect(undated.statusAt('p-1', before)).toBe('left');
  });
});

describe('people whom only a directory knows', () => {
  it('are identities, with managers by any name that the directory gives them', () => {
    const organisation = organisationOf(
      [],
      [
        okta,
        { system: 'okta', name: 'ben@example.com', manager: '00u1' },
        { system: 'ldap', name: 'cy', manager: 'cn=x', timezone: 'Europe/Vienna' },
      ],
    );
    expect(organisation.identities.map(({ id, manager }) => [id, manager])).toEqual([
      ['ldap:cy', 'cn=x'],
      ['okta:anna@example.com', undefined],
      ['okta:ben@example.com', 'okta:anna@example.com'],
    ]);
  });
  it('keep the identity that their events had before anybody knew them', () => {
    const account = { system: 'okta', name: 'anna@example.com' };
    expect(organisationOf([], [okta]).resolve(account)).toBe(organisationOf([], []).resolve(account));
  });
});

describe('an account in dispute', () => {
  const people = [
    { id: 'p-1', employeeId: '7' },
    { id: 'p-2', email: 'anna.huber@example.com' },
  ];
  it('stands on its own until somebody decides, and its address speaks for nobody', () => {
    const organisation = organisationOf(people, [okta]);
    expect(organisation.resolve({ system: 'okta', name: 'anna@example.com', id: '00u1' })).toBe('okta:anna@example.com');
    expect(organisation.resolve({ system: 'okta', name: 'anna@example.com', email: 'anna.huber@example.com' })).toBe(
      'okta:anna@example.com',
    );
    expect(organisation.resolve({ system: 'auth0', name: 'x', email: 'anna.huber@example.com' })).toBe('p-2');
    expect(organisation.identity('okta:anna@example.com')?.department).toBe('IT');
  });
  it('is whose it was decided to be', () => {
    const organisation = organisationOf(people, [okta], [{ system: 'okta', name: 'anna@example.com', identity: 'p-1' }]);
    expect(organisation.resolve({ system: 'okta', name: 'anna@example.com' })).toBe('p-1');
    expect(organisation.identity('okta:anna@example.com')).toBeUndefined();
  });
});

it('takes a person at his word on an account that no directory tells of', () => {
  const people = [{ id: 'p-1', accounts: [{ system: 'okta', name: 'anna' }] }];
  const organisation = organisationOf(
    people,
    [{ system: 'okta', name: 'anna', active: false, endsAt: '2026-03-01T00:00:00Z' }],
    [{ system: 'auth0', name: 'x|1', identity: 'p-1' }],
  );
  expect(organisation.resolve({ system: 'auth0', name: 'x|1' })).toBe('p-1');
  expect(organisation.statusAt('p-1', at('2026-03-02T00:00:00Z'))).toBe('left');
});

it('changes nothing where no directory is connected', () => {
  const records = { identities: [IdentityRecord.parse({ id: 'p-1' })], assets: [], groups: [], roles: [], tickets: [] };
  expect(linkOrganisation({ ...records, accounts: [], decisions: [] }).records).toEqual(records);
});
