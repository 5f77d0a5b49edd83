import { MINUTE_MS, type AccessEvent } from '@keyward/events';
import { z } from 'zod';
import { defineDetection } from '../detection.js';
import { duration, nameOf, round } from '../words.js';

/** What one network did to one account: when last, failures since the window began, whether it ever got in. Short names: there may be hundreds. */
const Tried = z.object({ hash: z.string(), at: z.number(), fails: z.number(), ok: z.boolean() });
type Tried = z.infer<typeof Tried>;

const State = z.object({
  /** Each by a hash of 32 bits: enough to tell 256 accounts apart, and no name is kept. A list, since it is copied at each change. */
  accounts: z.array(Tried),
  recentUids: z.array(z.string()),
});
type State = z.infer<typeof State>;

const Params = z.strictObject({
  /** Long enough for a slow spray of one try every ten minutes; a busy office is told apart by the ratio, not by the window. */
  windowMinutes: z.number().positive().default(240),
  /** Elastic's Okta rule takes 5 users an hour, Splunk's 9 in 5 minutes. */
  minFailedAccounts: z.number().int().positive().default(8),
  /** A spray gets one or two tries an account before a lock-out; more from one network is a broken client or a brute force. */
  maxMeanTriesPerAccount: z.number().positive().default(6),
  /** Accounts that failed and never got in, for each one that got in. Behind an office or VPN egress most who fail get in a minute later. */
  minFailedPerSucceededRatio: z.number().positive().default(3),
});
type Params = z.infer<typeof Params>;

const MAX_ACCOUNTS = 256;
const MAX_UIDS = 12;
/** A success that is already known is refreshed at most this often: most sign-ins of an office then change nothing. */
const REFRESH_MS = 60 * MINUTE_MS;
const GUESSED = new Set(['bad_password', 'unknown_user', 'locked']);
/** The password was right and something after it was not: a guess that hit. */
const PASSWORD_WAS_RIGHT = new Set(['bad_factor', 'interrupted']);

export const passwordSpraySuccess = defineDetection<State, Params>({
  id: 'password_spray_success',
  title: 'Password spray that found a password',
  kind: 'rule',
  severity: 'critical',
  attack: ['T1110.003', 'T1078'],
  ledger: 'network',
  p: 1e-6, // many accounts failing, hardly any getting in, and then one: not seen behind shared egress
  params: Params,
  state: State,
  initial: () => ({ accounts: [], recentUids: [] }),

  evaluate({ event, state, params, organisation, identity }) {
    const hit = hitOf(event);
    if (hit === undefined || state.accounts.length < params.minFailedAccounts) return undefined;
    const recent = state.accounts.filter((tried) => event.time - tried.at <= params.windowMinutes * MINUTE_MS);
    const succeeded = recent.filter((tried) => tried.ok).length;
    const account = accountHash(event);
    const failed = recent.filter((tried) => !tried.ok && tried.fails > 0 && tried.hash !== account);
    if (failed.length < params.minFailedAccounts || failed.length < params.minFailedPerSucceededRatio * succeeded) return undefined;
    if (account === undefined || recent.some((tried) => tried.hash === account && tried.ok)) return undefined; // got in before: theirs
    const tries = failed.reduce((sum, tried) => sum + tried.fails, 0);
    const meanTries = tries / failed.length;
    if (meanTries > params.maxMeanTriesPerAccount) return undefined;
    const since = Math.min(...failed.map((tried) => tried.at));
    const network = event.src?.ip ?? 'one network';
    return {
      sentence:
        `${nameOf(organisation, identity)} ${hit === 'in' ? 'signed in' : 'gave the right password'} from ${network}, where sign-ins of ` +
        `${failed.length} other accounts had failed in the ${duration(event.time - since)} before, ${round(meanTries, 1)} tries each.`,
      observed: {
        failedAccounts: failed.length,
        succeededAccounts: succeeded,
        triesPerAccount: round(meanTries, 2),
        spanMinutes: round((event.time - since) / MINUTE_MS, 1),
        sourceIp: network,
        passwordOnly: hit === 'password',
      },
      eventUids: state.recentUids,
      explanation: [
        hit === 'in'
          ? 'The account got in: its password is known to whoever tried the others.'
          : 'A later step stopped the sign-in, but its password is known to whoever tried the others.',
      ],
      ...(hit === 'password' && { severity: 'high', p: 1e-5 }),
    };
  },

  advance({ event, state, params }) {
    const account = accountHash(event);
    if (account === undefined) return state;
    const known = state.accounts.find(({ hash }) => hash === account);
    if (event.outcome === 'success' || hitOf(event) !== undefined) {
      if (known?.ok && Math.abs(event.time - known.at) < REFRESH_MS) return state;
      return {
        ...state,
        accounts: withAccount(state.accounts, { hash: account, at: latest(known, event), fails: known?.fails ?? 0, ok: true }, params),
      };
    }
    if (event.auth?.failure === undefined || !GUESSED.has(event.auth.failure)) return state;
    const isOld = known !== undefined && event.time - known.at > params.windowMinutes * MINUTE_MS;
    const fails = isOld ? 1 : (known?.fails ?? 0) + 1;
    return {
      accounts: withAccount(
        state.accounts,
        { hash: account, at: latest(known, event), fails, ok: known !== undefined && known.ok && !isOld },
        params,
      ),
      recentUids: [...state.recentUids, event.uid].slice(-MAX_UIDS),
    };
  },
});

/** Whether the event shows a right password: `in` when the sign-in went through, `password` when a later step stopped it. */
function hitOf(event: AccessEvent): 'in' | 'password' | undefined {
  if (event.class !== 'authentication' || event.auth?.interactive === false || event.activity === 'logoff') return undefined;
  if (event.outcome === 'success') return 'in';
  return event.auth?.failure !== undefined && PASSWORD_WAS_RIGHT.has(event.auth.failure) ? 'password' : undefined;
}

function accountHash(event: AccessEvent): string | undefined {
  const account = event.actor ?? event.target;
  return account && fnv1a(`${account.system}\u0000${account.name}`);
}

/** FNV-1a, 32 bits: whoever makes two names collide hides one of his own tries. SHA-256 took a third of a sign-in's time. */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}

const latest = (known: Tried | undefined, event: AccessEvent): number => Math.max(known?.at ?? event.time, event.time);

/** Forgets what left the window, and the oldest, only when the list is full: a list that is read seldom may be stale. */
function withAccount(accounts: State['accounts'], tried: Tried, params: Params): State['accounts'] {
  const index = accounts.findIndex(({ hash }) => hash === tried.hash);
  if (index >= 0) return accounts.with(index, tried);
  if (accounts.length < MAX_ACCOUNTS) return [...accounts, tried];
  const horizon = tried.at - params.windowMinutes * MINUTE_MS;
  const newest = [...accounts, tried].filter(({ at }) => at >= horizon).toSorted((a, b) => b.at - a.at || (a.hash < b.hash ? -1 : 1));
  // Room for a quarter more, so that a full ledger is not sorted at each event.
  return newest.slice(0, MAX_ACCOUNTS - MAX_ACCOUNTS / 4);
}
