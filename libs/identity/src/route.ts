import { networkOf, type AccessEvent, type LedgerEntry } from '@keyward/events';
import type { Organisation } from './organisation.js';

/** Fills `actor.identity` and `target.identity`. What INGEST does with each event before it is routed. */
export function resolveIdentities(event: AccessEvent, organisation: Organisation): AccessEvent {
  const { actor, target } = event;
  return {
    ...event,
    ...(actor && { actor: { ...actor, identity: organisation.resolve(actor) } }),
    ...(target && { target: { ...target, identity: organisation.resolve(target) } }),
  };
}

/**
 * The ledgers that an event concerns; docs/architecture.md has the reasons.
 *
 * - identity: the actor's (primary), and the target's when it is another identity (primary when nobody acted);
 *   an event without either belongs to its system: `system:<source>`
 * - network: a sign-in with a source address. Private ones too: a spray can come from inside. Loopback only says that a machine spoke to itself
 * - credential: an act on a vaulted credential, or a successful sign-in with one
 *
 * @param event with identities already resolved
 * @returns at least one entry, exactly one of them primary, each ledger once
 */
export function route(event: AccessEvent, organisation: Organisation): LedgerEntry[] {
  const actor = event.actor?.identity;
  const target = event.target?.identity;
  const entries: LedgerEntry[] = [];
  if (actor !== undefined) entries.push({ ledger: 'identity', key: actor, part: 'actor', primary: true, event });
  if (target !== undefined && target !== actor) {
    entries.push({ ledger: 'identity', key: target, part: 'target', primary: actor === undefined, event });
  }
  if (entries.length === 0) entries.push({ ledger: 'identity', key: `system:${event.source}`, part: 'actor', primary: true, event });
  const network = sourceNetwork(event);
  if (network !== undefined) entries.push({ ledger: 'network', key: network, part: 'network', primary: false, event });
  const credential = credentialAccount(event, organisation);
  if (credential !== undefined) entries.push({ ledger: 'credential', key: credential, part: 'credential', primary: false, event });
  return entries;
}

function sourceNetwork(event: AccessEvent): string | undefined {
  if (event.class !== 'authentication' || event.activity === 'logoff' || event.src?.ip === undefined) return undefined;
  const network = networkOf(event.src.ip);
  return network === undefined || network.startsWith('127.') || network === '0:0:0::/48' ? undefined : network;
}

/**
 * The vaulted account that the event uses or changes, as the organisation spells it.
 *
 * @returns `name@host` or a cloud login in lower case; undefined when the event concerns no vaulted account
 */
export function credentialAccount(event: AccessEvent, organisation: Organisation): string | undefined {
  if (event.credential) {
    return organisation.managedAccount(event.credential.account)?.account ?? event.credential.account.toLowerCase();
  }
  if (event.class !== 'authentication' || event.outcome !== 'success' || !event.actor || event.activity === 'logoff') return undefined;
  const login = event.actor.name.slice(event.actor.name.lastIndexOf('\\') + 1);
  const host = event.resource?.host ?? (event.resource?.kind === 'host' ? event.resource.name : undefined);
  const candidates = [event.actor.name, login, ...(host === undefined ? [] : [`${login}@${host}`])];
  for (const candidate of candidates) {
    const managed = organisation.managedAccount(candidate);
    if (managed) return managed.account;
  }
  return undefined;
}
