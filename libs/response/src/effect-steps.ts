import type { EffectDraft } from './decision-log.js';
import type { Decision, Effect, EffectState } from './effect.js';
import type { Verdict } from './guard.js';
import { matchesAny } from './pattern.js';
import { MANUAL_RULE, NO_CONNECTOR, type Plan } from './plan.js';
import type { Policy } from './policy.js';

/** Which step may follow which. Empty: it is over. */
export const EFFECT_STEPS: Readonly<Record<EffectState, readonly EffectState[]>> = {
  observed: [],
  held: ['awaiting_approval', 'approved', 'denied'],
  awaiting_approval: ['awaiting_approval', 'approved', 'denied'],
  approved: ['revoking', 'held', 'denied'],
  denied: [],
  revoking: ['revoking', 'revoked', 'already_absent', 'failed'],
  revoked: ['verified', 'not_verified'],
  already_absent: ['verified', 'not_verified'],
  verified: [],
  not_verified: ['revoking', 'verified', 'not_verified', 'failed'],
  failed: ['revoking'],
};

/** What is to be done next about an intention, given all its steps so far, oldest first. */
export type NextAction = 'open' | 'wait' | 'guard' | 'revoke' | 'verify' | 'done';
export function nextAction(history: readonly Effect[]): NextAction {
  const last = history.at(-1);
  if (!last) return 'open';
  switch (last.state) {
    case 'held':
    case 'awaiting_approval':
      return 'wait'; // for a person
    case 'approved':
      return 'guard'; // things may have changed while people thought
    case 'revoking':
      return 'revoke'; // we were interrupted: a revoker is idempotent
    case 'revoked':
    case 'already_absent':
      return 'verify';
    case 'observed':
    case 'denied':
    case 'verified':
    case 'not_verified':
    case 'failed':
      return 'done';
  }
}

/**
 * The first step of an intention: `observed`, `held`, `awaiting_approval`, or `revoking`.
 *
 * @param at wall time, epoch ms
 */
export function openEffect(plan: Plan, verdict: Verdict, { chain, at }: { readonly chain: string; readonly at: number }): EffectDraft {
  const state = firstState(plan, verdict);
  return {
    uid: plan.effectUid,
    chain,
    at,
    state,
    mode: plan.mode,
    rule: plan.rule,
    alertUid: plan.alertUid,
    identity: plan.identity,
    grantUid: plan.grant.uid,
    entitlement: plan.grant.entitlement,
    connector: plan.connector ?? NO_CONNECTOR,
    reason: plan.reason,
    actor: plan.actor,
    approvals: [...plan.approvals],
    ...(verdict.allowed ? {} : { guard: verdict.rail, detail: verdict.sentence }),
  };
}

function firstState(plan: Plan, verdict: Verdict): EffectState {
  if (plan.mode === 'observe') return 'observed';
  if (!verdict.allowed) return 'held';
  return plan.approvals.length < plan.approvalsNeeded ? 'awaiting_approval' : 'revoking';
}

/**
 * The next step of an effect. Who acts is `keyward` unless said otherwise; guard and detail are those of this step alone.
 *
 * @throws Error when the step may not follow: a bug of the caller
 */
export function nextStep(
  last: Effect,
  step: {
    readonly state: EffectState;
    readonly chain: string;
    readonly at: number;
    readonly actor?: string;
    readonly approvals?: readonly string[];
    readonly reason?: string;
    readonly guard?: string;
    readonly detail?: string;
  },
): EffectDraft {
  if (!EFFECT_STEPS[last.state].includes(step.state)) throw new Error(`${step.state} can't follow ${last.state} (effect ${last.uid})`);
  const { uid, mode, rule, alertUid, identity, grantUid, entitlement, connector } = last;
  return {
    ...{ uid, mode, rule, alertUid, identity, grantUid, entitlement, connector },
    chain: step.chain,
    at: step.at,
    state: step.state,
    reason: step.reason ?? last.reason,
    actor: step.actor ?? 'keyward',
    approvals: [...(step.approvals ?? last.approvals)],
    ...(step.guard === undefined ? {} : { guard: step.guard }),
    ...(step.detail === undefined ? {} : { detail: step.detail }),
  };
}

