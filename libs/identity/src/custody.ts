import { HOUR_MS, MINUTE_MS, type AccessEvent, type Holder, type LedgerEntry } from '@keyward/events';
import { credentialAccount, personActing } from './lent-account.js';
import type { Organisation } from './organisation.js';

/** A working day: the usual length of a check-out whose end the vault does not state. */
export const CHECK_OUT_HOURS = 8;
/** A session that nobody closed: a recorder that crashed must not make somebody answer for a month. */
const MAX_SESSION_HOURS = 24;
/** A vault writes that a secret is used, and then that the session it is used in has begun. */
const USE_BEFORE_SESSION_MS = 10 * MINUTE_MS;
/** What has ended is kept for records that arrive late. */
const KEPT_AFTER_END_MS = 24 * HOUR_MS;
const MAX_HOLDS = 32;
const MAX_ENDS = 32;
const MAX_TEXT = 128;

/** One stretch of time in which somebody holds the account; instants are epoch ms, both included. */
export interface Hold extends Holder {
  readonly until: number;
  /** Event that began it. */
  readonly uid: string;
  /** `<source>:<session>` of the broker, or of `su`. */
  readonly session?: string;
  /** Address or name of the machine where the holder sat, as the vault saw it. */
  readonly from?: string;
}

/** What ended: kept for a while, since the record of a beginning can arrive after that of its end. */
interface End {
  readonly at: number;
  readonly what: 'check_out' | 'session';
  /** Absent: whoever had it checked out. */
  readonly identity?: string;
  readonly session?: string;
}

/** Who holds one account, and when. Plain JSON: stored with the credential's ledger. */
export interface Custody {
  readonly holds: readonly Hold[];
  readonly ends: readonly End[];
  /** Until then there were more holders than are kept, so nobody can be named. */
  readonly crowdedUntil?: number;
}

export const EMPTY_CUSTODY: Custody = { holds: [], ends: [] };

/** An event as it stands in the ledger of the account `key`. */
export type CustodyEntry = Pick<LedgerEntry, 'key' | 'part' | 'event'>;

/**
 * Folds one event into who holds the account. Pure; the same event twice changes nothing; an end counts whether it arrives before or after its beginning.
 *
 * - begins: a check-out (until check-in, a changed password, its stated end, or 8 hours), a brokered session or `su` (until closed, at most 24 hours)
 * - only a person holds: a program that fetches the password works with it all day, and what the account does then is the account's own
 *
 * @param custody before the event
 * @returns the same object when the event changes nothing
 */
export function advanceCustody(custody: Custody, { key, part, event }: CustodyEntry, organisation: Organisation): Custody {
  if (event.outcome === 'failure') return custody;
  // An event can be in this ledger for its actor, and be about the credential of another account.
  if (event.credential ? credentialAccount(event, organisation) !== key : part !== 'target') return custody;
  const end = endOf(event, custody, organisation);
  const begun = end ? undefined : beginningOf(event, organisation);
  const next = end ? withEnd(custody, end) : begun ? withHold(custody, begun) : custody;
  return next === custody ? custody : prune(next, event.time);
}

/**
 * Who holds the account at the instant of an act of it.
 *
 * @returns nobody; the one whom the act counts for; or several, when it can't be told which of them acted. Each identity once, by its oldest hold
 */
export function holdersAt(custody: Custody, event: AccessEvent): readonly Hold[] {
  const at = event.time;
  const open = custody.holds.filter(({ since, until }) => since <= at && at <= until);
  const holders = byIdentity(open);
  const isCrowded = custody.crowdedUntil !== undefined && at <= custody.crowdedUntil;
  if (holders.length < 2 && !isCrowded) return holders;
  const session = sessionOf(event);
  const from = placeOf(event);
  const ofSession = open.filter((hold) => session !== undefined && hold.session === session);
  const ofPlace = open.filter((hold) => from !== undefined && hold.from === from);
  // Of holders who were dropped nobody knows where they sat.
  for (const trait of isCrowded ? [ofSession] : [ofSession, ofPlace]) {
    const told = byIdentity(trait);
    if (told.length === 1) return told;
  }
  return isCrowded && holders.length < 2 ? [] : holders;
}

function byIdentity(holds: readonly Hold[]): readonly Hold[] {
  const oldest = new Map<string, Hold>();
  for (const hold of holds) {
    const known = oldest.get(hold.identity);
    if (known === undefined || hold.since < known.since) oldest.set(hold.identity, hold);
  }
  return [...oldest.values()];
}

function beginningOf(event: AccessEvent, organisation: Organisation): Hold | undefined {
  const through = wayOf(event);
  const identity = through && personActing(event, organisation);
  if (through === undefined || identity === undefined) return undefined;
  const isSession = through === 'session' || through === 'switch';
  const session = isSession ? sessionOf(event) : undefined;
  const from = placeOf(event);
  const endsAt = event.privilege?.endsAt;
  return {
    identity,
    since: event.time,
    through,
    until: endsAt !== undefined && endsAt > event.time ? endsAt : event.time + (isSession ? MAX_SESSION_HOURS : CHECK_OUT_HOURS) * HOUR_MS,
    uid: event.uid,
    ...(session !== undefined && { session }),
    ...(from !== undefined && { from }),
  };
}

