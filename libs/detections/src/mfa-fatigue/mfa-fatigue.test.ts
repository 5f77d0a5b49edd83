import { describe, expect, it } from 'vitest';
import type { AccessEvent } from '@keyward/events';
import { HOUR, MINUTE, MONDAY, anEvent, anOrganisation, play } from '../../test/builders.js';
import { mfaFatigue } from './mfa-fatigue.detection.js';

const scenario = { detection: mfaFatigue, organisation: anOrganisation() };
type Result = 'denied' | 'timeout' | 'approved' | 'challenged';
const push = (factorResult: Result, at: number, method = 'push'): AccessEvent =>
  anEvent({
    at,
    code: 'user.authentication.auth_via_mfa',
    outcome: factorResult === 'approved' ? 'success' : 'failure',
    auth: { method, mfa: true, step: 'second_factor', factorResult },
    src: { ip: '203.0.113.5' },
  });
const refusals = (n: number, gap = MINUTE): AccessEvent[] =>
  Array.from({ length: n }, (_, i) => push(i % 2 === 0 ? 'denied' : 'timeout', MONDAY + i * gap));

describe('MFA fatigue', () => {
  it('is critical when an approval follows five refusals', () => {
    const findings = play(scenario, [...refusals(5), push('approved', MONDAY + 6 * MINUTE)]);
    expect(findings.map(({ severity }) => severity)).toEqual(['medium', 'critical']);
    expect(findings[1]).toMatchObject({ observed: { refusals: 5, denied: 3, timedOut: 2, approved: true }, attack: ['T1621', 'T1078'] });
    expect(findings[1]?.eventUids).toHaveLength(6);
  });
  it('reports refusals without an approval once an hour, not at each push', () => {
    const findings = play(scenario, refusals(20));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ severity: 'medium', observed: { refusals: 5, approved: false } });
  });
  it('counts the three records of one push once', () => {
    const tripled = refusals(3).flatMap((event) => [0, 1000, 2000].map((more) => ({ ...push('denied', event.time + more) })));
    expect(play(scenario, [...tripled, push('approved', MONDAY + 5 * MINUTE)])).toEqual([]);
  });
  it('begins anew after an approval', () => {
    const events = [...refusals(5), push('approved', MONDAY + 6 * MINUTE), push('approved', MONDAY + 7 * MINUTE)];
    expect(play(scenario, events).filter(({ severity }) => severity === 'critical')).toHaveLength(1);
  });
  it.each([
    ['four refusals and an approval', [...refusals(4), push('approved', MONDAY + 6 * MINUTE)]],
    ['refusals spread over a day', [...refusals(8, 3 * HOUR), push('approved', MONDAY + 25 * HOUR)]],
    ['codes that were mistyped', [...refusals(9).map((e) => ({ ...e, auth: { ...e.auth, method: 'totp' } }))]],
    ['pushes that are merely sent', [...Array.from({ length: 9 }, (_, i) => push('challenged', MONDAY + i * MINUTE))]],
    ['many approvals', [...Array.from({ length: 9 }, (_, i) => push('approved', MONDAY + i * MINUTE))]],
  ])('is silent on %s', (_what, events) => {
    expect(play(scenario, events)).toEqual([]);
  });
});
