import { MINUTE_MS, SECOND_MS, type AccessEvent } from '@keyward/events';
import { z } from 'zod';
import { defineDetection } from '../detection.js';
import { count, duration, nameOf } from '../words.js';

const State = z.object({
  refusals: z.array(z.object({ at: z.number(), uid: z.string(), denied: z.boolean() })),
  /** When refusals without an approval were last reported, epoch ms. */
  reportedAt: z.number().nullable(),
});
type State = z.infer<typeof State>;

const Params = z.strictObject({
  /** Elastic and Panther take 5: two or three missed pushes are a phone in another room. */
  minRefusalsCount: z.number().int().positive().default(5),
  /** People give in within the hour; Elastic looks at 10 minutes, Panther at 30. */
  windowMinutes: z.number().positive().default(60),
  /** One push makes up to three records (factor, policy, sign-in) within a second or two; nobody refuses two pushes faster. */
  samePushSeconds: z.number().nonnegative().default(2),
});
type Params = z.infer<typeof Params>;

const MAX_REFUSALS = 32;
/** Factors that somebody types or shows himself: nobody else can make them ask. */
const NOT_PUSHED: ReadonlySet<string> = new Set([
  'password',
  'totp',
  'sms',
  'email',
  'fido2',
  'certificate',
  'kerberos',
  'key',
  'token',
  'federated',
]);

export const mfaFatigue = defineDetection<State, Params>({
  id: 'mfa_fatigue',
  title: 'Push requests refused again and again',
  kind: 'rule',
  severity: 'critical',
  attack: ['T1621', 'T1078'],
  ledger: 'identity',
  p: 1e-6, // five refusals and then an approval: whoever asked has the password and now a session
  params: Params,
  state: State,
  initial: () => ({ refusals: [], reportedAt: null }),

  evaluate({ event, part, state, params, organisation, identity }) {
    const result = part === 'actor' ? pushResult(event) : undefined;
    if (result === undefined) return undefined;
    const windowMs = params.windowMinutes * MINUTE_MS;
    const recent = state.refusals.filter(({ at }) => event.time - at <= windowMs && event.time >= at);
    const refusals = result === 'approved' || isSamePush(state, event, params) ? recent : [...recent, refusalOf(event, result)];
    const first = refusals[0];
    if (first === undefined || refusals.length < params.minRefusalsCount) return undefined;
    const wasReported = state.reportedAt !== null && event.time - state.reportedAt <= windowMs;
    if (result !== 'approved' && wasReported) return undefined;
    const denied = refusals.filter((refusal) => refusal.denied).length;
    const timedOut = refusals.length - denied;
    const who = nameOf(organisation, identity);
    const asked = `${count(refusals.length, 'push request')} in ${duration(event.time - first.at)} (${denied} denied, ${timedOut} not answered)`;
    return {
      sentence:
        result === 'approved'
          ? `${who} approved a push request after refusing ${asked}.`
          : `${who} refused ${asked} and has approved none: somebody else knows the password.`,
      observed: {
        refusals: refusals.length,
        denied,
        timedOut,
        spanMinutes: Math.round((event.time - first.at) / MINUTE_MS),
        approved: result === 'approved',
        ...(event.src?.ip !== undefined && { sourceIp: event.src.ip }),
      },
      eventUids: refusals.map(({ uid }) => uid),
      ...(result !== 'approved' && { severity: 'medium', p: 1e-3 }),
    };
  },

  advance({ event, part, state, params }) {
    const result = part === 'actor' ? pushResult(event) : undefined;
    if (result === undefined) return state;
    if (result === 'approved') return { refusals: [], reportedAt: null };
    if (isSamePush(state, event, params)) return state;
    const windowMs = params.windowMinutes * MINUTE_MS;
    const refusals = [...state.refusals, refusalOf(event, result)]
      .filter(({ at }) => event.time - at <= windowMs)
      .toSorted((a, b) => a.at - b.at || (a.uid < b.uid ? -1 : 1))
      .slice(-MAX_REFUSALS);
    const wasReported = state.reportedAt !== null && event.time - state.reportedAt <= windowMs;
    const isReport = !wasReported && refusals.filter(({ at }) => at <= event.time).length >= params.minRefusalsCount;
    return { refusals, reportedAt: isReport ? event.time : state.reportedAt };
  },
});

type PushResult = 'approved' | 'denied' | 'timeout';

function pushResult({ class: eventClass, auth, actor, outcome }: AccessEvent): PushResult | undefined {
  if (eventClass !== 'authentication' || !actor || auth?.factorResult === undefined) return undefined;
  if (auth.method !== undefined && NOT_PUSHED.has(auth.method)) return undefined;
  if (auth.factorResult === 'approved') return outcome === 'success' ? 'approved' : undefined;
  return auth.factorResult === 'challenged' ? undefined : auth.factorResult;
}

const refusalOf = (event: AccessEvent, result: PushResult): State['refusals'][number] => ({
  at: event.time,
  uid: event.uid,
  denied: result === 'denied',
});

const isSamePush = (state: State, event: AccessEvent, params: Params): boolean =>
  state.refusals.some(({ at }) => Math.abs(event.time - at) <= params.samePushSeconds * SECOND_MS);
