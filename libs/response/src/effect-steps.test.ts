import { MONDAY_9, aGrant } from '@keyward/testkit';
import { describe, expect, it } from 'vitest';
import { appendLinks, type EffectDraft } from './decision-log.js';
import type { Decision, Effect } from './effect.js';
import { approvalsNeeded, decide, nextAction, nextStep, openEffect, planOf } from './effect-steps.js';
import type { Verdict } from './guard.js';
import type { Plan } from './plan.js';
import { Policy } from './policy.js';

const chain = 'access.alerts-0';
const at = MONDAY_9;
const policy = Policy.parse({
  version: 1,
  rules: [
    { id: 'one', mode: 'approve' },
    { id: 'two', mode: 'approve', approvals: 2 },
  ],
});
const plan: Plan = {
  effectUid: 'effect-1',
  alertUid: 'alert-1',
  identity: 'p-anna',
  grant: aGrant(),
  connector: 'entra-main',
  rule: 'two',
  mode: 'approve',
  approvalsNeeded: 2,
  approvals: [],
  actor: 'keyward',
  reason: 'Rule two.',
};
const allowed: Verdict = { allowed: true };
const held = (rail: 'cap_per_hour' | 'protected_identity'): Verdict => ({ allowed: false, rail, sentence: 'No.' });
const chained = (drafts: readonly EffectDraft[]): Effect[] => appendLinks(chain, undefined, drafts);
const decision = (kind: 'approve' | 'deny', user: string): Decision => ({
  uid: `d-${kind}-${user}`,
  kind,
  effectUid: 'effect-1',
  user,
  reason: 'Seen.',
  at,
});
/** Runs decisions one after the other. */
const after = (first: EffectDraft, ...decisions: readonly Decision[]) => {
  const drafts = [first];
  const refused: string[] = [];
  for (const made of decisions) {
    const result = decide(chained(drafts), made, { policy, chain, at });
    if (result.ok) drafts.push(result.draft);
    else refused.push(result.code);
  }
  return { states: drafts.map(({ state }) => state), last: drafts.at(-1), refused };
};
const waiting = openEffect(plan, allowed, { chain, at });

describe('first step', () => {
  it.each([
    ['observe', allowed, 'observed'],
    ['observe', held('cap_per_hour'), 'observed'],
    ['approve', allowed, 'awaiting_approval'],
    ['approve', held('cap_per_hour'), 'held'],
    ['enforce', allowed, 'revoking'],
    ['enforce', held('protected_identity'), 'held'],
  ] as const)('in mode %s is what it must be', (mode, verdict, state) => {
    expect(openEffect({ ...plan, mode, approvalsNeeded: mode === 'approve' ? 2 : 0 }, verdict, { chain, at }).state).toBe(state);
  });

  it('names the rail that held it', () => {
    expect(openEffect(plan, held('cap_per_hour'), { chain, at })).toMatchObject({
      guard: 'cap_per_hour',
      detail: 'No.',
      reason: 'Rule two.',
    });
  });
});

