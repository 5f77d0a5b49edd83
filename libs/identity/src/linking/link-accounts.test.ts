import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdentityRecord } from '../organisation-records.js';
import { AccountRecord, LinkDecision, ownIdentityOf } from './account-record.js';
import { linkAccounts, type LinkInput, type Linking } from './link-accounts.js';

const person = (id: string, more: object = {}): IdentityRecord => IdentityRecord.parse({ id, ...more });
const account = (system: string, name: string, more: object = {}): AccountRecord => AccountRecord.parse({ system, name, ...more });
const decide = (key: string, identity: string | null): LinkDecision =>
  LinkDecision.parse({ system: key.split(':')[0], name: key.slice(key.indexOf(':') + 1), identity });

const linked = ({ links }: Linking): Record<string, string> =>
  Object.fromEntries(links.map((link) => [ownIdentityOf(link.account), `${link.identity} by ${link.by}`]));
const disputed = ({ conflicts }: Linking): Record<string, string[]> =>
  Object.fromEntries(
    conflicts.map(({ account: of, reason, candidates }) => [
      ownIdentityOf(of),
      [reason, ...candidates.map(({ identity, rules }) => `${identity} by ${rules.join('+')}`)],
    ]),
  );

describe('an account belongs to the one identity', () => {
  const identities = [
    person('p-anna', { employeeId: '1001', email: 'anna@example.com', accounts: [{ system: 'entra', name: 'anna@corp.example.com' }] }),
    person('p-ben', { email: 'ben@example.com', accounts: [{ system: 'ldap', name: 'bschmidt' }] }),
  ];
  it.each([
    ['employee id', account('okta', 'a.huber', { employeeId: '1001' }), 'p-anna by employee_id'],
    ['the id of the identity as employee id', account('okta', 'x', { employeeId: 'P-BEN' }), 'p-ben by employee_id'],
    ['UPN', account('ldap', 'anna', { upn: 'Anna@corp.example.com' }), 'p-anna by upn'],
    ['a login that is a UPN', account('okta', 'anna@corp.example.com'), 'p-anna by upn'],
    ['e-mail', account('okta', 'anna', { emails: ['ANNA@example.com'] }), 'p-anna by email'],
    ['being listed', account('ldap', 'BSchmidt'), 'p-ben by explicit'],
    ['being listed under its UPN', account('entra', 'anna', { upn: 'anna@corp.example.com' }), 'p-anna by upn'],
    ['the strongest of several rules', account('ldap', 'bschmidt', { email: 'ben@example.com' }), 'p-ben by email'],
  ])('that is found by %s', (_, given, expected) => {
    expect(linked(linkAccounts({ identities, accounts: [given] }))).toEqual({ [ownIdentityOf(given)]: expected });
  });
  it('also when another account of the same person is what connects them', () => {
    const accounts = [account('okta', 'anna@example.com', { employeeId: '77' }), account('ldap', 'ahuber', { employeeId: '77' })];
    expect(linked(linkAccounts({ identities: [person('p-a', { email: 'anna@example.com' })], accounts }))).toEqual({
      'okta:anna@example.com': 'p-a by email',
      'ldap:ahuber': 'p-a by employee_id',
    });
  });
  it('never by the same login in another system, nor by an account of one machine that looks like an address', () => {
    const accounts = [account('okta', 'bschmidt'), account('linux', 'ben@example.com')];
    expect(linked(linkAccounts({ identities, accounts }))).toEqual({
      'okta:bschmidt': 'okta:bschmidt by own',
      'linux:ben@example.com': 'linux:ben@example.com by own',
    });
  });
});

describe('accounts that nobody lists', () => {
  it('are one identity when they bear the same employee id, called by the oldest', () => {
    const accounts = [
      account('ldap', 'anna', { employeeId: '1', since: '2026-02-01T00:00:00Z' }),
      account('okta', 'anna@example.com', { employeeId: '1', since: '2026-01-01T00:00:00Z' }),
    ];
    expect(linked(linkAccounts({ identities: [], accounts }))).toEqual({
      'ldap:anna': 'okta:anna@example.com by employee_id',
      'okta:anna@example.com': 'okta:anna@example.com by own',
    });
  });
  it('are one identity when addresses connect them, and several otherwise', () => {
    const accounts = [
      account('entra', 'anna@example.com'),
      account('okta', 'anna', { email: 'anna@example.com' }),
      account('okta', 'ben', { email: 'ben@example.com' }),
    ];
    expect(linked(linkAccounts({ identities: [], accounts }))).toMatchObject({
      'entra:anna@example.com': 'entra:anna@example.com by own',
      'okta:anna': 'entra:anna@example.com by email',
      'okta:ben': 'okta:ben by own',
    });
  });
});

