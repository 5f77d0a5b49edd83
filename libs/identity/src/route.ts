import { isPrivateIp, networkOf, type AccessEvent, type Account, type LedgerEntry, type LedgerKind, type Part } from '@keyward/events';
import { credentialAccount, hostOfActor, lentAccount } from './lent-account.js';
import type { Organisation } from './organisation.js';
import { seenByNetwork } from './seen-by-network.js';

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
 * - identity: the actor's (primary), and the target's when it is another one (primary when nobody acted);
 *   an event without either belongs to its system: `system:<source>`
 * - credential: in place of the identity's, for an account that is nobody's own (`root@db1`, a shared login): all that it does and all that is done to it;
 *   and any act on a vaulted credential, or a successful sign-in with one
 * - network: a sign-in with a source address. Private ones too: a spray can come from inside. Loopback only says that a machine spoke to itself
 *
 * @param event with identities already resolved
 * @returns at least one entry, exactly one of them primary, each ledger once; a network's carries what {@link seenByNetwork} keeps
 */
export function route(event: AccessEvent, organisation: Organisation): LedgerEntry[] {
  const { actor, target } = event;
  const entries: LedgerEntry[] = [];
  const add = (ledger: LedgerKind, key: string, part: Part): void => {
    if (entries.some((entry) => entry.ledger === ledger && entry.key === key)) return;
    entries.push({ ledger, key, part, primary: entries.length === 0, event });
  };
  const addAccount = (identity: string, lent: string | undefined, part: Part): void => {
    if (lent === undefined) add('identity', identity, part);
    else add('credential', lent, part);
  };
  const credential = credentialAccount(event, organisation);
  if (actor?.identity !== undefined) addAccount(actor.identity, lentAccount(actor, organisation, hostOfActor(event)), 'actor');
  if (target?.identity !== undefined && target.identity !== actor?.identity) {
    addAccount(target.identity, isOfCredential(target, event, organisation) ? credential : lentAccount(target, organisation), 'target');
  }
  if (entries.length === 0) add('identity', `system:${event.source}`, 'actor');
  const network = sourceNetwork(event);
  if (network !== undefined)
    entries.push({ ledger: 'network', key: network, part: 'network', primary: false, event: seenByNetwork(event) });
  if (credential !== undefined) add('credential', credential, 'credential');
  return entries;
}

/** A vault's record names the account that the credential is of as its target, in whatever spelling; the organisation need not know it. */
const isOfCredential = (target: Account, { credential }: AccessEvent, organisation: Organisation): boolean =>
  target.name.toLowerCase() === credential?.account.toLowerCase() && isNobodysOwn(target, organisation);

function isNobodysOwn({ identity = '' }: Account, organisation: Organisation): boolean {
  const kind = organisation.identity(identity)?.kind;
  return kind !== 'human' && kind !== 'service';
}

function sourceNetwork(event: AccessEvent): string | undefined {
  if (event.class !== 'authentication' || event.activity === 'logoff' || event.src?.ip === undefined) return undefined;
  const network = networkOf(event.src.ip);
  if (network === undefined || network.startsWith('127.') || network === '0:0:0::/48') return undefined;
  // Within the organisation neighbours are machines of their own: what a scanner tried is nothing the jump server beside it did.
  return isPrivateIp(event.src.ip) ? event.src.ip : network;
}
