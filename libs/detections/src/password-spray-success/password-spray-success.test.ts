import { describe, expect, it } from 'vitest';
import type { AccessEvent } from '@keyward/events';
import { HOUR, MINUTE, MONDAY, anAccount, anEvent, anOrganisation, play } from '../../test/builders.js';
import { passwordSpraySuccess } from './password-spray-success.detection.js';

const scenario = { detection: passwordSpraySuccess, organisation: anOrganisation() };
const src = { ip: '203.0.113.77' };
const user = (i: number) => anAccount(`user${i}@example.com`);
const failure = (i: number, at: number): AccessEvent =>
  anEvent({ at, src, actor: user(i), outcome: 'failure', auth: { failure: i % 3 === 0 ? 'unknown_user' : 'bad_password' } });
const success = (actor: AccessEvent['actor'], at: number, more: object = {}): AccessEvent =>
  anEvent({ at, src, ...(actor && { actor }), ...more });
const spray = (n: number, gap = MINUTE): AccessEvent[] => Array.from({ length: n }, (_, i) => failure(i, MONDAY + i * gap));
const after = MONDAY + HOUR;

describe('password spray with a success', () => {
  it('fires on the account that got in after eight others failed', () => {
    const [finding, ...more] = play(scenario, [...spray(8), success(anAccount(), after)]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ identity: 'p-anna', severity: 'critical', observed: { failedAccounts: 8, triesPerAccount: 1 } });
    expect(finding?.eventUids).toHaveLength(9);
  });
  it('fires on a slow spray, one try every quarter of an hour', () => {
    expect(play(scenario, [...spray(14, 15 * MINUTE), success(anAccount(), MONDAY + 14 * 15 * MINUTE)])).toHaveLength(1);
  });
  it('fires across addresses of one network', () => {
    const events = spray(9).map((event, i) => ({ ...event, src: { ip: `203.0.113.${i + 1}` } }));
    expect(play(scenario, [...events, success(anAccount(), after)])).toHaveLength(1);
  });
  it('fires, less surely, when the password was right and the second factor stopped it', () => {
    const stopped = success(anAccount(), after, { outcome: 'failure', auth: { failure: 'bad_factor' } });
    expect(play(scenario, [...spray(8), stopped])[0]).toMatchObject({ severity: 'high', p: 1e-5 });
  });
  it('fires once for an account however often it signs in, and once for each further account', () => {
    const events = [...spray(10), success(anAccount(), after), success(anAccount(), after + MINUTE), success(user(99), after + 2 * MINUTE)];
    expect(play(scenario, events).map(({ identity }) => identity)).toEqual(['p-anna', 'okta:user99@example.com']);
  });
  it.each([
    ['seven failing accounts', [...spray(7), success(anAccount(), after)]],
    ['a spray that found nothing', spray(40)],
    ['failures that left the window', [...spray(20), success(anAccount(), MONDAY + 6 * HOUR)]],
    ['one account that mistypes its password', [...Array.from({ length: 30 }, (_, i) => failure(1, MONDAY + i)), success(user(1), after)]],
    [
      'a broken client that hammers every account',
      [...Array.from({ length: 100 }, (_, i) => failure(i % 10, MONDAY + i * 1000)), success(anAccount(), after)],
    ],
    [
      'failures that say nothing about a password',
      [...spray(20).map((e) => ({ ...e, auth: { failure: 'policy' as const } })), success(anAccount(), after)],
    ],
    ['a token renewed from there', [...spray(20), success(anAccount(), after, { auth: { interactive: false } })]],
    ['an account that had got in before the spray', [success(anAccount(), MONDAY - MINUTE), ...spray(20), success(anAccount(), after)]],
  ])('is silent on %s', (_what, events) => {
    expect(play(scenario, events)).toEqual([]);
  });
  it('fires on one device that tries ten accounts behind an office where everybody gets in, whosever device it is', () => {
    const own = { device: { id: 'laptop-of-anna' } };
    const office = Array.from({ length: 60 }, (_, i) =>
      success(user(i), MONDAY - 2 * HOUR + i * MINUTE, { device: { id: `laptop-${i}` } }),
    );
    const morning = success(anAccount(), MONDAY - HOUR, own);
    const tries = spray(10).map((event) => ({ ...event, ...own }));
    const [finding, ...more] = play(scenario, [
      ...office,
      morning,
      ...tries,
      success(anAccount(), MONDAY + 12 * MINUTE, own),
      success(anAccount(), MONDAY + 20 * MINUTE, own),
      success(anAccount(), MONDAY + 90 * MINUTE, own),
    ]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ identity: 'p-anna', observed: { failedAccounts: 10, oneDevice: true } });
    expect(finding?.sentence).toContain('from a device at 203.0.113.77, from which sign-ins of 10 other accounts had failed');
  });
  it('is silent on a shared terminal: who mistypes there gets in', () => {
    const terminal = { device: { id: 'terminal' } };
    const day = Array.from({ length: 40 }, (_, i) => [
      { ...failure(i, MONDAY + i * MINUTE), ...terminal },
      ...(i % 3 === 0 ? [] : [success(user(i), MONDAY + i * MINUTE + 20_000, terminal)]),
    ]).flat();
    expect(play(scenario, [...day, success(anAccount(), after, terminal)])).toEqual([]);
  });
  it('is silent behind the egress of a busy office: most get in, many mistype, some give up', () => {
    const morning = Array.from({ length: 120 }, (_, i) => [
      ...(i % 4 === 0 ? [failure(i, MONDAY + i * MINUTE)] : []),
      ...(i % 12 === 0 ? [] : [success(user(i), MONDAY + i * MINUTE + 30_000)]),
    ]).flat();
    expect(play(scenario, morning)).toEqual([]);
  });
  it('keeps its state small however many accounts are tried', () => {
    let state = passwordSpraySuccess.initial();
    const params = passwordSpraySuccess.params.parse({});
    for (let i = 0; i < 2000; i += 1) {
      const event = failure(i, MONDAY + i * 1000);
      const input = { event, part: 'network' as const, identity: 'x', state, params, organisation: scenario.organisation };
      state = passwordSpraySuccess.advance({
        ...input,
        facts: { accounts: {}, entitlements: {}, grants: {}, disabledAt: {} },
        sod: { functions: {}, rules: [], mitigations: [] },
      });
    }
    expect(state.accounts.length).toBeLessThanOrEqual(256);
    expect(JSON.stringify(state).length).toBeLessThan(20_000);
  });
});
