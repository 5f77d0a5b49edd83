import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DayReasons } from './day-score.js';

type Look = readonly [feature: string, p: number];
const scoreOf = (looks: readonly Look[], rules: readonly Look[] = []): number => {
  const reasons = new DayReasons();
  for (const [feature, p] of looks) reasons.addAct([{ feature, p }]);
  for (const [detection, p] of rules) reasons.addRule(detection, p);
  return reasons.score();
};
const times = (count: number, look: Look): Look[] => Array.from({ length: count }, () => look);

describe('score of a day', () => {
  it('is 0 without reasons, and for acts that are all usual', () => {
    expect(scoreOf([])).toBe(0);
    expect(scoreOf(times(50, ['A1', 0.8]))).toBe(0);
  });
  it('counts thirty acts from one new network as one reason', () => {
    expect(scoreOf(times(30, ['A1', 1e-3]))).toBe(scoreOf([['A1', 1e-3]]));
  });
  it('counts a new network, application and right for more than any of them, and for more yet when one act shows all', () => {
    const three: Look[] = [
      ['A1', 1e-3],
      ['A5', 1e-3],
      ['C1', 1e-3],
    ];
    const together = new DayReasons();
    together.addAct(three.map(([feature, p]) => ({ feature, p })));
    expect(scoreOf(three)).toBeGreaterThan(scoreOf([['A1', 1e-3]]) + 10);
    expect(together.score()).toBeGreaterThan(scoreOf(three));
  });
  it('takes n looks for sqrt(n): one odd act among sixteen is four times as likely, to the reasons though not to the act', () => {
    const nats = (score: number): number => -10 * Math.log(1 - score / 100);
    const mean = (nats(scoreOf([['A1', 1e-4]])) + nats(scoreOf([['A1', 4e-4]]))) / 2;
    expect(nats(scoreOf([['A1', 1e-4], ...times(15, ['A1', 1])]))).toBeCloseTo(mean, 5);
  });
  it('counts a rule once, by its strongest finding, and not by how often it looked', () => {
    const twice: Look[] = [
      ['impossible_travel', 1e-4],
      ['impossible_travel', 1e-6],
    ];
    expect(scoreOf(times(40, ['A1', 1]), twice)).toBe(scoreOf([], [['impossible_travel', 1e-6]]));
  });
  it('is within [0, 100], the same in any order, and no lower when an act is less likely', () => {
    const look = fc.tuple(fc.constantFrom('A1', 'A2', 'B3'), fc.double({ min: 1e-12, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.array(look, { minLength: 1, maxLength: 30 }), fc.double({ min: 0.01, max: 1, noNaN: true }), (looks, factor) => {
        const score = scoreOf(looks);
        const [[feature, p] = ['A1', 1], ...rest] = looks;
        return score >= 0 && score <= 100 && scoreOf(looks.toReversed()) === score && scoreOf([...rest, [feature, p * factor]]) >= score;
      }),
      { seed: 12 },
    );
  });
});