export type DecisionResult =
  | { readonly ok: true; readonly draft: EffectDraft }
  | { readonly ok: false; readonly code: 'nothing_to_decide' | 'already_over' | 'same_user' | 'cannot_override'; readonly reason: string };

/** Rails that no approval lifts: who is protected, and what nobody can do. */
const NOT_OVERRIDABLE: readonly string[] = ['protected_identity', 'no_connector', 'no_reason'];

/**
 * What an approval or a denial makes of an effect. Pure. Two-person rule: two different users; who asked for a manual revocation has given his
 * approval by asking, and can't give the second. A denial wins at any time before the revocation began.
 *
 * @param history all steps of the effect, oldest first
 */
export function decide(
  history: readonly Effect[],
  decision: Decision,
  { policy, chain, at }: { readonly policy: Policy; readonly chain: string; readonly at: number },
): DecisionResult {
  const last = history.at(-1);
  if (!last) return { ok: false, code: 'nothing_to_decide', reason: `There is no effect ${decision.effectUid ?? ''}.` };
  const common = { chain, at, actor: decision.user, reason: decision.reason };
  if (decision.kind === 'deny') {
    return EFFECT_STEPS[last.state].includes('denied')
      ? { ok: true, draft: nextStep(last, { ...common, state: 'denied' }) }
      : { ok: false, code: 'already_over', reason: `It can't be denied any more: it is ${last.state.replaceAll('_', ' ')}.` };
  }
  if (last.state !== 'awaiting_approval' && last.state !== 'held') {
    return { ok: false, code: 'already_over', reason: `It does not wait for an approval: it is ${last.state.replaceAll('_', ' ')}.` };
  }
  if (last.state === 'held' && NOT_OVERRIDABLE.includes(last.guard ?? '')) {
    return { ok: false, code: 'cannot_override', reason: `No approval lifts this guard rail: ${last.detail ?? last.guard ?? ''}` };
  }
  const needed = approvalsNeeded(last, policy);
  // With all approvals in, a held effect can be released again by any of them: a cap that was full may be free now.
  if (last.approvals.includes(decision.user) && last.approvals.length < needed) {
    return { ok: false, code: 'same_user', reason: `${decision.user} has approved already; another user must.` };
  }
  const approvals = [...new Set([...last.approvals, decision.user])];
  return {
    ok: true,
    draft: nextStep(last, { ...common, state: approvals.length >= needed ? 'approved' : 'awaiting_approval', approvals }),
  };
}

/** How many users must approve an effect under the policy as it stands now; two when its rule is gone, since nobody can say. */
export function approvalsNeeded(effect: Pick<Effect, 'rule' | 'entitlement'>, policy: Policy): 1 | 2 {
  if (matchesAny(policy.guardRails.twoPersonFor, effect.entitlement)) return 2;
  if (effect.rule === MANUAL_RULE) return 1;
  return policy.rules.find(({ id }) => id === effect.rule)?.approvals ?? 2;
}

/** The plan of an effect that is under way, for the guard's second look and for the revoker. */
export const planOf = (last: Effect, grant: Plan['grant'], policy: Policy): Plan => ({
  effectUid: last.uid,
  alertUid: last.alertUid,
  identity: last.identity,
  grant,
  connector: last.connector === NO_CONNECTOR ? undefined : last.connector,
  rule: last.rule,
  mode: last.mode,
  approvalsNeeded: last.mode === 'approve' ? approvalsNeeded(last, policy) : 0,
  approvals: last.approvals,
  actor: last.actor,
  reason: last.reason,
});
