import { describe, expect, it } from 'vitest';
import { ENTERPRISE_USER, recordsOfScim, type ScimResource } from './scim-records.js';

const user = (id: string, resource: object, more: Partial<ScimResource> = {}): ScimResource => ({
  system: 'okta',
  kind: 'user',
  id,
  resource: { userName: `${id}@example.com`, active: true, ...resource },
  createdAt: '2026-01-01T00:00:00.000Z',
  endedAt: null,
  deleted: false,
  ...more,
});
const group = (id: string, displayName: string, members: string[], more: Partial<ScimResource> = {}): ScimResource => ({
  ...user(id, {}),
  kind: 'group',
  resource: { displayName, members: members.map((value) => ({ value })) },
  ...more,
});

describe('a SCIM user', () => {
  it('is an account with all that the enterprise extension says', () => {
    const { accounts } = recordsOfScim([
      user('u1', {
        externalId: '00u1',
        name: { givenName: 'Anna', familyName: 'Huber' },
        title: 'Engineer',
        timezone: 'Europe/Vienna',
        emails: [
          { value: 'home@example.net', type: 'home' },
          { value: 'anna@example.com', type: 'work', primary: true },
        ],
        [ENTERPRISE_USER]: { employeeNumber: '1001', department: 'IT', division: 'Network', manager: { value: 'u2' } },
      }),
    ]);
    expect(accounts).toEqual([
      {
        system: 'okta',
        name: 'u1@example.com',
        id: '00u1',
        scimId: 'u1',
        email: 'anna@example.com',
        emails: ['home@example.net'],
        displayName: 'Anna Huber',
        title: 'Engineer',
        employeeId: '1001',
        department: 'IT',
        team: 'Network',
        manager: 'u2',
        timezone: 'Europe/Vienna',
        active: true,
        since: '2026-01-01T00:00:00.000Z',
        groups: [],
      },
    ]);
  });
  it('that is deactivated or deleted stays, closed at that instant', () => {
    const endedAt = '2026-02-01T10:00:00.000Z';
    const { accounts } = recordsOfScim([user('u1', { active: false }, { endedAt }), user('u2', {}, { endedAt, deleted: true })]);
    expect(accounts.map(({ active, endsAt }) => [active, endsAt])).toEqual([
      [false, endedAt],
      [false, endedAt],
    ]);
  });
  it('is a service when its type says so, and no person else has a kind', () => {
    const { accounts } = recordsOfScim([user('u1', { userType: 'Service account' }), user('u2', { userType: 'Employee' }), user('u3', {})]);
    expect(accounts.map(({ kind }) => kind)).toEqual(['service', undefined, undefined]);
  });
  it('with fields of other types than the standard has is read as far as it can be', () => {
    const { accounts } = recordsOfScim([
      user('u1', { title: 5, emails: 'x', name: 'Anna', [ENTERPRISE_USER]: 7, timezone: 'Mars/Crater' }),
    ]);
    expect(accounts).toMatchObject([{ name: 'u1@example.com', emails: [] }]);
  });
});

describe('SCIM groups', () => {
  it('give their members the entitlement, and groups in groups are nested', () => {
    const { accounts, groups } = recordsOfScim([user('u1', {}), group('g1', 'Admins', ['u1']), group('g2', 'Everybody', ['g1', 'gone'])]);
    expect(accounts[0]?.groups).toEqual(['okta:group:Admins']);
    expect(groups).toEqual([
      { group: 'okta:group:Admins', memberOf: ['okta:group:Everybody'], system: 'okta' },
      { group: 'okta:group:Everybody', memberOf: [], system: 'okta' },
    ]);
  });
  it('that are deleted, or of another system, give nothing', () => {
    const { accounts } = recordsOfScim([
      user('u1', {}),
      group('g1', 'Admins', ['u1'], { deleted: true }),
      group('g2', 'B', ['u1'], { system: 'entra' }),
    ]);
    expect(accounts[0]?.groups).toEqual([]);
  });
});
