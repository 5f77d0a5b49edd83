import { describe, expect, it } from 'vitest';
import { EMPTY_ORGANISATION, buildOrganisation } from './build-organisation.js';
import { parseOrganisationFiles } from './parse-files.js';
import type { Organisation, OrganisationRecords } from './organisation.js';

const at = (text: string): number => Date.parse(text);

function records(files: Readonly<Record<string, readonly object[]>>): OrganisationRecords {
  const parsed = parseOrganisationFiles(
    Object.entries(files).map(([name, lines]) => ({ name: `${name}.ndjson`, text: lines.map((line) => JSON.stringify(line)).join('\n') })),
  );
  expect(parsed.problems).toEqual([]);
  return parsed.records;
}
const organisation = (files: Readonly<Record<string, readonly object[]>>): Organisation => buildOrganisation(records(files));
const ANNA = {
  id: 'p-anna',
  email: 'anna@example.com',
  accounts: [
    { system: 'okta', name: 'anna.berg@example.com' },
    { system: 'ad', name: 'EXAMPLE\\aberg' },
    { system: 'linux', name: 'anna@web1' },
    { system: 'linux', name: 'aberg' },
  ],
};
const WEB1 = {
  id: 'a1',
  host: 'web1',
  names: ['www.example.com'],
  addresses: ['192.0.2.80', '2001:db8::80'],
  accounts: [{ name: 'root', vault: 'S1' }],
};

describe('resolve', () => {
  const org = organisation({ identities: [ANNA, { id: 'p-ben', email: 'ben@example.com' }], assets: [WEB1] });
  it.each([
    ['an account as it is listed, whatever its case', { system: 'okta', name: 'Anna.Berg@Example.com' }, 'p-anna'],
    ['DOMAIN\\user', { system: 'ad', name: 'example\\aberg' }, 'p-anna'],
    ['a name without the domain it is listed with', { system: 'ad', name: 'aberg' }, 'p-anna'],
    ['the e-mail as account name', { system: 'entra', name: 'anna@example.com' }, 'p-anna'],
    ['a login of another system that is an e-mail', { system: 'entra', name: 'anna.berg@example.com' }, 'p-anna'],
    ["the vendor's e-mail of an account", { system: 'cyberark', name: 'ab', email: 'ANNA@example.com' }, 'p-anna'],
    ['a host account by host name', { system: 'linux', name: 'anna@web1' }, 'p-anna'],
    ['a host account by address', { system: 'linux', name: 'anna@192.0.2.80' }, 'p-anna'],
    ['a host account by alias', { system: 'linux', name: 'anna@www.example.com' }, 'p-anna'],
    ['a login that all hosts share, on any of them', { system: 'linux', name: 'aberg@db7.example.com' }, 'p-anna'],
    ['an unknown account', { system: 'okta', name: 'zoe@example.com' }, 'okta:zoe@example.com'],
    ['an unknown host account, spelled as the asset is', { system: 'linux', name: 'root@192.0.2.80' }, 'root@web1'],
    ['an account of a host that nobody listed', { system: 'cyberark', name: 'root@db7' }, 'root@db7'],
    ['an account of an address that nobody listed', { system: 'cyberark', name: 'root@198.51.100.7' }, 'root@198.51.100.7'],
    ['the same bare name in another system', { system: 'cyberark', name: 'aberg' }, 'cyberark:aberg'],
  ])('finds %s', (_what, account, expected) => {
    expect(org.resolve(account)).toBe(expected);
  });
  it('never guesses between two who claim an account, an e-mail or a bare name', () => {
    const twins = organisation({
      identities: [
        {
          id: 'a',
          email: 'x@example.com',
          accounts: [
            { system: 'okta', name: 'x' },
            { system: 'ad', name: 'NORTH\\kim' },
          ],
        },
        {
          id: 'b',
          email: 'X@example.com',
          accounts: [
            { system: 'okta', name: 'X' },
            { system: 'ad', name: 'SOUTH\\kim' },
          ],
        },
      ],
    });
    expect(twins.resolve({ system: 'okta', name: 'x' })).toBe('okta:x');
    expect(twins.resolve({ system: 'entra', name: 'x@example.com' })).toBe('entra:x@example.com');
    expect(twins.resolve({ system: 'ad', name: 'kim' })).toBe('ad:kim');
    expect(twins.resolve({ system: 'ad', name: 'south\\kim' })).toBe('b');
  });
  it("takes a vendor's id where the name says nothing", () => {
    const org2 = organisation({ identities: [{ id: 's-1', accounts: [{ system: 'entra', name: '0f0f-app' }] }] });
    expect(org2.resolve({ system: 'entra', name: 'Nightly export', id: '0F0F-APP' })).toBe('s-1');
  });
  it('makes each account its own identity in an empty organisation', () => {
    expect(EMPTY_ORGANISATION.resolve({ system: 'okta', name: 'a@example.com' })).toBe('okta:a@example.com');
    expect(EMPTY_ORGANISATION.peerGroups('okta:a@example.com')).toEqual(['kind:unknown']);
  });
});

