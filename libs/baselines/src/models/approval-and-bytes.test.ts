import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aSignIn, DAY_MS, HOUR_MS, newLine, organisationOf, people, START, step, type EventMore, type Line } from '../../test/history.js';
import type { Assessment, Term } from '../assessment.js';
import { durationStep } from '../counts.js';
import { sentenceOf } from '../sentence.js';

const organisation = organisationOf(people(10));
const NOON = START + 12 * HOUR_MS;
const find = (assessment: Assessment, feature: string): Term | undefined => assessment.terms.find((term) => term.feature === feature);
const said = (term: Term | undefined): string => (term ? sentenceOf(term) : '');

const approvedAfter = (seconds: number): EventMore => ({
  class: 'user_access',
  activity: 'assign_privileges',
  auth: undefined,
  privilege: {
    change: 'activated',
    entitlement: 'entra:role:Reader',
    jit: true,
    approver: 'boss@example.com',
    approvedAfterMs: seconds * 1_000,
  },
});
const moving = (quantity: number): EventMore => ({ class: 'api_activity', activity: 'read', auth: undefined, quantity });

/** A line in which p-1 did so on each of twenty days, a value after the other, without a snapshot: the priors speak. */
function after(values: readonly number[], make: (value: number) => EventMore): { line: Line; next: number } {
  const line = newLine(organisation);
  for (let day = 0; day < 20; day += 1) step(line, aSignIn('p-1', NOON + day * DAY_MS, make(values[day % values.length] ?? 0)));
  return { line, next: NOON + 20 * DAY_MS };
}

describe('C2 how long an approval took', () => {
  const evidence = (seconds: number): number => {
    const { line, next } = after([900, 1_800, 3_600], approvedAfter);
    return find(step(line, aSignIn('p-1', next, approvedAfter(seconds))), 'C2_approval')?.evidence ?? NaN;
  };
  it('finds two seconds and a fortnight unusual where a quarter of an hour to an hour is usual', () => {
    expect(evidence(1_200)).toBeLessThan(0.7);
    expect(evidence(2)).toBeGreaterThan(5);
    expect(evidence(14 * 86_400)).toBeGreaterThan(3);
  });
  it('says what was seen and what is usual', () => {
    const { line, next } = after([900, 1_800, 3_600], approvedAfter);
    const term = find(step(line, aSignIn('p-1', next, approvedAfter(2))), 'C2_approval');
    expect(said(term)).toMatch(
      /^Took a right that was approved 2 seconds after it was asked for; about 29 minutes is usual \(\d+ known of this identity\)\.$/,
    );
  });
  it('grows with the distance from what is usual, to both sides', () => {
    const { line, next } = after([900, 1_800, 3_600], approvedAfter);
    const at = (seconds: number): number => find(step(line, aSignIn('p-1', next, approvedAfter(seconds))), 'C2_approval')?.evidence ?? NaN;
    const [slower, faster] = [[7_200, 86_400, 864_000].map(at), [300, 30, 3].map(at)];
    for (const side of [slower, faster]) for (const index of [1, 2]) expect(side[index]).toBeGreaterThan(side[index - 1] ?? NaN);
  });
  it('says nothing where nobody had to approve, or when the request came is not known', () => {
    const { line, next } = after([900], approvedAfter);
    const plain: EventMore = { ...approvedAfter(1), privilege: { change: 'activated', entitlement: 'entra:role:Reader', jit: true } };
    const assessment = step(line, aSignIn('p-1', next, plain));
    expect(find(assessment, 'C2_approval')).toBeUndefined();
    expect(assessment.notEvaluated.map(({ feature }) => feature)).not.toContain('C2_approval');
  });
  it('learns what is usual now', () => {
    const fast = after([20, 30, 40], approvedAfter);
    expect(find(step(fast.line, aSignIn('p-1', fast.next, approvedAfter(25))), 'C2_approval')?.evidence ?? NaN).toBeLessThan(1);
  });
});

describe('B3 bytes', () => {
  it('finds a gigabyte alarming for somebody who moves a few hundred kilobytes, and little never', () => {
    const { line, next } = after([100_000, 300_000, 900_000], moving);
    const [much, little, none] = [1e10, 10, 0].map((size) => find(step(line, aSignIn('p-1', next, moving(size))), 'B3_bytes'));
    expect(much?.evidence ?? NaN).toBeGreaterThan(6);
    expect(said(much)).toMatch(/^Moved 10 GB; about \d+ kB is usual \(\d+ known of this identity\)\.$/);
    expect(little?.evidence).toBe(0);
    expect(none).toBeUndefined();
  });
  it('never falls with the size, and is bounded', () => {
    const { line, next } = after([100_000, 300_000, 900_000], moving);
    const profile = line.model.encodeProfile(line.profiles.get('p-1') ?? line.model.emptyProfile());
    const at = (size: number): number => {
      line.profiles.set('p-1', line.model.decodeProfile(profile));
      return find(step(line, aSignIn('p-1', next, moving(size))), 'B3_bytes')?.evidence ?? NaN;
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 50 }), fc.integer({ min: 1, max: 2 ** 50 }), (a, b) => {
        const [less, more] = [at(Math.min(a, b)), at(Math.max(a, b))];
        expect(less).toBeGreaterThanOrEqual(0);
        expect(more).toBeLessThanOrEqual(60);
        expect(more).toBeGreaterThanOrEqual(less);
      }),
      { numRuns: 30, seed: 1 },
    );
  });
  it('counts in quarter octaves', () => {
    expect([1, 2, 1_024, 1_000_000].map(durationStep)).toEqual([0, 4, 40, 80]);
  });
});