function wayOf(event: AccessEvent): Holder['through'] | undefined {
  switch (event.credential?.act) {
    case 'checked_out':
      return 'check_out';
    case 'session_opened':
      return 'session';
    case 'used':
      // A command shows that its session is open, whether or not the record of its beginning has come.
      if (event.session?.kind === 'privileged') return 'session';
      return event.class === 'process_activity' ? undefined : 'use';
    case undefined:
      return isSwitch(event) && event.activity !== 'logoff' ? 'switch' : undefined;
    default:
      return undefined;
  }
}

/** Somebody who becomes the account on its own machine: `su`, `sudo -i`, an impersonation. */
const isSwitch = ({ class: eventClass, target, credential }: AccessEvent): boolean =>
  target !== undefined && credential === undefined && (eventClass === 'authentication' || eventClass === 'authorize_session');

function endOf(event: AccessEvent, custody: Custody, organisation: Organisation): End | undefined {
  const at = event.time;
  const session = sessionOf(event);
  const identity = personActing(event, organisation);
  const act = event.credential?.act;
  // What was given out in the same second is the new password.
  if (act === 'changed') return { at: at - 1, what: 'check_out' };
  if (act === 'checked_in') {
    // An administrator or the vault itself takes back what others have.
    const isOwn = custody.holds.some((hold) => hold.identity === identity && isOpenCheckOut(hold, at));
    return identity !== undefined && isOwn ? { at, what: 'check_out', identity } : { at, what: 'check_out' };
  }
  const isClosed = act === 'session_closed' || (isSwitch(event) && event.activity === 'logoff');
  if (!isClosed || (session === undefined && identity === undefined)) return undefined;
  return { at, what: 'session', ...(identity !== undefined && { identity }), ...(session !== undefined && { session }) };
}

const isOpenCheckOut = ({ through, since, until }: Hold, at: number): boolean =>
  (through === 'check_out' || through === 'use') && since <= at && at <= until;

function ends(end: End, hold: Hold): boolean {
  if (end.at < hold.since || end.at > hold.until) return false;
  const isOf = end.identity === hold.identity;
  if (end.what === 'check_out') return (hold.through === 'check_out' || hold.through === 'use') && (isOf || end.identity === undefined);
  if (hold.through === 'check_out') return false;
  return end.session !== undefined && hold.session !== undefined ? end.session === hold.session : isOf;
}

const cut = (hold: Hold, at: number): Hold => (at < hold.until ? { ...hold, until: at } : hold);

function withEnd(custody: Custody, end: End): Custody {
  const isKnown = custody.ends.some(
    (known) => known.at === end.at && known.what === end.what && known.identity === end.identity && known.session === end.session,
  );
  if (isKnown) return custody;
  return {
    ...custody,
    holds: custody.holds.map((hold) => (ends(end, hold) ? cut(hold, end.at) : hold)),
    ends: [...custody.ends, end].toSorted((a, b) => a.at - b.at).slice(-MAX_ENDS),
  };
}

function withHold(custody: Custody, begun: Hold): Custody {
  const { holds } = custody;
  if (holds.some(({ uid }) => uid === begun.uid)) return custody;
  const same =
    begun.session === undefined
      ? undefined
      : holds.find(({ session, identity }) => session === begun.session && identity === begun.identity);
  if (same)
    return begun.since >= same.since
      ? custody
      : { ...custody, holds: holds.map((hold) => (hold === same ? { ...same, since: begun.since } : hold)) };
  const isSession = begun.through === 'session';
  const isPartOf = (use: Hold, session: Hold): boolean =>
    use.through === 'use' &&
    session.through === 'session' &&
    use.identity === session.identity &&
    use.since >= session.since - USE_BEFORE_SESSION_MS &&
    use.since <= session.until;
  if (holds.some((hold) => isPartOf(begun, hold))) return custody;
  const others = isSession ? holds.filter((hold) => !isPartOf(hold, begun)) : holds;
  const first = custody.ends.find((end) => ends(end, begun));
  return { ...custody, holds: [...others, first ? cut(begun, first.at) : begun] };
}

/** Bounded: what ended a day ago is forgotten; of too many holds the one that ends first, and nobody can be named until it has ended. */
function prune({ holds, ends: known, crowdedUntil }: Custody, now: number): Custody {
  const horizon = now - KEPT_AFTER_END_MS;
  const kept = holds.filter(({ until }) => until >= horizon).toSorted((a, b) => a.until - b.until || (a.uid < b.uid ? -1 : 1));
  const dropped = kept.length > MAX_HOLDS ? kept[kept.length - MAX_HOLDS - 1] : undefined;
  const until = Math.max(crowdedUntil ?? -Infinity, dropped?.until ?? -Infinity);
  return {
    holds: kept.slice(-MAX_HOLDS),
    ends: known.filter(({ at }) => at >= horizon),
    ...(until >= now && { crowdedUntil: until }),
  };
}

const sessionOf = ({ source, session }: AccessEvent): string | undefined => session && `${source}:${session.uid}`.slice(0, MAX_TEXT);
const placeOf = ({ src }: AccessEvent): string | undefined => src?.ip ?? src?.hostname?.toLowerCase().slice(0, MAX_TEXT);
