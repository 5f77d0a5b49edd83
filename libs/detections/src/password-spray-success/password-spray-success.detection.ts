import { MINUTE_MS, type AccessEvent } from '@keyward/events';
import { z } from 'zod';
import { defineDetection } from '../detection.js';
import { duration, nameOf, round } from '../words.js';

/** What one network did to one account: when last, failures since the window began, whether it ever got in. Short names: there may be hundreds. */
const Tried = z.object({
  hash: z.string(),
  at: z.number(),
  fails: z.number(),
  ok: z.boolean(),
  /** The device of the newest failure, where the vendor names one: its hash, failures from it, whether the account got in from it since. */
  dev: z.object({ hash: z.string(), fails: z.number(), ok: z.boolean() }).optional(),
});
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
    const recent = recentOf(state, event, params);
    const account = accountHash(event);
    if (account === undefined) return undefined;
    const spray = ofNetwork(recent, account, params) ?? ofDevice(recent, account, deviceHash(event), params);
    if (!spray) return undefined;
    const { failed, succeeded, meanTries } = spray;
    const since = Math.min(...failed.map((tried) => tried.at));
    const network = `${spray.isDevice ? 'a device at ' : ''}${event.src?.ip ?? 'one network'}`;
    return {
      sentence:
        `${nameOf(organisation, identity)} ${hit === 'in' ? 'signed in' : 'gave the right password'} from ${network}, ${spray.isDevice ? 'from which' : 'where'} sign-ins of ` +
        `${failed.length} other accounts had failed in the ${duration(event.time - since)} before, ${round(meanTries, 1)} tries each.`,
      observed: {
        failedAccounts: failed.length,
        succeededAccounts: succeeded,
        triesPerAccount: round(meanTries, 2),
        spanMinutes: round((event.time - since) / MINUTE_MS, 1),
        sourceIp: event.src?.ip ?? 'one network',
        oneDevice: spray.isDevice,
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
    const device = deviceHash(event);
    if (event.outcome === 'success' || hitOf(event) !== undefined) {
      const got = gotInFrom(device, known, account, event, state, params);
      const dev = got ?? known?.dev;
      if (known?.ok && (!got || (got.hash === known.dev?.hash && known.dev.ok)) && Math.abs(event.time - known.at) < REFRESH_MS)
        return state;
      const tried = { hash: account, at: latest(known, event), fails: known?.fails ?? 0, ok: true, ...(dev && { dev }) };
      return { ...state, accounts: withAccount(state.accounts, tried, params) };
    }
    if (event.auth?.failure === undefined || !GUESSED.has(event.auth.failure)) return state;
    const isOld = known !== undefined && event.time - known.at > params.windowMinutes * MINUTE_MS;
    const fails = isOld ? 1 : (known?.fails ?? 0) + 1;
    const same = device !== undefined && !isOld && known?.dev?.hash === device ? known.dev : undefined;
    const tried = {
      hash: account,
      at: latest(known, event),
      fails,
      ok: known !== undefined && known.ok && !isOld,
      ...(device !== undefined && { dev: { hash: device, fails: (same?.fails ?? 0) + 1, ok: same?.ok ?? false } }),
    };
    return {
      accounts: withAccount(state.accounts, tried, params),
      recentUids: [...state.recentUids, event.uid].slice(-MAX_UIDS),
    };
  },
});

interface Spray {
  readonly failed: readonly Tried[];
  readonly succeeded: number;
  readonly meanTries: number;
  readonly isDevice: boolean;
}

/** @returns undefined when the account got in from the network before: then it is its own */
function ofNetwork(recent: readonly Tried[], account: string, params: Params): Spray | undefined {
  if (recent.some(({ hash, ok }) => hash === account && ok)) return undefined;
  const failed = recent.filter(({ hash, ok, fails }) => !ok && fails > 0 && hash !== account);
  return sprayOf(failed, ({ fails }) => fails, recent.filter(({ ok }) => ok).length, false, params);
}

/** Worth noting of a device from which the account failed, or that sprays: the finding is made once. */
function gotInFrom(
  device: string | undefined,
  known: Tried | undefined,
  account: string,
  event: AccessEvent,
  state: State,
  params: Params,
): Tried['dev'] {
  if (device === undefined) return undefined;
  if (known?.dev?.hash === device) return { ...known.dev, ok: true };
  const sprays =
    state.accounts.some(({ dev }) => dev?.hash === device) && ofDevice(recentOf(state, event, params), account, device, params);
  return sprays ? { hash: device, fails: 0, ok: true } : undefined;
}

const recentOf = ({ accounts }: State, { time }: AccessEvent, { windowMinutes }: Params): readonly Tried[] =>
  accounts.filter(({ at }) => time - at <= windowMinutes * MINUTE_MS);

/**
 * Behind the egress of an office hundreds get in, and a spray from within hides among them: the device tells its tries apart. Whoever owns the device has got
 * in from it before, and it is the device that sprays: that excuses nobody.
 */
function ofDevice(recent: readonly Tried[], account: string, device: string | undefined, params: Params): Spray | undefined {
  if (device === undefined || recent.some(({ hash, dev }) => hash === account && dev?.hash === device && dev.ok)) return undefined;
  const others = recent.filter(({ hash, dev }) => dev?.hash === device && hash !== account);
  const failed = others.filter(({ dev }) => dev?.ok === false);
  return sprayOf(failed, ({ dev }) => dev?.fails ?? 0, others.length - failed.length, true, params);
}

function sprayOf(
  failed: readonly Tried[],
  triesOf: (tried: Tried) => number,
  succeeded: number,
  isDevice: boolean,
  { minFailedAccounts, minFailedPerSucceededRatio, maxMeanTriesPerAccount }: Params,
): Spray | undefined {
  if (failed.length < minFailedAccounts || failed.length < minFailedPerSucceededRatio * succeeded) return undefined;
  const meanTries = failed.reduce((sum, tried) => sum + triesOf(tried), 0) / failed.length;
  return meanTries > maxMeanTriesPerAccount ? undefined : { failed, succeeded, meanTries, isDevice };
}

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

/** A vendor's id of the device. What a browser says of itself a whole office says alike. */
const deviceHash = ({ device }: AccessEvent): string | undefined => (device?.id === undefined ? undefined : fnv1a(device.id));

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
