import { HOUR_MS, MINUTE_MS } from '@keyward/events';
import type { Organisation } from '@keyward/identity';
import type { Effect, EffectState } from './effect.js';
import { matchesAny } from './pattern.js';
import { inAnyGroup, type Plan } from './plan.js';
import type { Policy } from './policy.js';

export const GUARD_RAILS = [
  'no_connector',
  'no_reason',
  'protected_identity',
  'cap_per_hour',
  'share_of_active_grants',
  'cool_down',
  'mass_trigger',
] as const;
export type GuardRail = (typeof GUARD_RAILS)[number];

export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly rail: GuardRail; readonly sentence: string };

export interface GuardContext {
  readonly policy: Policy;
  readonly organisation: Organisation;
  /** Wall time, epoch ms: caps limit what is done now, whatever the events' time. */
  readonly now: number;
  /** Effects that took something away in the last hour or the cool-down, whichever is longer; include those of the batch at hand. */
  readonly recent: readonly Effect[];
  /** Findings of the last hour, all identities, as far as this worker knows. */
  readonly recentFindings: number;
  /** All active grants; undefined when nobody counted. A rail that needs it then holds. */
  readonly activeGrants: number | undefined;
}

/** States in which access is gone or going. */
const TAKING: readonly EffectState[] = ['revoking', 'revoked', 'verified', 'not_verified'];
/** Rails that brake the machine, not a person: what a user has approved passes them. */
const FOR_MACHINES: readonly GuardRail[] = ['cool_down', 'mass_trigger'];

/**
 * Whether a plan may be carried out now. Pure. Asked before the first step, and again when approvals are complete.
 *
 * @returns the first rail that says no, most lasting reason first
 */
export function guard(plan: Plan, context: GuardContext): Verdict {
  for (const check of CHECKS) {
    const held = check(plan, context);
    if (held && !(plan.approvals.length > 0 && FOR_MACHINES.includes(held.rail))) return held;
  }
  return { allowed: true };
}

type Held = Extract<Verdict, { allowed: false }>;
type Check = (plan: Plan, context: GuardContext) => Held | undefined;
const held = (rail: GuardRail, sentence: string): Held => ({ allowed: false, rail, sentence });

const noConnector: Check = ({ connector, grant }) =>
  connector === undefined ? held('no_connector', `No connector of the policy answers for ${grant.entitlement}.`) : undefined;

const noReason: Check = ({ reason }) => (reason.trim() === '' ? held('no_reason', 'Nothing is taken back without a reason.') : undefined);

const protectedIdentity: Check = ({ identity }, { policy, organisation }) => {
  const { identities, groups, kinds } = policy.guardRails.protected;
  const kind = organisation.identity(identity)?.kind ?? 'human';
  if (kind === 'break_glass') return held('protected_identity', `${identity} is a break-glass account: it is never touched automatically.`);
  if (kinds.includes(kind)) return held('protected_identity', `${identity} is protected: accounts of kind ${kind} are.`);
  if (matchesAny(identities, identity)) return held('protected_identity', `${identity} is protected by name.`);
  if (inAnyGroup(groups, identity, organisation)) return held('protected_identity', `${identity} is in a protected group.`);
  return undefined;
};

const capPerHour: Check = (plan, { policy, recent, now }) => {
  const taken = takenSince(recent, now - HOUR_MS, plan.effectUid).size;
  const { maxRevocationsPerHour: cap } = policy.guardRails;
  return taken >= cap ? held('cap_per_hour', `${taken} grants were taken back in the last hour; the cap is ${cap}.`) : undefined;
};

const shareOfActiveGrants: Check = (plan, { policy, recent, now, activeGrants }) => {
  const { maxShareOfActiveGrants: share } = policy.guardRails;
  if (share === undefined) return undefined;
  if (activeGrants === undefined) {
    return held('share_of_active_grants', 'How many grants are active is not known, and the policy caps the share that may be taken back.');
  }
  const taken = takenSince(recent, now - HOUR_MS, plan.effectUid).size;
  // What was taken in the hour was active at its start.
  const allowed = Math.max(1, Math.floor(share * (activeGrants + taken)));
  return taken >= allowed
    ? held(
        'share_of_active_grants',
        `${taken} of ${activeGrants + taken} grants were taken back in the last hour; the policy allows ${allowed}.`,
      )
    : undefined;
};

const coolDown: Check = (plan, { policy, recent, now }) => {
  const minutes = policy.guardRails.coolDownMinutes;
  const since = now - minutes * MINUTE_MS;
  const last = recent.findLast(
    (effect) =>
      effect.uid !== plan.effectUid &&
      effect.identity === plan.identity &&
      effect.entitlement === plan.grant.entitlement &&
      effect.at > since &&
      TAKING.includes(effect.state),
  );
  return last
    ? held(
        'cool_down',
        `${plan.grant.entitlement} was taken from ${plan.identity} ${Math.round((now - last.at) / MINUTE_MS)} minutes ago; the cool-down is ${minutes} minutes.`,
      )
    : undefined;
};

const massTrigger: Check = (_plan, { policy, recentFindings }) => {
  const { quietWhenFindingsExceed: limit } = policy.guardRails;
  return recentFindings > limit
    ? held(
        'mass_trigger',
        `${recentFindings} findings in the last hour, more than ${limit}: nothing is taken back by itself until a person has looked.`,
      )
    : undefined;
};

const CHECKS: readonly Check[] = [noConnector, noReason, protectedIdentity, massTrigger, capPerHour, shareOfActiveGrants, coolDown];

/** Distinct effects that took something away since an instant, other than the one at hand. */
const takenSince = (recent: readonly Effect[], since: number, except: string): ReadonlySet<string> =>
  new Set(recent.filter(({ at, state, uid }) => at > since && uid !== except && TAKING.includes(state)).map(({ uid }) => uid));
