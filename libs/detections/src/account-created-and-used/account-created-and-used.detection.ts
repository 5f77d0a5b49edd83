import { HOUR_MS, networkOf, type AccessEvent } from '@keyward/events';
import { accountKey, type Organisation } from '@keyward/identity';
import { z } from 'zod';
import { isPassive } from '../acts.js';
import { defineDetection, type DetectionInput, type Observation } from '../detection.js';
import { duration, entitlementName, nameOf } from '../words.js';

const Given = z.object({ by: z.string(), at: z.number(), net: z.string().optional(), uid: z.string() });
type Given = z.infer<typeof Given>;
/** What is known of the account of this ledger since somebody made it; null: nobody was seen making it, or that is long ago. */
const State = z.object({ made: Given, right: Given.extend({ entitlement: z.string() }).nullable(), isReported: z.boolean() }).nullable();
type State = z.infer<typeof State>;

const Params = z.strictObject({
  /** From making the account to its use. */
  windowHours: z.number().positive().max(168).default(24),
});
type Params = z.infer<typeof Params>;
type Input = DetectionInput<State, Params>;

/** Rights with which one can give oneself others; a role is one by its kind. */
const STRONG = /admin|\broot\b|\bsudo|\bwheel\b|super|power ?user|owner|privileged|operators?\b|full ?access|\bdocker\b/i;

export const accountCreatedAndUsed = defineDetection<State, Params>({
  id: 'account_created_and_used',
  title: 'New account made strong and used',
  kind: 'rule',
  severity: 'high',
  attack: ['T1136', 'T1098'],
  ledger: 'identity',
  p: 1e-4, // accounts that nobody announced are made strong by hand now and then, and seldom used at once
  params: Params,
  state: State,
  initial: () => null,

  evaluate(input) {
    const story = storyOf(input);
    return story && describe(input, story);
  },
  advance(input) {
    const { event, part, state, params, organisation } = input;
    if (state !== null && event.time - state.made.at > params.windowHours * HOUR_MS) return null;
    if (part === 'target' && event.outcome === 'success') {
      const given = givenBy(event, organisation);
      if (given === undefined) return state;
      if (event.class === 'account_change' && event.activity === 'create') return { made: given, right: null, isReported: false };
      if (state === null || !isStrongGrant(event)) return state;
      return { ...state, right: { ...given, entitlement: (event.privilege?.entitlement ?? '').slice(0, 256) } };
    }
    return state !== null && storyOf(input) !== undefined ? { ...state, isReported: true } : state;
  },
});

interface Story {
  readonly made: Given;
  readonly right: Given & { readonly entitlement: string };
  /** The one who made it also gave it the right. */
  readonly isSameHand: boolean;
}

/** Made, made strong, and used now, all within the window, by one hand or from one network. */
function storyOf({ event, part, state, identity, organisation, params }: Input): Story | undefined {
  if (state === null || state.right === null || state.isReported) return undefined;
  if (part !== 'actor' || event.outcome !== 'success' || isPassive(event)) return undefined;
  const { made, right } = state;
  if (event.time < right.at || event.time - made.at > params.windowHours * HOUR_MS) return undefined;
  // Who is on record was announced: a joiner, a planned service.
  if (event.actor?.identity !== identity || organisation.identity(identity) !== undefined) return undefined;
  const isSameHand = made.by === right.by;
  const net = event.src?.ip === undefined ? undefined : networkOf(event.src.ip);
  return isSameHand || (made.net !== undefined && made.net === net) ? { made, right, isSameHand } : undefined;
}

/** Who did it, when it was a person: programs make and equip accounts all day. */
function givenBy({ actor, src, time, uid }: AccessEvent, organisation: Organisation): Given | undefined {
  if (actor === undefined || actor.kind === 'system' || actor.kind === 'service') return undefined;
  const by = actor.identity ?? accountKey(actor);
  if (organisation.identity(by)?.kind === 'service') return undefined;
  const net = src?.ip === undefined ? undefined : networkOf(src.ip);
  return { by, at: time, ...(net !== undefined && { net }), uid };
}

function isStrongGrant({ privilege }: AccessEvent): boolean {
  if (privilege?.change !== 'granted' && privilege?.change !== 'activated') return false;
  const [, kind] = privilege.entitlement.split(':');
  return kind === 'role' || STRONG.test(entitlementName(privilege.entitlement));
}

function describe({ event, identity, organisation }: Input, { made, right, isSameHand }: Story): Observation {
  const maker = nameOf(organisation, made.by);
  const giver = isSameHand ? 'who also' : `and ${nameOf(organisation, right.by)}`;
  return {
    sentence: `${identity} was used (${event.code}) ${duration(event.time - made.at)} after ${maker} had made it, ${giver} gave it ${right.entitlement}; the organisation does not know it.`,
    observed: {
      account: event.actor ? accountKey(event.actor) : identity,
      code: event.code,
      madeBy: made.by,
      rightBy: right.by,
      entitlement: right.entitlement,
      ...(event.src?.ip !== undefined && { sourceIp: event.src.ip }),
    },
    eventUids: [made.uid, right.uid],
    explanation: isSameHand ? [] : ['It was used from the network from which it was made.'],
  };
}
