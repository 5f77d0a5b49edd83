import { AccountRecord, groupName, type GroupRecord } from '@keyward/identity';
import { accountState, generalizedTime } from './account-state.js';
import { canonicalDn, firstValue } from './distinguished-name.js';
import { textOf, valuesOf, type LdapEntry } from './ldap-entry.js';
import type { Preset } from './presets.js';

export interface DirectoryRecords {
  readonly accounts: readonly AccountRecord[];
  readonly groups: readonly GroupRecord[];
  /** What was left out, and why. */
  readonly warnings: readonly string[];
}

/**
 * Accounts and groups of what a directory answered. Memberships are read from both sides (`memberOf` of a member, `member`, `uniqueMember` and
 * `memberUid` of a group, `primaryGroupID`); groups in groups are nested. Pure; the order of entries changes only the order of the answer.
 */
export function directoryRecords(users: readonly LdapEntry[], groupEntries: readonly LdapEntry[], settings: Preset): DirectoryRecords {
  const { system } = settings;
  const warnings: string[] = [];
  const groups = groupEntries.map((entry) => ({
    entry,
    dn: canonicalDn(entry.dn),
    name: groupName(system, textOf(entry, 'cn') ?? textOf(entry, 'sAMAccountName') ?? firstValue(entry.dn)),
  }));
  const memberships = new Memberships(groups);
  const logins = new Map<string, string>();
  for (const entry of users) {
    const name = first(entry, settings.attributes.name);
    if (name !== undefined) logins.set(canonicalDn(entry.dn), name);
  }
  const accounts = new Map<string, AccountRecord>();
  for (const entry of users) {
    const name = first(entry, settings.attributes.name);
    if (name === undefined) {
      warnings.push(`${entry.dn}: has no ${settings.attributes.name.join(' or ')}`);
      continue;
    }
    if (accounts.has(name.toLowerCase())) warnings.push(`${entry.dn}: another entry has the login ${name} already`);
    else accounts.set(name.toLowerCase(), accountOf(entry, name, settings, memberships, logins));
  }
  const records = new Map<string, GroupRecord>();
  for (const { entry, name } of groups) {
    const memberOf = [...new Set([...(records.get(name)?.memberOf ?? []), ...memberships.of(entry)])].filter((outer) => outer !== name);
    records.set(name, { group: name, memberOf: memberOf.toSorted(), system });
  }
  return { accounts: [...accounts.values()], groups: [...records.values()], warnings };
}

function accountOf(
  entry: LdapEntry,
  name: string,
  { system, attributes }: Preset,
  memberships: Memberships,
  logins: ReadonlyMap<string, string>,
): AccountRecord {
  const said = (field: keyof typeof attributes): string | undefined => first(entry, attributes[field]);
  const manager = said('manager');
  const addresses = attributes.email.flatMap((attribute) => valuesOf(entry, attribute));
  const classes = valuesOf(entry, 'objectClass').map((one) => one.toLowerCase());
  const isService = classes.some((one) => one === 'msds-groupmanagedserviceaccount' || one === 'msds-managedserviceaccount');
  const fields = {
    id: said('id'),
    upn: said('upn'),
    email: addresses[0],
    employeeId: said('employeeId'),
    displayName: said('displayName'),
    department: said('department'),
    team: said('team'),
    title: said('title'),
    timezone: said('timezone'),
    manager: manager === undefined ? undefined : (logins.get(canonicalDn(manager)) ?? manager),
    kind: isService ? ('service' as const) : undefined,
    privileged: textOf(entry, 'adminCount') === '1' ? true : undefined,
    since: generalizedTime(textOf(entry, 'createTimestamp') ?? textOf(entry, 'whenCreated')),
  };
  return AccountRecord.parse({
    system,
    name,
    ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
    emails: addresses.slice(1),
    dn: entry.dn,
    ...accountState(entry),
    groups: memberships.of(entry, name),
  });
}

interface NamedGroup {
  readonly entry: LdapEntry;
  readonly dn: string;
  readonly name: string;
}

class Memberships {
  readonly #byDn = new Map<string, Set<string>>();
  readonly #byUid = new Map<string, Set<string>>();
  readonly #nameOfDn = new Map<string, string>();
  readonly #nameOfRid = new Map<string, string>();

  constructor(groups: readonly NamedGroup[]) {
    for (const { entry, dn, name } of groups) {
      this.#nameOfDn.set(dn, name);
      const rid = ridOf(textOf(entry, 'objectSid'));
      if (rid !== undefined) this.#nameOfRid.set(rid, name);
      for (const member of [...valuesOf(entry, 'member'), ...valuesOf(entry, 'uniqueMember')]) add(this.#byDn, canonicalDn(member), name);
      for (const uid of valuesOf(entry, 'memberUid')) add(this.#byUid, uid.toLowerCase(), name);
    }
  }

  /** @param login of a user; groups have none @returns names, sorted */
  of(entry: LdapEntry, login?: string): string[] {
    const outer = valuesOf(entry, 'memberOf').flatMap((dn) => this.#nameOfDn.get(canonicalDn(dn)) ?? []);
    const primary = this.#nameOfRid.get(textOf(entry, 'primaryGroupID') ?? '');
    return [
      ...new Set([
        ...outer,
        ...(this.#byDn.get(canonicalDn(entry.dn)) ?? []),
        ...(login === undefined ? [] : (this.#byUid.get(login.toLowerCase()) ?? [])),
        ...(primary === undefined ? [] : [primary]),
      ]),
    ].toSorted();
  }
}

const ridOf = (sid: string | undefined): string | undefined =>
  sid?.startsWith('S-1-5-21-') ? sid.slice(sid.lastIndexOf('-') + 1) : undefined;
const first = (entry: LdapEntry, attributes: readonly string[]): string | undefined =>
  attributes.map((attribute) => textOf(entry, attribute)).find((value) => value !== undefined);

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key) ?? new Set<string>();
  map.set(key, set.add(value));
}
