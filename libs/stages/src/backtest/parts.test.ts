import { DAY_MS, HOUR_MS } from '@keyward/events';
import { DEFAULT_POLICY } from '@keyward/response';
import { EMPTY_SOD_POLICY } from '@keyward/sod';
import { MONDAY_9, aFinding, aGrant } from '@keyward/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileDetectionSettings } from '../detection-settings.js';
import { compileChange, type LineSettings } from './change.js';
import { pairAlerts } from './compare.js';
import { inLineOrder } from './finding-order.js';
import { grantThen } from './grants-then.js';
import type { AlertSketch } from './side.js';
import { slicesOf } from './slices.js';

const IN_FORCE: LineSettings = { detections: { mfa_fatigue: { windowMinutes: 30 } }, sod: EMPTY_SOD_POLICY, policy: DEFAULT_POLICY };
const problemsOf = (change: unknown): readonly string[] => {
  const compiled = compileChange(IN_FORCE, change);
  return compiled.kind === 'invalid' ? compiled.problems : [];
};

describe('a change', () => {
  it('names each value that differs, and leaves what is in force elsewhere', () => {
    const compiled = compileChange(IN_FORCE, {
      detections: {
        mfa_fatigue: { minRefusalsCount: 3 },
        unusual_behaviour: { alertsPerThousand: 10 },
        impossible_travel: { minDistanceKm: 500 },
      },
    });
    expect(compiled).toMatchObject({
      kind: 'change',
      change: {
        differences: [
          { what: 'unusual_behaviour.alertsPerThousand', from: '5', to: '10' },
          { what: 'mfa_fatigue.minRefusalsCount', from: '5', to: '3' },
        ],
        changed: { alertsPerThousand: 10, written: { mfa_fatigue: { windowMinutes: 30, minRefusalsCount: 3 } } },
      },
    });
    expect(compiled.kind === 'change' && [...compiled.change.detections]).toEqual(['mfa_fatigue']);
  });

  it('of the duties concerns the detection that reads them', () => {
    const sod = {
      functions: { pay: { entitlements: ['okta:group:Pay'] }, book: { entitlements: ['okta:group:Book'] } },
      rules: [{ id: 'r1', functions: ['pay', 'book'] }],
    };
    const compiled = compileChange(IN_FORCE, { sod });
    expect(compiled.kind === 'change' && [...compiled.change.detections]).toEqual(['sod_conflict']);
    expect(compiled.kind === 'change' && compiled.change.differences).toEqual([{ what: 'sod', from: 'no rules', to: '1 rules: r1' }]);
  });

  it('that can not be used is refused, each problem with its place', () => {
    expect(problemsOf({ detections: { impossible_travel: { minDistanceKm: 'far' }, no_such_rule: {} } })).toEqual([
      expect.stringMatching(/^detections\.no_such_rule: no such detection; there are /),
      expect.stringMatching(/^detections\.impossible_travel\.minDistanceKm: /),
    ]);
    expect(problemsOf({ detections: { unusual_behaviour: { alertsPerThousand: 0, p: 1 } } })).toHaveLength(2);
    expect(problemsOf({ policy: { version: 2 } })[0]).toMatch(/^policy\.version: /);
    expect(problemsOf({ sod: { functions: {}, rules: [{ id: 'r', functions: ['a', 'b'] }] } })[0]).toContain(
      'sod.rules.0 (r): names the function "a"',
    );
    expect(problemsOf({ threshold: 5 })[0]).toContain('threshold');
    expect(problemsOf({ detections: { mfa_fatigue: { windowMinutes: 30 } } })).toEqual(['nothing differs from what is in force']);
  });
});

describe('settings of detections', () => {
  it('have the default budget unless the file names another, beside the detections', () => {
    expect(compileDetectionSettings({})).toMatchObject({ kind: 'settings', alertsPerThousand: 5 });
    expect(compileDetectionSettings({ unusual_behaviour: { alertsPerThousand: 2.5 } })).toMatchObject({ alertsPerThousand: 2.5 });
  });
});