describe('status and dates', () => {
  const org = organisation({
    identities: [
      {
        id: 'paris',
        timezone: 'Europe/Paris',
        startsAt: '2026-01-05',
        endsAt: '2026-03-31',
        leaves: [{ from: '2026-02-02', to: '2026-02-02' }],
      },
      { id: 'tokyo', timezone: 'Asia/Tokyo', endsAt: '2026-01-05', onCall: [{ from: '2026-01-02T18:00:00', to: '2026-01-03T08:00:00' }] },
      { id: 'instant', endsAt: '2026-01-05T12:00:00+01:00' },
      { id: 'lying', status: 'terminated', endsAt: '2026-01-05' },
      { id: 'gone', status: 'terminated' },
    ],
  });
  it.each([
    ['paris', '2026-01-04T22:59:59Z', 'not_started'],
    ['paris', '2026-01-04T23:00:00Z', 'active'],
    ['paris', '2026-03-31T21:59:59.999Z', 'active'], // summer time began on 29 March
    ['paris', '2026-03-31T22:00:00Z', 'left'],
    ['tokyo', '2026-01-05T14:59:59Z', 'active'],
    ['tokyo', '2026-01-05T15:00:00Z', 'left'],
    ['instant', '2026-01-05T10:59:59Z', 'active'],
    ['instant', '2026-01-05T11:00:00Z', 'left'],
    ['lying', '2026-01-05T23:59:59Z', 'active'],
    ['gone', '1999-01-01T00:00:00Z', 'left'],
    ['nobody', '2026-01-05T00:00:00Z', 'unknown'],
  ])('%s is at %s: %s', (id, when, status) => {
    expect(org.statusAt(id, at(when))).toBe(status);
  });
  it('takes a leave of one date as a whole local day, both ends included', () => {
    const onLeave = (when: string) => org.isOnLeave('paris', at(when));
    expect([
      onLeave('2026-02-01T22:59:59Z'),
      onLeave('2026-02-01T23:00:00Z'),
      onLeave('2026-02-02T22:59:59Z'),
      onLeave('2026-02-02T23:00:00Z'),
    ]).toEqual([false, true, true, false]);
  });
  it('takes a time without an offset as local', () => {
    expect(org.isOnCall('tokyo', at('2026-01-02T09:00:00Z'))).toBe(true);
    expect(org.isOnCall('tokyo', at('2026-01-02T08:59:59Z'))).toBe(false);
  });
  it('knows the offset of a zone in winter and summer, and half hours', () => {
    const offsets = organisation({
      identities: [{ id: 'p', timezone: 'Europe/Paris' }, { id: 'i', timezone: 'Asia/Kolkata' }, { id: 'u' }],
    });
    expect(offsets.utcOffsetMinutes('p', at('2026-01-05T12:00:00Z'))).toBe(60);
    expect(offsets.utcOffsetMinutes('p', at('2026-03-29T00:59:59Z'))).toBe(60);
    expect(offsets.utcOffsetMinutes('p', at('2026-03-29T01:00:00Z'))).toBe(120);
    expect(offsets.utcOffsetMinutes('i', at('2026-01-05T12:00:00Z'))).toBe(330);
    expect(offsets.utcOffsetMinutes('u', 0)).toBe(0);
  });
});

