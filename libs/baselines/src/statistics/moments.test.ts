import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countTail, gapTail, normalExcessTail, predictiveVariance, shrink } from './moments.js';

/** Reference values: mpmath with 50 digits, `betainc` regularised. */
const close = (actual: number, expected: number): void => {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-11);
};

describe('tail of a count', () => {
  it.each([
    [5, 2, 6, 0.10973936899862825],
    [40, 6, 60, 0.006112671021096639],
    [3, 0.1, 0.3, 0.00833901917346206],
    [120, 50, 300, 0.0009322150134733557],
    [12, 0.5, 4, 0.006733169109160864],
    [1, 0.02, 0.03, 0.009528376192413028],
  ])('is that of 50 digits: %i where the mean is %f and the variance %f', (count, mean, variance, expected) => {
    close(countTail(count, mean, variance), expected);
  });
  it('is never sharper than a rate known to a quarter allows', () => {
    expect(countTail(90, 60, 0)).toBe(countTail(90, 60, 60 + 60 ** 2 / 16));
    expect(countTail(90, 60, 0)).toBeGreaterThan(0.01);
  });
  const mean = fc.double({ min: 0.01, max: 500, noNaN: true });
  const variance = fc.double({ min: 0, max: 5_000, noNaN: true });
  it('never rises with the count, and stays in (0, 1]', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000 }), mean, variance, (count, m, v) => {
        const here = countTail(count, m, v);
        return here <= 1 && here >= 0 && countTail(count + 1, m, v) <= here * (1 + 1e-9);
      }),
      { seed: 5 },
    );
  });
});

describe('tail of a gap', () => {
  it('is that of 50 digits', () => {
    close(gapTail(90, 5, 40, 4, 7), 0.00028653388579578037);
    close(gapTail(1, 0, 0, 4, 7), 0.8302071238303395);
  });
  it('is longer for whoever has known long gaps', () => {
    expect(gapTail(60, 4, 120, 3, 7)).toBeGreaterThan(gapTail(60, 4, 8, 3, 7));
  });
});

it('a normal excess is no more than half, and the usual is unremarkable', () => {
  close(normalExcessTail(3, 0, 1), 0.0013498980316300933);
  expect(normalExcessTail(-1, 0, 1)).toBe(1);
});

describe('shrinkage', () => {
  const wider = { mean: 2, square: 8 };
  it('starts with the wider group and ends with what was observed', () => {
    expect(shrink(undefined, 1, wider, 10)).toBe(wider);
    expect(shrink({ weight: 10, sum: 60, squares: 360 }, 1, wider, 10)).toEqual({ mean: 4, square: 22 });
    expect(shrink({ weight: 1e6, sum: 6e6, squares: 36e6 }, 1, wider, 10).mean).toBeCloseTo(6, 3);
    expect(shrink({ weight: 1e6, sum: 6e6, squares: 36e6 }, 1, wider, 10, 10).mean).toBe(4);
  });
  it('widens what is expected where the two differ, and for few observations', () => {
    const mixed = shrink({ weight: 10, sum: 60, squares: 360 }, 1, wider, 10);
    expect(predictiveVariance(mixed, 10)).toBeCloseTo(6 * 1.1, 9);
    expect(predictiveVariance(mixed, 1)).toBeGreaterThan(predictiveVariance(mixed, 100));
  });
});
