import { DAY_MS, grantUid, type AccessEvent, type Account, type Privilege } from '@keyward/events';
import type { Grant, GrantState, IdentityFacts } from './facts.js';

/** Ended grants are kept this long: an investigation looks back a quarter. */
export const ENDED_GRANT_DAYS = 90;
const MAX_EVENT_UIDS = 16;
/** Grants of one identity. An account that is given more in 90 days is a machine's; the oldest ended ones go first. */
const MAX_GRANTS = 512;

/** Order in which a grant lives: a record that arrives late may fill in what is missing but never leads back. */
const RANK: Readonly<Record<GrantState, number>> = { requested: 0, approved: 1, denied: 2, eligible: 3, active: 3, expired: 4, revoked: 4 };

/**
 * Where a grant stands at an instant. A stored `active` grant whose time is over has expired, whether or not a record said so.
 *
 * @param at epoch ms, event time
 */
export function grantStateAt(grant: Pick<Grant, 'state' | 'endsAt'>, at: number): GrantState {
  const isOpen = grant.state === 'active' || grant.state === 'eligible';
  return isOpen && grant.endsAt !== undefined && grant.endsAt < at ? 'expired' : grant.state;
}

/** When the grant's time was over: what was recorded or, failing that, what was agreed. Undefined while it is open at the instant. */
export function grantEndedAt(grant: Grant, at: number): number | undefined {
  const state = grantStateAt(grant, at);
  if (state !== 'expired' && state !== 'revoked') return undefined;
  if (grant.endedAt === undefined) return grant.endsAt;
  return state === 'expired' && grant.endsAt !== undefined ? Math.min(grant.endsAt, grant.endedAt) : grant.endedAt;
}

/**
 * Folds one privilege event into the grants of the identity it concerns.
 *
 * @param account whose right it is: the event's target, or its actor when it has none
 * @returns the grant as it stands now; undefined when the event changes nothing (failed, already contained, too late)
 */
export function advanceGrant(
  facts: IdentityFacts,
  event: AccessEvent,
  privilege: Privilege,
  account: Account,
  identity: string,
): Grant | undefined {
  if (event.outcome === 'failure' && privilege.change !== 'denied' && privilege.change !== 'cancelled') return undefined;
  const known = findGrant(facts, event, privilege, account);
  if (known?.eventUids.includes(event.uid)) return undefined;
  const isOver = known !== undefined && isEnded(known) && event.time <= (known.endedAt ?? 0);
  // A copy: whoever looks ahead must not change what is known.
  const grant = known ? { ...known } : newGrant(event, privilege, account, identity);
  learnDetails(grant, event, privilege, isOver);
  if (!isOver) grant.state = nextState(grant, privilege, known !== undefined);
  if (isEnded(grant)) grant.endedAt ??= event.time;
  if (known && JSON.stringify(known) === JSON.stringify(grant)) return undefined;
  grant.eventUids = [...grant.eventUids, event.uid].slice(-MAX_EVENT_UIDS);
  facts.grants[grant.uid] = grant;
  return grant;
}

/**
 * How long an approval took, for the event with which the approved right begins: request and approval stand in the same ledger as what they lead to.
 *
 * @param facts of the identity whose right it is, without the event
 * @returns ms from request to approval; undefined where the ledger does not have both as records of their own, or the event begins nothing
 */
export function approvedAfterMs(facts: IdentityFacts, event: AccessEvent): number | undefined {
  const { privilege, outcome } = event;
  const account = event.target ?? event.actor;
  if (!privilege?.jit || !account || outcome !== 'success' || (privilege.change !== 'activated' && privilege.change !== 'granted'))
    return undefined;
  const { state, requestedAt, approvedAt } = findGrant(facts, event, privilege, account) ?? {};
  // An approval whose request was never seen counts as its request too: that it took no time is not known.
  return state !== 'approved' || requestedAt === undefined || approvedAt === undefined || approvedAt <= requestedAt
    ? undefined
    : approvedAt - requestedAt;
}

export const isEnded = (grant: Pick<Grant, 'state'>): boolean => grant.state === 'expired' || grant.state === 'revoked';

/** By request id; else the newest grant of the same right that this change can belong to. */
function findGrant(facts: IdentityFacts, event: AccessEvent, privilege: Privilege, account: Account): Grant | undefined {
  const direct = facts.grants[nativeUid(event, privilege, account)];
  if (direct) return direct;
  const same = Object.values(facts.grants).filter(
    (grant) =>
      grant.entitlement === privilege.entitlement &&
      grant.system === event.source &&
      grant.principal === account.name &&
      grant.jit === privilege.jit,
  );
  // The same record again: it may have changed the state that it was first matched by.
  const known = same.find((grant) => grant.eventUids.includes(event.uid));
  if (known) return known;
  const candidates = same.filter((grant) => belongs(grant, event, privilege));
  return candidates.toSorted((a, b) => lastTime(b) - lastTime(a) || (a.uid < b.uid ? -1 : 1))[0];
}