describe('approvals', () => {
  it('are complete after two different users', () => {
    expect(after(waiting, decision('approve', 'ines'), decision('approve', 'omar'))).toMatchObject({
      states: ['awaiting_approval', 'awaiting_approval', 'approved'],
      last: { approvals: ['ines', 'omar'], actor: 'omar', reason: 'Seen.' },
    });
  });

  it('of one user twice count once', () => {
    const { states, refused } = after(waiting, decision('approve', 'ines'), decision('approve', 'ines'));
    expect(states).toEqual(['awaiting_approval', 'awaiting_approval']);
    expect(refused).toEqual(['same_user']);
  });

  it('of who asked by hand do not count a second time', () => {
    const manual = openEffect({ ...plan, rule: 'manual', approvals: ['ines'] }, allowed, { chain, at });
    const twoPerson = Policy.parse({ version: 1, guardRails: { twoPersonFor: ['entra:role:*'] } });
    expect(decide(chained([manual]), decision('approve', 'ines'), { policy: twoPerson, chain, at })).toMatchObject({
      ok: false,
      code: 'same_user',
    });
    expect(decide(chained([manual]), decision('approve', 'omar'), { policy: twoPerson, chain, at })).toMatchObject({
      ok: true,
      draft: { state: 'approved', approvals: ['ines', 'omar'] },
    });
  });

  it('lose against a denial, at any time before the revocation began, and can not undo it', () => {
    expect(after(waiting, decision('approve', 'ines'), decision('deny', 'omar'), decision('approve', 'eva'))).toMatchObject({
      states: ['awaiting_approval', 'awaiting_approval', 'denied'],
      refused: ['already_over'],
    });
    expect(after(waiting, decision('approve', 'ines'), decision('approve', 'omar'), decision('deny', 'eva')).states.at(-1)).toBe('denied');
    const begun = nextStep(chained([nextStep(chained([{ ...waiting, state: 'approved' }])[0]!, { state: 'revoking', chain, at })])[0]!, {
      state: 'revoked',
      chain,
      at,
    });
    expect(after(begun, decision('deny', 'eva')).refused).toEqual(['already_over']);
  });

  it('lift a cap, never protection', () => {
    const capped = openEffect({ ...plan, rule: 'one' }, held('cap_per_hour'), { chain, at });
    expect(after(capped, decision('approve', 'ines')).states).toEqual(['held', 'approved']);
    const safe = openEffect({ ...plan, rule: 'one' }, held('protected_identity'), { chain, at });
    expect(after(safe, decision('approve', 'ines'), decision('deny', 'ines'))).toMatchObject({
      states: ['held', 'denied'],
      refused: ['cannot_override'],
    });
  });

  it('that are complete release an effect that a full cap held meanwhile, by either user', () => {
    const heldAgain = { ...openEffect(plan, held('cap_per_hour'), { chain, at }), approvals: ['ines', 'omar'] };
    expect(after(heldAgain, decision('approve', 'ines')).states).toEqual(['held', 'approved']);
    const half = { ...heldAgain, approvals: ['ines'] };
    expect(after(half, decision('approve', 'ines')).refused).toEqual(['same_user']);
  });

  it('are needed from two users when the rule is gone from the policy', () => {
    expect(approvalsNeeded({ rule: 'one', entitlement: 'x' }, policy)).toBe(1);
    expect(approvalsNeeded({ rule: 'gone', entitlement: 'x' }, policy)).toBe(2);
    expect(approvalsNeeded({ rule: 'manual', entitlement: 'x' }, policy)).toBe(1);
  });

  it('have nothing to decide about an effect that is not there', () => {
    expect(decide([], decision('approve', 'ines'), { policy, chain, at })).toMatchObject({ ok: false, code: 'nothing_to_decide' });
  });
});

describe('what comes next', () => {
  const lastState = (state: Effect['state']) => nextAction(chained([{ ...waiting, state }]));
  it('is decided by the last step alone, so that a restart goes on where it stopped', () => {
    expect(nextAction([])).toBe('open');
    expect(lastState('awaiting_approval')).toBe('wait');
    expect(lastState('held')).toBe('wait');
    expect(lastState('approved')).toBe('guard');
    expect(lastState('revoking')).toBe('revoke');
    expect(lastState('revoked')).toBe('verify');
    expect(lastState('already_absent')).toBe('verify');
    for (const over of ['observed', 'denied', 'verified', 'not_verified', 'failed'] as const) expect(lastState(over)).toBe('done');
  });

  it('never skips a step', () => {
    const [effect] = chained([waiting]);
    expect(() => nextStep(effect!, { state: 'verified', chain, at })).toThrow(/can't follow/);
  });

  it('can be planned again from the log', () => {
    const [effect] = chained([{ ...waiting, connector: 'none', approvals: ['ines'] }]);
    expect(planOf(effect!, aGrant(), policy)).toMatchObject({
      effectUid: 'effect-1',
      connector: undefined,
      approvals: ['ines'],
      approvalsNeeded: 2,
    });
  });
});