describe('a conflict', () => {
  it('is an address that two identities bear', () => {
    const identities = [person('p-1', { email: 'it@example.com' }), person('p-2', { email: 'it@example.com' })];
    const given = linkAccounts({ identities, accounts: [account('okta', 'svc', { email: 'it@example.com' })] });
    expect(given.links).toEqual([]);
    expect(disputed(given)).toEqual({ 'okta:svc': ['several_identities', 'p-1 by email', 'p-2 by email'] });
  });
  it('is an employee id that says one and an address that says another', () => {
    const identities = [person('p-1', { employeeId: '1' }), person('p-2', { email: 'two@example.com' })];
    const accounts = [account('okta', 'x', { employeeId: '1', email: 'two@example.com' })];
    expect(disputed(linkAccounts({ identities, accounts }))).toEqual({
      'okta:x': ['rules_disagree', 'p-1 by employee_id', 'p-2 by email'],
    });
  });
  it('is being listed with one and known as another', () => {
    const identities = [person('p-1', { accounts: [{ system: 'okta', name: 'x' }] }), person('p-2', { employeeId: '2' })];
    expect(disputed(linkAccounts({ identities, accounts: [account('okta', 'x', { employeeId: '2' })] }))).toEqual({
      'okta:x': ['rules_disagree', 'p-1 by explicit', 'p-2 by employee_id'],
    });
  });
  it('shows only when all is known: two accounts with one employee id whose addresses are of two people', () => {
    const identities = [person('p-1', { email: 'one@example.com' }), person('p-2', { email: 'two@example.com' })];
    const accounts = [
      account('okta', 'a', { employeeId: '7', email: 'one@example.com' }),
      account('ldap', 'b', { employeeId: '7', email: 'two@example.com' }),
    ];
    const given = linkAccounts({ identities, accounts });
    expect(given.links).toEqual([]);
    expect(Object.keys(disputed(given))).toEqual(['ldap:b', 'okta:a']);
  });
  it('is a mailbox shared by accounts of two employee ids, and their other accounts are not drawn in', () => {
    const accounts = [
      account('okta', 'adm-a', { employeeId: '1', email: 'it@example.com' }),
      account('okta', 'adm-b', { employeeId: '2', email: 'it@example.com' }),
      account('okta', 'a', { employeeId: '1', email: 'a@example.com' }),
    ];
    const given = linkAccounts({ identities: [], accounts });
    expect(linked(given)).toEqual({ 'okta:a': 'okta:a by own' });
    expect(disputed(given)).toEqual({
      'okta:adm-a': ['rules_disagree', 'okta:a by employee_id', 'okta:adm-b by email'],
      'okta:adm-b': ['rules_disagree', 'okta:a by email', 'okta:adm-b by employee_id'],
    });
  });
  it('is an address of two accounts of one system that nobody lists, unless only one of them is in use', () => {
    const mail = { email: 'team@example.com' };
    const accounts = [account('okta', 'svc1', mail), account('okta', 'svc2', mail), account('ldap', 'svc', mail)];
    expect(Object.keys(disputed(linkAccounts({ identities: [], accounts })))).toEqual(['ldap:svc', 'okta:svc1', 'okta:svc2']);
    const renamed = [account('okta', 'old', { ...mail, active: false }), account('okta', 'new', mail)];
    expect(linkAccounts({ identities: [], accounts: renamed }).conflicts).toEqual([]);
  });
  it('with thousands of candidates takes no longer than its share', () => {
    const accounts = Array.from({ length: 5_000 }, (_, n) =>
      account('okta', `svc${n}`, { employeeId: `${n}`, email: 'noreply@example.com' }),
    );
    const given = linkAccounts({ identities: [], accounts });
    expect(given.conflicts).toHaveLength(5_000);
    expect(given.conflicts[0]?.candidates.length).toBeLessThanOrEqual(21);
  });
});

describe("a person's decision", () => {
  const identities = [person('p-1', { email: 'it@example.com' }), person('p-2', { email: 'it@example.com' })];
  const accounts = [account('okta', 'svc', { email: 'it@example.com' }), account('okta', 'svc2', { email: 'it@example.com' })];
  it('settles the one account, and no other', () => {
    const given = linkAccounts({ identities, accounts, decisions: [decide('okta:svc', 'p-2')] });
    expect(linked(given)).toEqual({ 'okta:svc': 'p-2 by decision' });
    expect(Object.keys(disputed(given))).toEqual(['okta:svc2']);
  });
  it('may be that it is nobody of them', () => {
    expect(linked(linkAccounts({ identities, accounts, decisions: [decide('okta:svc', null)] }))).toEqual({
      'okta:svc': 'okta:svc by decision',
    });
  });
  it('for somebody who is no longer there is asked again', () => {
    expect(disputed(linkAccounts({ identities, accounts, decisions: [decide('okta:svc', 'p-gone')] }))['okta:svc']).toEqual([
      'decision_outdated',
      'p-gone by ',
    ]);
  });
});