function belongs(grant: Grant, event: AccessEvent, privilege: Privilege): boolean {
  switch (privilege.change) {
    case 'requested':
      return false; // a request opens a grant of its own
    case 'approved':
    case 'denied':
      return grant.state === 'requested' && (privilege.requestId === undefined || grant.requestId === undefined);
    case 'granted':
    case 'activated': {
      const bothNamed = privilege.requestId !== undefined && grant.requestId !== undefined;
      if (grant.state === 'requested' || grant.state === 'approved') return !bothNamed;
      // A late copy of what began a grant that has ended since, or the second record of one activation.
      return !bothNamed && (isEnded(grant) ? event.time <= (grant.endedAt ?? 0) : isOpenFor(grant, privilege));
    }
    case 'cancelled':
      return !isEnded(grant) && grant.state !== 'denied';
    case 'expired':
    case 'revoked':
    case 'extended':
      return isOpenFor(grant, privilege);
  }
}
const isOpenFor = (grant: Grant, privilege: Privilege): boolean => grant.state === (privilege.eligible ? 'eligible' : 'active');
const lastTime = (grant: Grant): number => grant.startsAt ?? grant.requestedAt ?? 0;

function nativeUid(event: AccessEvent, privilege: Privilege, account: Account): string {
  const native = privilege.requestId ?? String(privilege.startsAt ?? event.time);
  return grantUid(event.source, account.name, privilege.entitlement, privilege.eligible ? `eligible:${native}` : native);
}

function newGrant(event: AccessEvent, privilege: Privilege, account: Account, identity: string): Grant {
  return {
    uid: nativeUid(event, privilege, account),
    identity,
    system: event.source,
    principal: account.name,
    ...(account.id !== undefined && { principalId: account.id }),
    entitlement: privilege.entitlement,
    jit: privilege.jit,
    state: 'requested',
    eventUids: [],
  };
}

/** What was said first stays, except the end, which an extension or a later record of the same grant moves. */
function learnDetails(grant: Grant, event: AccessEvent, privilege: Privilege, isOver: boolean): void {
  grant.entitlementId ??= privilege.entitlementId;
  grant.scopeId ??= privilege.scopeId;
  grant.requestId ??= privilege.requestId;
  grant.requester ??= privilege.requester ?? (privilege.change === 'requested' ? event.actor?.name : undefined);
  grant.approver ??= privilege.approver ?? (privilege.change === 'approved' ? event.actor?.name : undefined);
  grant.justification ??= privilege.justification;
  grant.ticket ??= privilege.ticket ?? event.ticket;
  // What is approved or denied was asked for by then at the latest; a request that reaches us later says when exactly.
  const isStepOfRequest = privilege.change === 'requested' || privilege.change === 'approved' || privilege.change === 'denied';
  if (isStepOfRequest) grant.requestedAt = Math.min(grant.requestedAt ?? Infinity, event.time);
  if (privilege.change === 'approved') grant.approvedAt = Math.min(grant.approvedAt ?? Infinity, event.time);
  const begins = privilege.change === 'granted' || privilege.change === 'activated';
  if (begins) grant.startsAt = Math.min(grant.startsAt ?? Infinity, privilege.startsAt ?? event.time);
  if (privilege.endsAt !== undefined && !isOver) {
    if (begins || privilege.change === 'extended') grant.endsAt = privilege.endsAt;
    else grant.endsAt ??= privilege.endsAt;
  }
  dropUndefined(grant);
}

/** `??=` with an absent value leaves a key that JSON would drop: equal grants must be equal before and after they are stored. */
function dropUndefined(grant: Grant): void {
  const optional = ['entitlementId', 'scopeId', 'requestId', 'requester', 'approver', 'justification', 'ticket'] as const;
  for (const field of optional) if (grant[field] === undefined) Reflect.deleteProperty(grant, field);
}

function nextState(grant: Grant, privilege: Privilege, isKnown: boolean): GrantState {
  const open: GrantState = privilege.eligible ? 'eligible' : 'active';
  const advance = (next: GrantState): GrantState => (isKnown && RANK[next] < RANK[grant.state] ? grant.state : next);
  switch (privilege.change) {
    case 'requested':
      return advance('requested');
    case 'approved':
      return advance('approved');
    case 'denied':
      return advance('denied');
    case 'granted':
    case 'activated':
    case 'extended':
      if (isEnded(grant)) Reflect.deleteProperty(grant, 'endedAt'); // begun again after its end: `isOver` was false
      return open;
    case 'cancelled':
      return grant.state === 'active' || grant.state === 'eligible' ? 'revoked' : 'denied';
    case 'expired':
      return advance(grant.state === 'revoked' ? 'revoked' : 'expired');
    case 'revoked':
      return advance(grant.state === 'expired' ? 'expired' : 'revoked');
  }
}

/** Forgets what ended more than 90 days ago, and the oldest beyond the bound; what has just changed stays, or a second copy would begin it anew. */
export function pruneGrants(facts: IdentityFacts, at: number, justChanged: string): void {
  const horizon = at - ENDED_GRANT_DAYS * DAY_MS;
  const aged = Object.values(facts.grants)
    .filter((grant) => grant.uid !== justChanged)
    .map((grant) => ({ uid: grant.uid, over: overSince(grant) }));
  for (const { uid, over } of aged) if (over < horizon) Reflect.deleteProperty(facts.grants, uid);
  const left = aged.filter(({ over }) => over >= horizon);
  if (left.length < MAX_GRANTS) return;
  const oldest = left.toSorted((a, b) => a.over - b.over || (a.uid < b.uid ? -1 : 1)).slice(0, left.length - MAX_GRANTS + 1);
  for (const { uid } of oldest) Reflect.deleteProperty(facts.grants, uid);
}

/** Since when nothing can come of the grant, epoch ms; Infinity while it stands. */
function overSince(grant: Grant): number {
  if (isEnded(grant)) return grant.endedAt ?? grant.endsAt ?? 0;
  if (grant.state === 'active' || grant.state === 'eligible') return grant.endsAt ?? Infinity;
  return grant.requestedAt ?? grant.startsAt ?? grant.endsAt ?? 0;
}
