import { DAY_MS, type AccessEvent, type Account, type Part } from '@keyward/events';
import type { Grant, IdentityFacts } from './facts.js';
import { ENDED_GRANT_DAYS, advanceGrant, isEnded, pruneGrants } from './grants.js';
import type { Organisation } from './organisation.js';

/** Accounts and entitlements of one identity that are kept; the ones unseen for longest go first. A person has some ten. */
const MAX_ACCOUNTS = 128;
const MAX_ENTITLEMENTS = 1024;
/** Origin of an entitlement that the context folder tells of. */
export const FROM_CONTEXT = 'context';
/** ... when the folder names the group without its system: it is then held in each system in which the identity has an account. */
export const FROM_UNQUALIFIED_CONTEXT = 'context:unqualified';

export function emptyFacts(): IdentityFacts {
  return { accounts: {}, entitlements: {}, grants: {}, disabledAt: {} };
}

/**
 * What is known of an identity before its first event. A group written as `<system>:<kind>:<name>` is that entitlement;
 * a bare name is `<system>:group:<name>` for each system in which the identity has an account.
 */
export function factsFromOrganisation(organisation: Organisation, identity: string): IdentityFacts {
  const facts = emptyFacts();
  const systems = new Set(organisation.identity(identity)?.accounts.map(({ system }) => system));
  if (systems.size === 0) systems.add('context');
  for (const group of [...organisation.groupsOf(identity)].toSorted()) {
    if (/^[^:]+:[^:]+:./.test(group)) {
      facts.entitlements[group] = { since: 0, via: FROM_CONTEXT };
      continue;
    }
    for (const system of systems) facts.entitlements[`${system}:group:${group}`] = { since: 0, via: FROM_UNQUALIFIED_CONTEXT };
  }
  return facts;
}

/** The account a change of rights or of an account is about: the target, else whoever acted. */
export const subjectOf = (event: AccessEvent): Account | undefined => event.target ?? event.actor;

/** True when the ledger's identity is the one the event is about, and not merely the one who acted on it. */
export function isSubject(event: AccessEvent, part: Part): boolean {
  if (part === 'target') return true;
  return part === 'actor' && (event.target === undefined || event.target.identity === event.actor?.identity);
}

/** An approval or refusal that names who decided, and not whose request it was. */
export const isApprovalOfUnnamed = ({ privilege, target }: AccessEvent): boolean =>
  target === undefined && privilege?.requester === undefined && (privilege?.change === 'approved' || privilege?.change === 'denied');

/** `<system>:<name>`: how facts name an account. */
export const accountKey = (account: Pick<Account, 'system' | 'name'>): string => `${account.system}:${account.name}`;

export interface AdvancedFacts {
  readonly facts: IdentityFacts;
  /** Grants that are new or different, as they stand now. */
  readonly changedGrants: readonly Grant[];
}

/**
 * Folds one event into what is known of an identity. Deterministic, bounded, and the same event twice changes nothing.
 *
 * @param facts changed in place: the fold owns them
 * @param part the identity's part in the event, from its ledger entry
 * @param identity the ledger's key
 */
export function advanceFacts(facts: IdentityFacts, event: AccessEvent, part: Part, identity: string): AdvancedFacts {
  if (part === 'actor' && event.actor && event.outcome === 'success') seeAccount(facts, event.actor, event.time);
  if (!isSubject(event, part)) return { facts, changedGrants: [] };
  const subject = isApprovalOfUnnamed(event) ? ownRequester(facts, event) : subjectOf(event);
  if (!subject) return { facts, changedGrants: [] };
  if (event.class === 'account_change' && event.outcome === 'success') changeAccount(facts, event, subject);
  if (!event.privilege) return { facts, changedGrants: [] };
  const grant = advanceGrant(facts, event, event.privilege, subject, identity);
  if (!grant) return { facts, changedGrants: [] };
  changeEntitlement(facts, grant, event);
  pruneGrants(facts, event.time, grant.uid);
  pruneEntitlements(facts, event.time);
  return { facts, changedGrants: [structuredClone(grant)] };
}

/** Who decides on his own request: the account that asked, when the request is in the same ledger. Of somebody else's nothing is said here. */
function ownRequester(facts: IdentityFacts, { privilege, actor, source }: AccessEvent): Account | undefined {
  if (privilege?.requestId === undefined || !actor) return undefined;
  const own = Object.values(facts.grants).find(({ system, requestId }) => system === source && requestId === privilege.requestId);
  return own && { ...actor, name: own.principal };
}

