import type { AccessEvent, Account } from '@keyward/events';
import type { Organisation } from './organisation.js';

/** Sources that name an account without its host where the record names the host apart. */
const HOST_SYSTEMS: ReadonlySet<string> = new Set(['linux', 'windows']);

/**
 * The ledger key of an account that is nobody's own, so that its acts count for whoever holds it: one that a vault keeps, one of a host (`root@db1`), or
 * one that the organisation lists as `shared` or `break_glass`. An account of a person or a service the organisation knows is its own.
 *
 * @param account with `identity`, or it is resolved here
 * @param host machine that the account acts on, where its name does not say it
 * @returns managed account as the organisation spells it; else the id of the shared identity; else `name@host`; undefined for everybody's own account
 */
export function lentAccount(account: Account, organisation: Organisation, host?: string): string | undefined {
  const identity = account.identity ?? organisation.resolve(account);
  const kind = organisation.identity(identity)?.kind;
  if (kind === 'human' || kind === 'service') return undefined;
  const managed = managedAccountOf(account, organisation, host);
  if (managed !== undefined) return managed;
  // An identity that the organisation does not know is `<system>:<name>`, unless it is an account of a host.
  return kind !== undefined || !identity.startsWith(`${account.system}:`) ? identity : undefined;
}

/** Managed account of that name: in full, without its domain, or with the host beside it. */
function managedAccountOf(account: Pick<Account, 'name'>, organisation: Organisation, host: string | undefined): string | undefined {
  const login = account.name.slice(account.name.lastIndexOf('\\') + 1);
  const candidates = [account.name, login, ...(host === undefined ? [] : [`${login}@${host}`])];
  for (const candidate of candidates) {
    const managed = organisation.managedAccount(candidate);
    if (managed) return managed.account;
  }
  return undefined;
}

/** Machine that the actor's account is one of, where the record names it apart. A vault's own `administrator` in a session on db1 is not db1's. */
export function hostOfActor({ source, class: eventClass, credential, resource }: AccessEvent): string | undefined {
  const isOfHost = HOST_SYSTEMS.has(source) || (eventClass === 'authentication' && credential === undefined);
  return isOfHost ? (resource?.host ?? (resource?.kind === 'host' ? resource.name : undefined)) : undefined;
}

/** @returns the identity of whoever acted, when it is somebody who can answer for it: no program, and no account that is lent itself */
export function personActing(event: AccessEvent, organisation: Organisation): string | undefined {
  const { actor } = event;
  if (!actor || actor.kind === 'system' || actor.kind === 'service') return undefined;
  const identity = actor.identity ?? organisation.resolve(actor);
  if (organisation.identity(identity)?.kind === 'service') return undefined;
  return lentAccount(actor, organisation, hostOfActor(event)) === undefined ? identity : undefined;
}

/**
 * The vaulted account that the event uses or changes, as the organisation spells it.
 *
 * @returns `name@host` or a cloud login in lower case; undefined when the event concerns no vaulted account
 */
export function credentialAccount(event: AccessEvent, organisation: Organisation): string | undefined {
  const { credential, actor } = event;
  if (credential) {
    const { account } = credential;
    const managed = organisation.managedAccount(account)?.account;
    return managed ?? lentAccount({ system: event.source, name: account }, organisation) ?? account.toLowerCase();
  }
  if (event.class !== 'authentication' || event.outcome !== 'success' || !actor || event.activity === 'logoff') return undefined;
  return managedAccountOf(actor, organisation, hostOfActor(event));
}