const few = (prefix: string) =>
  fc.option(
    fc.integer({ min: 0, max: 4 }).map((n) => `${prefix}${n}`),
    { nil: undefined },
  );
const defined = (record: object): object => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
const anyInput: fc.Arbitrary<LinkInput> = fc.record({
  identities: fc.uniqueArray(
    fc
      .record({ id: fc.integer({ min: 0, max: 5 }), employeeId: few('e'), mail: few('m'), login: few('u') })
      .map(({ id, employeeId, mail, login }) =>
        person(
          `p-${id}`,
          defined({
            employeeId,
            email: mail && `${mail}@example.com`,
            accounts: login === undefined ? [] : [{ system: 'okta', name: login }],
          }),
        ),
      ),
    { selector: (record) => record.id, maxLength: 5 },
  ),
  accounts: fc.array(
    fc
      .record({
        system: fc.constantFrom('okta', 'ldap'),
        name: fc.integer({ min: 0, max: 6 }),
        employeeId: few('e'),
        mail: few('m'),
        upn: few('m'),
      })
      .map(({ system, name, employeeId, mail, upn }) =>
        account(system, `u${name}`, defined({ employeeId, email: mail && `${mail}@example.com`, upn: upn && `${upn}@example.com` })),
      ),
    { maxLength: 10 },
  ),
  decisions: fc.array(
    fc
      .record({
        system: fc.constantFrom('okta', 'ldap'),
        name: fc.integer({ min: 0, max: 6 }),
        to: fc.option(fc.integer({ min: 0, max: 5 })),
      })
      .map(({ system, name, to }) => LinkDecision.parse({ system, name: `u${name}`, identity: to === null ? null : `p-${to}` })),
    { maxLength: 3 },
  ),
});

describe('linking', () => {
  it('does not depend on the order of anything', () => {
    fc.assert(
      fc.property(
        anyInput.chain((input) =>
          fc.record({
            input: fc.constant(input),
            identities: fc.shuffledSubarray([...input.identities], { minLength: input.identities.length }),
            accounts: fc.shuffledSubarray([...input.accounts], { minLength: input.accounts.length }),
            decisions: fc.shuffledSubarray([...(input.decisions ?? [])], { minLength: input.decisions?.length ?? 0 }),
          }),
        ),
        ({ input, identities, accounts, decisions }) => {
          expect(linkAccounts({ identities, accounts, decisions })).toEqual(linkAccounts(input));
        },
      ),
    );
  });
  it('gives each account exactly one place, and in a conflict never a guess', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { links, conflicts } = linkAccounts(input);
        const places = [...links, ...conflicts].map((one) => ownIdentityOf(one.account));
        expect(places.toSorted()).toEqual([...new Set(input.accounts.map(ownIdentityOf))].toSorted());
        for (const conflict of conflicts) {
          if (conflict.reason !== 'decision_outdated')
            expect(new Set(conflict.candidates.map((one) => one.identity)).size).toBeGreaterThan(1);
        }
      }),
    );
  });
  it('makes nothing certain that a rule contradicts: no two rules of a link name different people', () => {
    fc.assert(
      fc.property(anyInput, ({ identities, accounts }) => {
        const { links } = linkAccounts({ identities, accounts });
        for (const { account: of, identity } of links) {
          const named = identities.filter(
            ({ id, email, ...more }) =>
              (of.employeeId !== undefined && (more['employeeId'] === of.employeeId || id === of.employeeId)) ||
              (email !== undefined && [of.email, of.upn].includes(email)) ||
              more.accounts.some((listed) => ownIdentityOf(listed) === ownIdentityOf(of)),
          );
          expect(named.every(({ id }) => id === identity)).toBe(true);
        }
      }),
    );
  });
  it('is as before once a decision is taken back', () => {
    fc.assert(
      fc.property(anyInput, ({ identities, accounts }) => {
        const before = linkAccounts({ identities, accounts });
        linkAccounts({ identities, accounts, decisions: accounts.map((one) => ({ system: one.system, name: one.name, identity: null })) });
        expect(linkAccounts({ identities, accounts, decisions: [] })).toEqual(before);
      }),
    );
  });
});
