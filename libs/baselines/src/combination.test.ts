import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combinedP, CombinedTerms, rankWeightedSum, scoreOf, weightOfEvidence } from './combination.js';
import { sessionScore } from './session-score.js';
import { seeded } from '../test/history.js';

const p = fc.double({ min: 1e-12, max: 1, noNaN: true });

describe('combination', () => {
  it('weighs a p by what it can say at most: 0.05 says 0.9 nats, 1e-3 4.0, more than 1/e nothing', () => {
    for (const [p, weight] of [
      [0.05, 0.8985],
      [1e-3, 3.9752],
      [1e-6, 10.1898],
      [0.5, 0],
    ] as const)
      expect(weightOfEvidence(-Math.log(p))).toBeCloseTo(weight, 3);
  });
  it('weighs ranks 1, 0.707, 0.577', () => {
    const [a, b] = [weightOfEvidence(5), weightOfEvidence(3)];
    expect(rankWeightedSum([Math.exp(-5), Math.exp(-3), Math.exp(-1)])).toBeCloseTo(a + b * Math.SQRT1_2, 12);
    expect(rankWeightedSum([Math.exp(-5), Math.exp(-5), Math.exp(-5)])).toBeCloseTo(a * (1 + Math.SQRT1_2 + 3 ** -0.5), 12);
  });
  it('gives an event with one reason the p of that reason, and one without any 1', () => {
    for (const p of [0.3, 0.05, 1e-3, 1e-6, 1e-12, 1e-30]) expect(combinedP(rankWeightedSum([p])) / p).toBeCloseTo(1, 12);
    expect(combinedP(rankWeightedSum([0.5, 0.9, 1]))).toBe(1);
    expect(combinedP(0)).toBe(1);
    for (const sum of [5e-324, 1e-40, 1e-32, 1e-25, 1e-9]) expect(combinedP(sum)).toBeCloseTo(1 / Math.E, 4);
  });
  it('two reasons of p = 1e-3 are one of 4e-5', () => {
    expect(combinedP(rankWeightedSum([1e-3, 1e-3]))).toBeCloseTo(4.115e-5, 8);
  });
  it('taken once for an event and for each of its counterfactuals, has the same bits', () => {
    fc.assert(
      fc.property(fc.array(p, { maxLength: 12 }), (ps) => {
        const sorted = ps.sort((a, b) => a - b);
        const combined = new CombinedTerms(sorted);
        expect(combined.sum()).toBe(rankWeightedSum(sorted));
        sorted.forEach((_, without) => {
          const rest = [...sorted.filter((_, index) => index !== without), 1];
          expect(combined.sum(without)).toBe(rankWeightedSum(rest));
        });
      }),
      { seed: 10 },
    );
  });
  it('rises with each p and stays in (0, 1]', () => {
    fc.assert(
      fc.property(fc.array(p, { minLength: 1, maxLength: 8 }), p, (ps, other) => {
        const [first = 1, ...rest] = ps;
        const low = [Math.min(first, other), ...rest].sort((a, b) => a - b);
        const high = [Math.max(first, other), ...rest].sort((a, b) => a - b);
        const [a, b] = [combinedP(rankWeightedSum(low)), combinedP(rankWeightedSum(high))];
        return a <= b && a > 0 && b <= 1;
      }),
      { seed: 9 },
    );
  });
  it('scores p = 1 as 0 and p = 1e-6 as 74.9', () => {
    expect(scoreOf(1)).toBe(0);
    expect(scoreOf(1e-6)).toBeCloseTo(74.88, 2);
    expect(scoreOf(0)).toBeLessThanOrEqual(100);
  });
});

describe('session score', () => {
  const uniform = (n: number, seed: number): number[] => {
    const random = seeded(seed);
    return Array.from({ length: n }, random);
  };
  const meanScore = (n: number): number => {
    let sum = 0;
    for (let seed = 0; seed < 300; seed += 1) sum += sessionScore(uniform(n, seed));
    return sum / 300;
  };
  it('does not grow with the number of ordinary events', () => {
    const [one = 0, ten = 0, thousand = 0] = [1, 10, 1_000].map(meanScore);
    expect(Math.abs(ten - one)).toBeLessThan(5);
    expect(Math.abs(thousand - ten)).toBeLessThan(5);
  });
  it('shows one very unlikely event among a thousand', () => {
    expect(sessionScore([...uniform(1_000, 1), 1e-9])).toBeGreaterThan(70);
    expect(sessionScore([...uniform(20, 1), 1e-6])).toBeGreaterThan(60);
  });
  it('counts several unlikely events for more than one', () => {
    expect(sessionScore([1e-4, 1e-4, 1e-4, ...uniform(50, 2)])).toBeGreaterThan(sessionScore([1e-4, ...uniform(50, 2)]) + 5);
  });
  it('is 0 for nothing, the same in any order, within [0, 100], and higher when an event is less likely', () => {
    expect(sessionScore([])).toBe(0);
    fc.assert(
      fc.property(fc.array(p, { minLength: 1, maxLength: 40 }), fc.double({ min: 0.01, max: 1, noNaN: true }), (ps, factor) => {
        const score = sessionScore(ps);
        const [first = 1, ...rest] = ps;
        return score >= 0 && score <= 100 && sessionScore(ps.toReversed()) === score && sessionScore([...rest, first * factor]) >= score;
      }),
      { seed: 10 },
    );
  });
});