describe('groups, peers, assets, tickets', () => {
  it('follows nested groups and survives a cycle', () => {
    const org = organisation({
      identities: [{ id: 'p', groups: ['dba'] }],
      groups: [
        { group: 'dba', memberOf: ['ops'] },
        { group: 'ops', memberOf: ['it', 'dba'] },
      ],
    });
    expect([...org.groupsOf('p')].toSorted()).toEqual(['dba', 'it', 'ops']);
    expect(org.groupsOf('nobody').size).toBe(0);
  });
  it('names peer groups from the narrowest to the widest, and leaves out those of one', () => {
    const person = (id: string, team: string, title: string) => ({ id, team, title, department: 'it' });
    const org = organisation({ identities: [person('a', 't1', 'dev'), person('b', 't1', 'lead'), person('c', 't2', 'dev')] });
    expect(org.peerGroups('a')).toEqual(['team:t1', 'department:it', 'title:dev', 'kind:human']);
    expect(org.peerGroups('c')).toEqual(['department:it', 'title:dev', 'kind:human']);
  });
  it('finds an asset by host, domain name, alias and address, and its vaulted accounts by any of them', () => {
    const org = organisation({ assets: [WEB1, { id: 'cloud', accounts: [{ name: 'admin@tenant.example.com', vault: 'S2' }] }] });
    for (const name of ['web1', 'WEB1.corp.example.com', 'www.example.com', '192.0.2.80', '2001:db8::80'])
      expect(org.asset(name)?.id).toBe('a1');
    for (const name of ['root@web1', 'ROOT@web1.example.com', 'root@192.0.2.80'])
      expect(org.managedAccount(name)?.account).toBe('root@web1');
    expect(org.managedAccount('admin@tenant.example.com')).toMatchObject({ account: 'admin@tenant.example.com', vault: 'S2' });
    expect(org.managedAccount('nobody@web1')).toBeUndefined();
    expect(org.asset('192.0.2.81')).toBeUndefined();
  });
  it('finds neither of two assets that share a short name, and both by their own', () => {
    const org = organisation({
      assets: [
        { id: 'n', host: 'db.north.example.com' },
        { id: 's', host: 'db.south.example.com' },
      ],
    });
    expect(org.asset('db')).toBeUndefined();
    expect(org.asset('db.south.example.com')?.id).toBe('s');
  });
  it('lists the tickets of the person and the team that are open at the instant', () => {
    const org = organisation({
      identities: [{ id: 'p', team: 'ops' }],
      tickets: [
        { id: 'CHG-1', kind: 'change', start: '2026-01-05T08:00:00Z', end: '2026-01-05T10:00:00Z', team: 'ops' },
        { id: 'INC-1', kind: 'incident', opened: '2026-01-01', owner: 'p' },
        { id: 'INC-2', kind: 'incident', opened: '2026-01-01', owner: 'other' },
      ],
    });
    expect(
      org
        .ticketsAt('p', at('2026-01-05T09:00:00Z'))
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['CHG-1', 'INC-1']);
    expect(org.ticketsAt('p', at('2026-01-05T11:00:00Z')).map(({ id }) => id)).toEqual(['INC-1']);
    expect(org.ticket('chg-1')?.kind).toBe('change');
  });
  it('reads criticality as a word or a multiplier', () => {
    const org = organisation({
      identities: [{ id: 'c', criticality: 'Critical' }, { id: 'n', criticality: 9 }, { id: 'm' }, { id: 'l', criticality: 'low' }],
    });
    expect(['c', 'n', 'm', 'l'].map((id) => org.criticalityOf(id))).toEqual([2, 2, 1, 0.5]);
  });
});

describe('version', () => {
  const one = { id: 'a', team: 'x' };
  const two = { id: 'b' };
  it('is that of the content, whatever the order of lines and fields', () => {
    const a = organisation({ identities: [one, two] }).version;
    expect(organisation({ identities: [two, { team: 'x', id: 'a' }] }).version).toBe(a);
    expect(organisation({ identities: [one, { ...two, team: 'y' }] }).version).not.toBe(a);
  });
});

describe('speed', () => {
  it('resolves 100,000 events of 2,000 accounts well within a second', () => {
    const identities = Array.from({ length: 2000 }, (_, i) => ({ id: `p${i}`, accounts: [{ system: 'okta', name: `u${i}@example.com` }] }));
    const org = organisation({ identities });
    const started = performance.now();
    let found = 0;
    for (let i = 0; i < 100_000; i += 1) if (org.resolve({ system: 'okta', name: `u${i % 2000}@example.com` }).startsWith('p')) found += 1;
    expect(found).toBe(100_000);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