function seeAccount(facts: IdentityFacts, account: Account, at: number): void {
  const key = accountKey(account);
  const known = facts.accounts[key];
  if (known) {
    known.lastSeen = Math.max(known.lastSeen, at);
    if (account.id !== undefined) known.id = account.id;
    return;
  }
  facts.accounts[key] = { ...(account.id !== undefined && { id: account.id }), lastSeen: at };
  dropOldest(facts.accounts, MAX_ACCOUNTS, (seen) => seen.lastSeen);
}

function changeAccount(facts: IdentityFacts, event: AccessEvent, subject: Account): void {
  const key = accountKey(subject);
  if (event.activity === 'disable' || event.activity === 'delete') {
    facts.disabledAt[key] = Math.max(facts.disabledAt[key] ?? -Infinity, event.time);
    dropOldest(facts.disabledAt, MAX_ACCOUNTS, (at) => at);
  } else if (event.activity === 'enable' || event.activity === 'create') {
    const disabledAt = facts.disabledAt[key];
    if (disabledAt !== undefined && disabledAt <= event.time) Reflect.deleteProperty(facts.disabledAt, key);
  }
}

function changeEntitlement(facts: IdentityFacts, grant: Grant, event: AccessEvent): void {
  const held = facts.entitlements[grant.entitlement];
  if (grant.state === 'active') {
    if (held && held.until === undefined && !grant.eventUids.includes(held.via)) return; // standing already: a time-bound grant adds nothing
    facts.entitlements[grant.entitlement] = heldBy(grant, event.uid);
    return;
  }
  const endsARight = isEnded(grant) && event.privilege?.eligible !== true;
  if (!endsARight) return;
  if (!grant.jit) dropUnqualified(facts, grant.entitlement);
  if (!held) return;
  const isStandingOfAnother = held.until === undefined && grant.jit && !grant.eventUids.includes(held.via);
  if (isStandingOfAnother) return;
  const other = otherGrant(facts, grant, event.time);
  if (other) facts.entitlements[grant.entitlement] = heldBy(other, other.eventUids[0] ?? event.uid);
  else Reflect.deleteProperty(facts.entitlements, grant.entitlement);
}

const heldBy = (grant: Grant, via: string): IdentityFacts['entitlements'][string] => ({
  since: grant.startsAt ?? 0,
  ...(grant.endsAt !== undefined && { until: grant.endsAt }),
  via,
});

/** Another grant of the same right that still stands; the one that lasts longest. */
function otherGrant(facts: IdentityFacts, ended: Grant, at: number): Grant | undefined {
  return Object.values(facts.grants)
    .filter((grant) => grant.uid !== ended.uid && grant.entitlement === ended.entitlement && grant.state === 'active')
    .filter((grant) => (grant.endsAt ?? Infinity) >= at)
    .toSorted((a, b) => (b.endsAt ?? Infinity) - (a.endsAt ?? Infinity) || (a.uid < b.uid ? -1 : 1))[0];
}

/** The folder did not say in which system the group is, so its end in one is taken as its end. */
function dropUnqualified(facts: IdentityFacts, entitlement: string): void {
  const suffix = entitlement.slice(entitlement.indexOf(':'));
  for (const [name, held] of Object.entries(facts.entitlements)) {
    if (held.via === FROM_UNQUALIFIED_CONTEXT && name.endsWith(suffix)) Reflect.deleteProperty(facts.entitlements, name);
  }
}

function pruneEntitlements(facts: IdentityFacts, at: number): void {
  const horizon = at - ENDED_GRANT_DAYS * DAY_MS;
  for (const [name, held] of Object.entries(facts.entitlements)) {
    if (held.until !== undefined && held.until < horizon) Reflect.deleteProperty(facts.entitlements, name);
  }
  dropOldest(facts.entitlements, MAX_ENTITLEMENTS, (held) => held.until ?? held.since);
}

function dropOldest<T>(record: Record<string, T>, max: number, age: (value: T) => number): void {
  const keys = Object.keys(record);
  if (keys.length <= max) return;
  const oldest = Object.entries(record).toSorted(([a, x], [b, y]) => age(x) - age(y) || (a < b ? -1 : 1));
  for (const [key] of oldest.slice(0, keys.length - max)) Reflect.deleteProperty(record, key);
}
