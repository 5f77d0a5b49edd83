import type { OrganisationRecords } from '../organisation.js';
import type { IdentityRecord } from '../organisation-records.js';
import { parseDateOrInstant } from '../local-time.js';
import { ownIdentityOf, type AccountRecord, type LinkDecision } from './account-record.js';
import { byAge, linkAccounts, type Linking } from './link-accounts.js';

/** The organisation as its directories tell of it: people as listed, and accounts whose owner is to be found out. */
export interface LinkableRecords extends OrganisationRecords {
  readonly accounts: readonly AccountRecord[];
  readonly decisions: readonly LinkDecision[];
}
export interface LinkedOrganisation {
  /** For `buildOrganisation`: identities with the accounts that are theirs, and those that only a directory knows. */
  readonly records: OrganisationRecords;
  readonly linking: Linking;
}

/**
 * Puts accounts to identities. What the organisation says of a person comes before what a directory says; a directory fills in what is missing.
 * Without accounts the records are the same.
 */
export function linkOrganisation({ accounts: told, decisions, ...records }: LinkableRecords): LinkedOrganisation {
  const accounts = [...told, ...onlySeen(told, decisions)];
  const linking = linkAccounts({ identities: records.identities, accounts, decisions });
  const owned = new Map<string, AccountRecord[]>();
  for (const { identity, account } of linking.links) owned.set(identity, [...(owned.get(identity) ?? []), account]);
  const managers = managerNames(linking);
  const listed = records.identities.map((identity) => withAccounts(identity, owned.get(identity.id) ?? [], managers));
  const known = new Set(records.identities.map(({ id }) => id));
  const own = [...owned].filter(([id]) => !known.has(id)).map(([id, theirs]) => identityOf(id, theirs, managers));
  // In dispute: on its own, and its addresses speak for nobody.
  const alone = linking.conflicts
    .filter(({ account }) => !known.has(ownIdentityOf(account)) && !owned.has(ownIdentityOf(account)))
    .map(({ account }) => identityOf(ownIdentityOf(account), [withoutAddresses(account)], managers));
  return { records: { ...records, identities: [...listed, ...own, ...alone] }, linking };
}

/** Accounts that no directory tells of, and of which a person said whose they are. */
function onlySeen(accounts: readonly AccountRecord[], decisions: readonly LinkDecision[]): AccountRecord[] {
  const known = new Set(accounts.map(ownIdentityOf));
  return decisions
    .filter((decision) => decision.identity !== null && !known.has(ownIdentityOf(decision)))
    .map(({ system, name }) => ({ system, name, emails: [], active: true, groups: [], [ONLY_SEEN]: true }));
}
const ONLY_SEEN = 'onlySeen';

type Managers = (system: string, name: string) => string;

function withAccounts(identity: IdentityRecord, accounts: readonly AccountRecord[], managers: Managers): IdentityRecord {
  if (accounts.length === 0) return identity;
  const there = new Set(identity.accounts.map(ownIdentityOf));
  const byKey = new Map(accounts.toSorted(byAge).map((account) => [ownIdentityOf(account), entryOf(account)]));
  const decided = identity.endsAt || identity.status === 'terminated';
  return {
    ...saidBy(accounts, managers),
    ...identity,
    privileged: identity.privileged || accounts.some((account) => account.privileged === true),
    accounts: [
      ...identity.accounts.map((account) => byKey.get(ownIdentityOf(account)) ?? account),
      ...[...byKey].filter(([key]) => !there.has(key)).map(([, entry]) => entry),
    ],
    groups: [...new Set([...identity.groups, ...groupsOf(accounts)])],
    ...(decided ? {} : endOf(accounts)),
  };
}

function identityOf(id: string, accounts: readonly AccountRecord[], managers: Managers): IdentityRecord {
  const starts = accounts.map(({ startsAt }) => startsAt);
  const start = starts.every((at) => typeof at === 'string') ? starts.toSorted()[0] : undefined;
  return {
    kind: 'human',
    privileged: false,
    ...saidBy(accounts, managers),
    id,
    accounts: accounts.toSorted(byAge).map(entryOf),
    groups: groupsOf(accounts),
    leaves: [],
    onCall: [],
    eligibleRoles: [],
    ...(start === undefined ? {} : { startsAt: start }),
    ...endOf(accounts),
  };
}

function withoutAddresses(account: AccountRecord): AccountRecord {
  const copy: AccountRecord = { ...account, emails: [] };
  delete copy.email;
  return copy;
}

const entryOf = ({ system, name, id, email, emails }: AccountRecord): IdentityRecord['accounts'][number] => {
  const addresses = [...new Set([...(email === undefined ? [] : [email]), ...emails])];
  return { system, name, ...(id === undefined ? {} : { id }), ...(addresses.length > 0 ? { addresses } : {}) };
};

/** What the accounts say of their owner: of each field what the oldest says that says anything. */
function saidBy(accounts: readonly AccountRecord[], managers: Managers): Partial<IdentityRecord> {
  const all: Partial<IdentityRecord> = {};
  for (const account of accounts.toSorted(byAge)) {
    const { displayName, email, department, team, title, kind, privileged, timezone, employeeId, system, manager } = account;
    const said = { displayName, email, department, team, title, kind, privileged, timezone, employeeId };
    Object.assign(all, { ...present({ ...said, manager: manager === undefined ? undefined : managers(system, manager) }), ...all });
  }
  return all;
}

const groupsOf = (accounts: readonly AccountRecord[]): string[] => [
  ...new Set(accounts.toSorted(byAge).flatMap(({ system, groups }) => groups.map((group) => groupName(system, group)))),
];

/** The entitlement that a group of a directory is: `<system>:group:<name>`. A name that has such a form already stays. */
export const groupName = (system: string, group: string): string => (/^[^:\s]+:[^:\s]+:./.test(group) ? group : `${system}:group:${group}`);

/** Gone when the last of the accounts is; an account that is closed without a date was closed when the history began. */
function endOf(accounts: readonly AccountRecord[]): Pick<IdentityRecord, 'endsAt' | 'status'> {
  const known = accounts.filter((account) => account[ONLY_SEEN] !== true);
  const ends = known.map(({ endsAt, active, timezone }) => {
    const at = endsAt ? parseDateOrInstant(endsAt, timezone)?.until : undefined;
    return { endsAt, at: at ?? (active ? Infinity : -Infinity) };
  });
  const last = ends.toSorted((a, b) => b.at - a.at)[0];
  if (last?.at === -Infinity) return { status: 'terminated' };
  return last?.endsAt && last.at !== Infinity ? { endsAt: last.endsAt } : {};
}

/** Managers are named in each directory's own way: whoever bears that name in the same directory. */
function managerNames({ links, conflicts }: Linking): Managers {
  const byName = new Map<string, string>();
  const learn = (account: AccountRecord, identity: string): void => {
    const { system, name, id, upn, email, employeeId, dn } = account;
    const { scimId } = account;
    for (const text of [name, id, upn, email, employeeId, dn, typeof scimId === 'string' ? scimId : undefined])
      if (text) byName.set(`${system}\u0000${text.toLowerCase()}`, identity);
  };
  for (const { account } of conflicts) learn(account, ownIdentityOf(account));
  for (const { account, identity } of links) learn(account, identity);
  return (system, name) => byName.get(`${system}\u0000${name.toLowerCase()}`) ?? name;
}

const present = (fields: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