describe('a grant as it stood', () => {
  const grant = aGrant({ startsAt: MONDAY_9, endsAt: MONDAY_9 + 8 * HOUR_MS });
  it.each([
    ['before it began', grant, -1, false],
    ['while it ran', grant, 0, true],
    ['after its time was over', grant, 8 * HOUR_MS, false],
    ['before it was revoked', { ...grant, state: 'revoked' as const, endedAt: MONDAY_9 + HOUR_MS }, HOUR_MS - 1, true],
    ['after it was revoked', { ...grant, state: 'revoked' as const, endedAt: MONDAY_9 + HOUR_MS }, HOUR_MS, false],
    ['that was denied', { ...grant, state: 'denied' as const }, 0, false],
    ['that is only eligible', { ...grant, state: 'eligible' as const }, 0, false],
  ])('is in hands or not: %s', (_, one, after, isActive) => {
    expect(grantThen(one, MONDAY_9 + after)?.state).toBe(isActive ? 'active' : undefined);
  });
});

describe('slices of a history', () => {
  const HOURS = fc.array(fc.record({ hour: fc.integer({ min: 0, max: 400 }), events: fc.integer({ min: 1, max: 60_000 }) }), {
    maxLength: 60,
  });
  it('cover each hour of the span once, in order, and hold no more than fits unless one hour does', () => {
    fc.assert(
      fc.property(HOURS, fc.integer({ min: 0, max: 300 }), (drawn, first) => {
        const hours = [...new Map(drawn.map(({ hour, events }) => [hour, events]))]
          .sort(([a], [b]) => a - b)
          .map(([hour, events]) => ({ at: hour * HOUR_MS, events }));
        const span = { from: first * HOUR_MS + 1, to: first * HOUR_MS + 2 * DAY_MS };
        const slices = slicesOf(hours, span);
        const covered = hours.filter(({ at }) => at + HOUR_MS > span.from && at < span.to);
        for (const { at } of covered) {
          const holding = slices.filter(({ from, to }) => Math.max(from, at) < Math.min(to, at + HOUR_MS));
          expect(holding).toHaveLength(1);
        }
        expect(slices.reduce((sum, { events }) => sum + events, 0)).toBe(covered.reduce((sum, { events }) => sum + events, 0));
        slices.forEach(({ from, to, events }, index) => {
          expect(from).toBeLessThan(to);
          expect(from).toBeGreaterThanOrEqual(slices[index - 1]?.to ?? span.from);
          if (events > 40_000) expect(to - from).toBeLessThanOrEqual(HOUR_MS);
        });
      }),
      { seed: 7 },
    );
  });
});

describe('alerts of two sides', () => {
  const sketch = (uid: string, findingUids: readonly string[], firstTime = 0): AlertSketch => ({
    ...{ uid, findingUids, firstTime, lastTime: firstTime, identity: 'p-anna', displayName: 'Anna', title: '', severity: 'low', score: 1 },
    ...{ entityRisk: 1, detections: [], sentence: '', notifications: 1 },
  });
  it('are the same by uid, else by a finding in common, each once', () => {
    const pairs = pairAlerts(
      [sketch('a', ['1']), sketch('b', ['2', '3']), sketch('gone', ['9'])],
      [sketch('a', ['1', '5']), sketch('c', ['3']), sketch('d', ['2']), sketch('new', ['7'])],
    );
    expect(pairs.both.map(([one, other]) => [one.uid, other.uid])).toEqual([
      ['a', 'a'],
      ['b', 'c'],
    ]);
    expect(pairs.appeared.map(({ uid }) => uid)).toEqual(['d', 'new']);
    expect(pairs.disappeared.map(({ uid }) => uid)).toEqual(['gone']);
  });
});

it('findings of one event come as the line makes them: the identity, its score, the network, the credential', () => {
  const of = (detection: string): ReturnType<typeof aFinding> => aFinding({ uid: detection, detection, eventUid: 'e' });
  const made = ['mfa_fatigue', 'unusual_behaviour', 'password_spray_success', 'credential_without_checkout'].map(of);
  expect(made.toReversed().sort(inLineOrder)).toEqual(made);
  expect([aFinding({ uid: 'b', time: MONDAY_9 }), aFinding({ uid: 'a', time: MONDAY_9 + 1 })].sort(inLineOrder)[0]?.uid).toBe('b');
});
