import { HOUR_MS, MINUTE_MS, type AccessEvent } from '@keyward/events';
import { credentialAccount } from '@keyward/identity';
import { z } from 'zod';
import { defineDetection, type DetectionInput } from '../detection.js';
import { duration, moment, nameOf } from '../words.js';

const State = z.object({
  /** Last time that the vault gave the credential out, by check-out, use or brokered session. */
  taken: z.object({ at: z.number(), uid: z.string(), by: z.string() }).nullable(),
  /** Brokered sessions that were opened and not closed: id -> when. */
  open: z.record(z.string(), z.number()),
  /** When the vault's own machinery last changed the password. */
  changedAt: z.number().nullable(),
  reportedAt: z.number().nullable(),
});
type State = z.infer<typeof State>;

const Params = z.strictObject({
  /** One working day: the usual length of a check-out. */
  lookBackHours: z.number().positive().default(8),
  /** The vault signs in to change and verify a password: some minutes around the change, its clock included. */
  changeGraceMinutes: z.number().nonnegative().default(10),
  /** A session that nobody closed counts as open for this long; a crashed recorder must not excuse a month. */
  maxSessionHours: z.number().positive().default(24),
  /** Each further sign-in within it belongs to the finding already made. */
  repeatMinutes: z.number().nonnegative().default(60),
  /** Addresses of the vault's own machines (password changer, session broker): their sign-ins are the vault's. */
  vaultAddresses: z.array(z.string()).default([]).describe('IP addresses'),
});
type Params = z.infer<typeof Params>;

const MAX_OPEN_SESSIONS = 16;

export const credentialWithoutCheckout = defineDetection<State, Params>({
  id: 'credential_without_checkout',
  title: 'Vaulted credential used without check-out',
  kind: 'rule',
  severity: 'high',
  attack: ['T1078.003', 'T1555'],
  ledger: 'credential',
  p: 1e-5, // the vault is the only place to learn the password from
  params: Params,
  state: State,
  initial: () => ({ taken: null, open: {}, changedAt: null, reportedAt: null }),

  evaluate(input) {
    const { event, state, params, organisation, identity } = input;
    if (!isDirectUse(input) || isCovered(input)) return undefined;
    if (state.reportedAt !== null && Math.abs(event.time - state.reportedAt) < params.repeatMinutes * MINUTE_MS) return undefined;
    const account = credentialAccount(event, organisation) ?? event.actor?.name ?? identity;
    const managed = organisation.managedAccount(account);
    const last = state.taken;
    const from = event.src?.ip === undefined ? '' : ` from ${event.src.ip}`;
    return {
      sentence:
        `${account} signed in${from} without a check-out or brokered session in the ${params.lookBackHours} hours before; ` +
        (last === null
          ? 'the vault has no use of it on record.'
          : `the last one was ${duration(event.time - last.at)} earlier, by ${last.by}.`),
      observed: {
        account,
        vault: managed?.vault ?? 'not stated',
        lookBackHours: params.lookBackHours,
        ...(event.src?.ip !== undefined && { sourceIp: event.src.ip }),
        ...(last !== null && { lastTakenAt: moment(last.at), lastTakenBy: last.by }),
      },
      eventUids: last === null ? [] : [last.uid],
      explanation: [
        `${account} is kept in ${managed?.vault ?? 'a vault'}; identity of the sign-in: ${nameOf(organisation, identity)}. Whoever used it knows the password from elsewhere.`,
      ],
      dedupeKey: `credential_without_checkout:${account}`,
    };
  },

  advance(input) {
    const { event, state, params } = input;
    if (event.outcome === 'failure') return state;
    if (event.credential) return withVaultAct(state, event, event.credential.act);
    if (!isDirectUse(input) || isCovered(input)) return state;
    const wasReported = state.reportedAt !== null && Math.abs(event.time - state.reportedAt) < params.repeatMinutes * MINUTE_MS;
    return wasReported ? state : { ...state, reportedAt: event.time };
  },
});

/** A sign-in with the credential that the target itself logged, not the vault. */
function isDirectUse({ event, organisation, params }: DetectionInput<State, Params>): boolean {
  if (event.credential !== undefined || event.class !== 'authentication' || event.outcome !== 'success' || !event.actor) return false;
  if (event.activity === 'logoff' || (event.src?.ip !== undefined && params.vaultAddresses.includes(event.src.ip))) return false;
  const account = credentialAccount(event, organisation);
  if (account === undefined || !organisation.managedAccount(account)) return false;
  // A service signs in with its own credential all day, through an agent that the vault feeds.
  const owner = organisation.identity(event.actor.identity ?? '');
  return owner?.kind !== 'service' || event.auth?.interactive === true;
}

function isCovered({ event, state, params, isHeld }: DetectionInput<State, Params>): boolean {
  if (isHeld === true) return true;
  const since = (at: number | null | undefined): number => (typeof at === 'number' ? event.time - at : Infinity);
  // What was given out before the password was changed opens nothing any more.
  const isCurrent = state.taken !== null && (state.changedAt === null || state.changedAt <= state.taken.at + 1_000);
  if (isCurrent && since(state.taken?.at) <= params.lookBackHours * HOUR_MS) return true;
  if (Math.abs(since(state.changedAt)) <= params.changeGraceMinutes * MINUTE_MS) return true;
  return Object.values(state.open).some((at) => since(at) <= params.maxSessionHours * HOUR_MS);
}

function withVaultAct(state: State, event: AccessEvent, act: NonNullable<AccessEvent['credential']>['act']): State {
  const at = event.time;
  const by = event.actor?.name.slice(0, 128) ?? 'nobody named';
  const taken = state.taken !== null && state.taken.at > at ? state.taken : { at, uid: event.uid, by };
  const session = (event.session?.uid ?? by).slice(0, 128);
  switch (act) {
    case 'changed':
      return { ...state, changedAt: Math.max(state.changedAt ?? at, at) };
    case 'checked_out':
    case 'used':
      return { ...state, taken };
    case 'session_opened': {
      const open = Object.entries({ ...state.open, [session]: at }).toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
      return { ...state, taken, open: Object.fromEntries(open.slice(-MAX_OPEN_SESSIONS)) };
    }
    case 'session_closed':
      return { ...state, taken, open: Object.fromEntries(Object.entries(state.open).filter(([id]) => id !== session)) };
    case 'checked_in':
      return state;
  }
}
