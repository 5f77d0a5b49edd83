import { describe, expect, it } from 'vitest';
import { aSignIn, HOUR_MS, START, type EventMore } from '../test/history.js';
import {
  counterpart,
  givesRight,
  grantedMinutes,
  isFailedProof,
  isSignIn,
  privilegeUsed,
  receiverOf,
  takesSecret,
} from './privileged-act.js';

const right = (more: EventMore['privilege'], rest: EventMore = {}) =>
  aSignIn('p-1', START, {
    class: 'user_access',
    activity: 'assign_privileges',
    ...rest,
    privilege: more ?? { change: 'granted', entitlement: 'entra:role:Reader', jit: true },
  });
const ben = { target: { system: 'entra', name: 'ben@example.com', identity: 'p-2' } };
const reader = { entitlement: 'entra:role:Reader', jit: true } as const;

describe('privileged acts', () => {
  it('gives a right only to somebody else', () => {
    expect(givesRight(right({ change: 'granted', ...reader }, ben))).toBe(true);
    expect(givesRight(right({ change: 'granted', ...reader }))).toBe(false);
    expect(givesRight(right({ change: 'revoked', ...reader }, ben))).toBe(false);
    expect(receiverOf(right({ change: 'granted', ...reader }, ben))).toBe('p-2');
    expect(receiverOf(right({ change: 'activated', ...reader }))).toBe('p-1');
  });
  it('makes use of what was activated or checked out, not of what was given away', () => {
    expect(privilegeUsed(right({ change: 'activated', ...reader }))).toBe('entra:role:Reader');
    expect(privilegeUsed(right({ change: 'granted', ...reader }, ben))).toBeUndefined();
    const out = aSignIn('p-1', START, { credential: { act: 'checked_out', account: 'root@db-1' } });
    expect([privilegeUsed(out), takesSecret(out)]).toEqual(['credential root@db-1', true]);
    const returned = aSignIn('p-1', START, { credential: { act: 'checked_in', account: 'root@db-1' } });
    expect([privilegeUsed(returned), takesSecret(returned)]).toEqual([undefined, false]);
  });
  it('lasts from its start to its end, where both can be told', () => {
    expect(grantedMinutes(right({ change: 'activated', ...reader, endsAt: START + HOUR_MS }))).toBe(60);
    expect(grantedMinutes(right({ change: 'activated', ...reader }))).toBeUndefined();
    expect(grantedMinutes(right({ change: 'granted', ...reader, eligible: true, endsAt: START + HOUR_MS }))).toBeUndefined();
    expect(grantedMinutes(right({ change: 'activated', ...reader, endsAt: START - HOUR_MS }))).toBeUndefined();
  });
  it('has a counterpart from either side, and nobody is his own', () => {
    expect(counterpart(right({ change: 'approved', ...reader, requester: 'Ben@example.com' }))).toBe('approved for ben@example.com');
    expect(counterpart(right({ change: 'activated', ...reader, approver: 'Boss@example.com' }))).toBe('approved by boss@example.com');
    expect(counterpart(right({ change: 'approved', ...reader, requester: 'p-1@example.com' }))).toBeUndefined();
    expect(counterpart(right({ change: 'activated', ...reader }))).toBeUndefined();
  });
  it('tells a guess from a refusal, and a proof from a token that is shown again', () => {
    expect(isSignIn(aSignIn('p-1', START))).toBe(true);
    expect(isSignIn(aSignIn('p-1', START, { auth: { method: 'federated' } }))).toBe(false);
    expect(isFailedProof(aSignIn('p-1', START, { outcome: 'failure', auth: { method: 'password', failure: 'bad_password' } }))).toBe(true);
    expect(isFailedProof(aSignIn('p-1', START, { outcome: 'failure', auth: { method: 'password', failure: 'policy' } }))).toBe(false);
  });
});
