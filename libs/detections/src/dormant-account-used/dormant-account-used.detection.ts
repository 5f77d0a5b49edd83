import { DAY_MS, HOUR_MS, type AccessEvent } from '@keyward/events';
import { accountKey, type Organisation } from '@keyward/identity';
import { z } from 'zod';
import { isPassive } from '../acts.js';
import { defineDetection, type DetectionInput, type Observation } from '../detection.js';
import { count, moment, nameOf } from '../words.js';

/** When somebody last gave the person a new password or factor, or the person took one; null: never seen. */
const State = z.object({ renewedAt: z.number().nullable() });
type State = z.infer<typeof State>;

const Params = z.strictObject({
  /** Days without an act, leave not counted, after which an account is dormant. */
  quietDays: z.number().int().positive().max(365).default(45),
  /** Where no act was ever seen: days of the organisation's history, leave not counted, after which that says something. */
  watchedDays: z.number().int().positive().max(365).default(14),
  /** A new password or factor so long before the return belongs to it. */
  renewalHours: z.number().nonnegative().default(72),
});
type Params = z.infer<typeof Params>;
type Input = DetectionInput<State, Params>;

const RENEWALS: ReadonlySet<string> = new Set(['password_reset', 'password_change', 'mfa_factor_enable', 'mfa_factor_disable', 'unlock']);
/** Networks in which nobody sits. */
const FOREIGN_KINDS: ReadonlySet<string> = new Set(['hosting', 'tor']);
/** The return that comes with a renewal or from where the organisation has nobody. */
const TAKEN_OVER_P = 1e-4;

export const dormantAccountUsed = defineDetection<State, Params>({
  id: 'dormant_account_used',
  title: 'Dormant account used',
  kind: 'rule',
  severity: 'medium',
  attack: ['T1078'],
  ledger: 'identity',
  p: 1e-3, // people do come back, and not every absence is on record
  params: Params,
  state: State,
  initial: () => ({ renewedAt: null }),

  evaluate(input) {
    const quiet = quietBefore(input);
    return quiet === undefined ? undefined : describe(input, quiet);
  },
  advance({ event, state, facts }) {
    if (event.class !== 'account_change' || event.outcome !== 'success' || !RENEWALS.has(event.activity)) return state;
    // Of somebody who is seen every day it is no news, and most of all renewals are theirs.
    const lastSeen = lastSeenOf(facts);
    const isFresh = lastSeen !== undefined && Math.abs(event.time - lastSeen) < DAY_MS;
    return isFresh ? state : { renewedAt: Math.max(state.renewedAt ?? event.time, event.time) };
  },
});

interface Quiet {
  /** Epoch ms of the last act; undefined when none was ever seen. */
  readonly lastSeen: number | undefined;
  /** Of them, how many were no leave. */
  readonly days: number;
}

/** How long a person's own account had been silent before this act; undefined where that says nothing. */
function quietBefore({ event, part, identity, facts, organisation, watchedDays, params }: Input): Quiet | undefined {
  const lastSeen = lastSeenOf(facts);
  const needed = lastSeen === undefined ? params.watchedDays : params.quietDays;
  const spanDays = lastSeen === undefined ? (watchedDays ?? 0) : Math.floor((event.time - lastSeen) / DAY_MS);
  if (spanDays < needed) return undefined;
  if (part !== 'actor' || event.outcome !== 'success' || isPassive(event)) return undefined;
  // What a lent account has not done for long says nothing of whoever holds it now.
  if (event.actor?.identity !== identity || organisation.identity(identity)?.kind !== 'human') return undefined;
  const wasHereThen = organisation.statusAt(identity, event.time - params.quietDays * DAY_MS) === 'active';
  if (!wasHereThen || organisation.statusAt(identity, event.time) !== 'active') return undefined;
  const days = daysAtWork(organisation, identity, event.time, spanDays, params.quietDays);
  return days < needed ? undefined : { lastSeen, days };
}

/** Over all accounts of the person. */
function lastSeenOf({ accounts }: Input['facts']): number | undefined {
  let newest: number | undefined;
  for (const { lastSeen } of Object.values(accounts)) newest = Math.max(newest ?? lastSeen, lastSeen);
  return newest;
}

/** Days before the instant on which no leave excuses silence; no more than `enough` are counted. */
function daysAtWork(organisation: Organisation, identity: string, at: number, spanDays: number, enough: number): number {
  let days = 0;
  for (let back = 1; back <= spanDays && days < enough; back += 1) if (!organisation.isOnLeave(identity, at - back * DAY_MS)) days += 1;
  return days;
}

function describe(input: Input, { lastSeen, days }: Quiet): Observation {
  const { event, identity, organisation, params } = input;
  const renewed = renewalBefore(input);
  const place = strangePlace(event, organisation);
  const account = event.actor ? accountKey(event.actor) : identity;
  const silence =
    lastSeen === undefined
      ? `nobody had been seen using any account of ${nameOf(organisation, identity)} in ${count(days, 'day')} of history`
      : `no account of ${nameOf(organisation, identity)} had been used since ${moment(lastSeen)}`;
  const explanation = [
    ...(renewed === undefined ? [] : [`A password or factor of the account was renewed or unlocked at ${moment(renewed)}.`]),
    ...(place === undefined ? [] : [`It came from ${place}.`]),
  ];
  return {
    sentence: `${account} was used (${event.code}) after ${silence}.`,
    observed: {
      account,
      code: event.code,
      quietDays: days,
      lastSeen: lastSeen === undefined ? 'never' : moment(lastSeen),
      ...(event.src?.ip !== undefined && { sourceIp: event.src.ip }),
      ...(event.src?.geo?.country !== undefined && { country: event.src.geo.country }),
      isRenewed: renewed !== undefined,
      renewalHours: params.renewalHours,
    },
    explanation,
    ...(explanation.length > 0 && { severity: 'high', p: TAKEN_OVER_P }),
  };
}

/** When a password or factor was renewed shortly before, or by this act itself. */
function renewalBefore({ event, state, params }: Input): number | undefined {
  if (event.class === 'account_change' && RENEWALS.has(event.activity)) return event.time;
  const { renewedAt } = state;
  return renewedAt !== null && Math.abs(event.time - renewedAt) <= params.renewalHours * HOUR_MS ? renewedAt : undefined;
}

/** A country where the organisation has nobody at home, or a network in which nobody sits. */
function strangePlace({ src }: AccessEvent, organisation: Organisation): string | undefined {
  if (src?.networkKind !== undefined && FOREIGN_KINDS.has(src.networkKind))
    return `a network of kind ${src.networkKind}${src.asOrg === undefined ? '' : ` (${src.asOrg})`}`;
  const country = src?.geo?.country;
  if (country?.length !== 2) return undefined; // names of countries do not compare
  const homes = new Set(organisation.identities.flatMap(({ home }) => (home?.country?.length === 2 ? [home.country.toUpperCase()] : [])));
  return homes.size === 0 || homes.has(country.toUpperCase()) ? undefined : `${country}, where nobody of the organisation is at home`;
}
