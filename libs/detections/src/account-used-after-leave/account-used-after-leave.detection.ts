import { DAY_MS, HOUR_MS, MINUTE_MS, type AccessEvent } from '@keyward/events';
import { accountKey } from '@keyward/identity';
import { z } from 'zod';
import { isInteractiveSignIn, isPassive } from '../acts.js';
import { defineDetection, type DetectionInput, type Observation } from '../detection.js';
import { duration, moment, nameOf } from '../words.js';

/** What was reported -> when, so that a mail client that keeps trying makes one finding a day. */
const State = z.record(z.string(), z.number());
type State = z.infer<typeof State>;

const Params = z.strictObject({
  /** Accounts of several systems are disabled one after the other. */
  disabledGraceMinutes: z.number().nonnegative().default(60),
  /** An account that was disabled longer ago belongs to a change that is over. */
  disabledLookBackDays: z.number().positive().default(30),
  /** Successful acts of one account after its owner left: one finding in this time. */
  repeatMinutes: z.number().nonnegative().default(60),
  /** Failed attempts, and use while another account is disabled: one finding in this time. */
  repeatFailedHours: z.number().nonnegative().default(24),
});
type Params = z.infer<typeof Params>;
type Input = DetectionInput<State, Params>;
type Why = 'left' | 'left_failed' | 'owner_left' | 'disabled';

const MAX_REPORTED = 32;

export const accountUsedAfterLeave = defineDetection<State, Params>({
  id: 'account_used_after_leave',
  title: 'Account used after its owner left',
  kind: 'rule',
  severity: 'critical',
  attack: ['T1078'],
  ledger: 'identity',
  p: 1e-6, // nobody is left whose work it could be
  params: Params,
  state: State,
  initial: () => ({}),

  evaluate(input) {
    const why = whyNot(input);
    return why === undefined || wasReported(input, why) ? undefined : describe(input, why);
  },
  advance(input) {
    const why = whyNot(input);
    if (why === undefined || wasReported(input, why)) return input.state;
    const reported = { ...input.state, [reportKey(input.event, why)]: input.event.time };
    const next = Object.entries(reported).toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
    return Object.fromEntries(next.slice(-MAX_REPORTED));
  },
});

/** Why the account should not have been used; undefined when nothing speaks against it. */
function whyNot(input: Input): Why | undefined {
  const { event, part, identity, organisation } = input;
  if (part !== 'actor' || !event.actor || isPassive(event)) return undefined;
  if (organisation.statusAt(identity, event.time) === 'left') {
    if (event.outcome === 'success') return 'left';
    return event.class === 'authentication' ? 'left_failed' : undefined;
  }
  if (event.outcome !== 'success') return undefined;
  const record = organisation.identity(identity);
  const isLent = record?.kind === 'service' || record?.kind === 'shared';
  if (isLent && record.owner !== undefined && organisation.statusAt(record.owner, event.time) === 'left') {
    // A program goes on working when its owner leaves; a person who signs in as it is another matter.
    return isInteractiveSignIn(event) && event.auth?.interactive === true ? 'owner_left' : undefined;
  }
  return disabledBefore(input) === undefined ? undefined : 'disabled';
}

/** The account of the same identity that was disabled last, within the look-back and before the grace. */
function disabledBefore({ event, facts, params, identity, organisation }: Input): { account: string; at: number } | undefined {
  const kind = organisation.identity(identity)?.kind;
  if (kind === 'service' || kind === 'shared') return undefined; // its accounts are the systems' own, each for itself
  return Object.entries(facts.disabledAt)
    .map(([account, at]) => ({ account, at }))
    .filter(({ at }) => {
      const sinceMs = event.time - at;
      return sinceMs > params.disabledGraceMinutes * MINUTE_MS && sinceMs <= params.disabledLookBackDays * DAY_MS;
    })
    .toSorted((a, b) => b.at - a.at || (a.account < b.account ? -1 : 1))[0];
}

function describe(input: Input, why: Why): Observation {
  const { event, identity, organisation } = input;
  const who = nameOf(organisation, identity);
  const account = event.actor ? accountKey(event.actor) : identity;
  const record = organisation.identity(identity);
  const act = `${event.class.replaceAll('_', ' ')} (${event.code})`;
  const observed = { account, code: event.code, ...(event.src?.ip !== undefined && { sourceIp: event.src.ip }) };
  switch (why) {
    case 'left':
      return {
        sentence: `${account} was used after ${who} had left (${record?.endsAt ?? 'before the history begins'}): ${act}.`,
        observed: { ...observed, endsAt: record?.endsAt ?? 'not stated' },
      };
    case 'left_failed':
      return {
        sentence: `Somebody tried to sign in as ${account} after ${who} had left (${record?.endsAt ?? 'before the history begins'}); it failed.`,
        observed: { ...observed, endsAt: record?.endsAt ?? 'not stated', failure: event.auth?.failure ?? 'not stated' },
        severity: 'low',
        p: 2e-2, // most are devices that still have the old password
        dedupeKey: 'account_used_after_leave:failed',
      };
    case 'owner_left':
      return {
        sentence: `Somebody signed in interactively as ${who}, whose owner ${nameOf(organisation, record?.owner ?? '')} has left.`,
        observed: { ...observed, owner: record?.owner ?? 'not stated' },
        severity: 'medium',
        p: 1e-3, // often a colleague who has taken over and is not on record yet
      };
    case 'disabled': {
      const disabled = disabledBefore(input);
      const isSame = disabled?.account === account;
      const since = disabled === undefined ? 'earlier' : `${duration(event.time - disabled.at)} earlier`;
      return {
        sentence: isSame
          ? `${account} was used although it had been disabled or deleted ${since}: ${act}.`
          : `${account} was used although ${disabled?.account ?? 'another account'} of the same person, ${who}, had been disabled or deleted ${since}: ${act}.`,
        observed: { ...observed, disabledAccount: disabled?.account ?? '', disabledAt: disabled ? moment(disabled.at) : '' },
        ...(isSame ? { severity: 'high', p: 1e-5 } : { severity: 'medium', p: 1e-3 }),
        dedupeKey: `account_used_after_leave:${isSame ? 'same' : 'other'}`,
      };
    }
  }
}

const reportKey = (event: AccessEvent, why: Why): string => `${why}:${event.actor ? accountKey(event.actor).slice(0, 128) : ''}`;

function wasReported({ event, state, params }: Input, why: Why): boolean {
  const at = state[reportKey(event, why)];
  const pauseMs = why === 'left' || why === 'owner_left' ? params.repeatMinutes * MINUTE_MS : params.repeatFailedHours * HOUR_MS;
  return at !== undefined && Math.abs(event.time - at) < pauseMs;
}
