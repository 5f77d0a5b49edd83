import {
  eventUid,
  type AccessEvent,
  type Account,
  type Authentication,
  type Endpoint,
  type Privilege,
  type Resource,
  type SourceId,
} from '@keyward/events';
import { defined } from './json.js';
import { VAULT_KINDS, type VaultKind, type VaultMapping } from './vault-kinds.js';

/** An account that the vault keeps. */
export interface ManagedAccount {
  /** `root@db1.example.com`, or the secret's name when the record doesn't say whose account it is. */
  readonly account: string;
  /** Login on the machine, as written; undefined when only the secret's name is known. */
  readonly user?: string | undefined;
  /** Lower case. */
  readonly host?: string | undefined;
  /** Safe, folder or workgroup. */
  readonly vault?: string | undefined;
  readonly secretId?: string | undefined;
  /** Name of the secret, where it has one of its own. */
  readonly name?: string | undefined;
}

/** A request for access for a time, as far as a record tells. Names are account names. */
export interface AccessRequest {
  readonly id?: string | undefined;
  readonly requester?: string | undefined;
  readonly approver?: string | undefined;
  readonly startsAt?: number | undefined;
  readonly endsAt?: number | undefined;
  readonly justification?: string | undefined;
}

/** What a parser found in a record, in the words of its vendor where these are names. */
export interface VaultAct {
  readonly source: SourceId;
  /** The vendor's own id. */
  readonly nativeId: string;
  /** What makes `nativeId` unique when the vendor counts several kinds of record from 1: the kind. */
  readonly idSpace?: string | undefined;
  readonly time: number;
  readonly code: string;
  readonly kind: VaultKind;
  readonly failed: boolean;
  readonly detail?: string | undefined;
  readonly actor?: Account | undefined;
  readonly src?: Endpoint | undefined;
  readonly device?: AccessEvent['device'];
  readonly session?: AccessEvent['session'];
  readonly auth?: Authentication | undefined;
  readonly managed?: ManagedAccount | undefined;
  /** The vault's own user, or the member, that was acted on. */
  readonly user?: Account | undefined;
  /** The group, role, right or object. */
  readonly object?: Resource | undefined;
  readonly request?: AccessRequest | undefined;
  readonly command?: string | undefined;
  readonly ticket?: string | undefined;
  readonly quantity?: number | undefined;
}

/** One act in a vault as an event. What failed has neither a credential nor a privilege, since nothing was given or taken; a denial stands. */
export function vaultEvent(act: VaultAct): AccessEvent {
  const mapping: VaultMapping = VAULT_KINDS[act.kind];
  const event: AccessEvent = {
    uid: eventUid(act.source, act.idSpace === undefined ? act.nativeId : `${act.idSpace}\u001f${act.nativeId}`),
    nativeId: act.nativeId,
    source: act.source,
    time: act.time,
    class: mapping.as.class,
    activity: mapping.as.activity,
    code: act.code,
    outcome: act.failed ? 'failure' : 'success',
    detail: act.detail === undefined ? undefined : oneLine(act.detail),
    actor: act.actor,
    target: targetOf(act, mapping),
    src: act.src,
    device: act.device,
    session: act.session,
    auth: authOf(act, mapping),
    resource: resourceOf(act, mapping),
    privilege: act.failed && mapping.change !== 'denied' ? undefined : privilegeOf(act, mapping),
    credential: act.failed ? undefined : credentialOf(act, mapping),
    command: act.command,
    ticket: act.ticket,
    quantity: act.quantity,
  };
  return defined(event) ?? event;
}

/** Vendors' messages span lines; `AccessEvent.detail` doesn't. */
function oneLine(words: string): string | undefined {
  const line = words.slice(0, 2_000).replace(/\s+/g, ' ').trim().slice(0, 1_000);
  return line === '' ? undefined : line;
}

function targetOf({ managed, user, source, actor }: VaultAct, { about }: VaultMapping): Account | undefined {
  const other = user !== undefined && user.name === actor?.name && user.system === actor.system ? undefined : user;
  switch (about) {
    case 'secret':
      return managed?.user === undefined ? undefined : { system: source, name: managed.account };
    case 'session':
      // Somebody may end or watch another's session.
      return managed?.user === undefined ? other : { system: source, name: managed.account };
    case 'login':
    case 'object':
      return undefined;
    case 'request':
    case 'user':
    case 'group':
    case 'grant':
      return about === 'user' ? user : other;
  }
}

function authOf(act: VaultAct, { as, about }: VaultMapping): Authentication | undefined {
  if (as.class !== 'authentication') return undefined;
  return defined<Authentication>({
    step: about === 'session' ? 'session' : 'primary',
    ...act.auth,
    failure: act.failed ? (act.auth?.failure ?? 'other') : undefined,
  });
}

function resourceOf({ managed, object, user }: VaultAct, { about }: VaultMapping): Resource | undefined {
  switch (about) {
    case 'session':
      return managed?.host === undefined ? object : { kind: 'host', name: managed.host, host: managed.host };
    case 'secret':
    case 'request':
      if (managed === undefined) return object;
      return defined<Resource>({ kind: 'secret', name: managed.name ?? managed.account, id: managed.secretId, host: managed.host });
    case 'user':
      return user === undefined ? object : defined<Resource>({ kind: 'account', name: user.name, id: user.id });
    case 'login':
    case 'group':
    case 'grant':
    case 'object':
      return object;
  }
}

function credentialOf({ managed }: VaultAct, { about, act }: VaultMapping): AccessEvent['credential'] {
  if (act === undefined || managed === undefined) return undefined;
  // A session is of an account on a machine: the name of its secret alone is neither.
  if (about === 'session' && managed.user === undefined) return undefined;
  return defined({ act, account: managed.account, vault: managed.vault, secretId: managed.secretId });
}

function privilegeOf(act: VaultAct, { about, change }: VaultMapping): Privilege | undefined {
  if (change === undefined) return undefined;
  const { source, object, managed, request } = act;
  if (about === 'request') {
    const entitlement =
      managed === undefined
        ? `${source}:${object?.kind ?? 'account'}:${object?.name ?? 'unknown'}`
        : `${source}:account:${managed.account}`;
    return defined<Privilege>({
      change,
      entitlement,
      entitlementId: managed?.secretId ?? object?.id,
      jit: true,
      requestId: request?.id,
      requester: request?.requester,
      approver: request?.approver,
      startsAt: request?.startsAt,
      endsAt: request?.endsAt,
      justification: request?.justification,
      ticket: act.ticket,
    });
  }
  // Who gets or loses it must be known, and what: else it is only a change of a group or role itself.
  if (object === undefined || act.user === undefined) return undefined;
  const endsAt = request?.endsAt;
  return defined<Privilege>({
    change,
    entitlement: `${source}:${about === 'group' ? 'group' : object.kind}:${object.name}`,
    entitlementId: object.id,
    jit: endsAt !== undefined,
    endsAt,
    ticket: act.ticket,
  });
}
