import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { negativeBinomialMidTail, negativeBinomialTail, normalTail, regularisedBeta, regularisedGamma } from './tails.js';

/** Reference values: mpmath with 50 digits. */
const close = (actual: number, expected: number): void => {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-11);
};

describe('tails against 50-digit references', () => {
  it.each([
    [0.5, 0.1, 0.34527915398142295, 0.654720846018577],
    [0.5, 50, 1, 1.523970604832105e-23],
    [3, 2.5, 0.45618688411667047, 0.5438131158833295],
    [10, 30, 0.9999928782491372, 0.000007121750862815577],
    [100, 80, 0.017108313035133115, 0.9828916869648668],
    [100, 150, 0.9999940754596646, 0.000005924540335483916],
    [0.01, 2, 0.9995033354627815, 0.0004966645372185268],
  ])('incomplete gamma a=%f x=%f', (a, x, lower, upper) => {
    const value = regularisedGamma(a, x);
    close(value.lower, lower);
    close(value.upper, upper);
  });

  it.each([
    [0.5, 2, 3, 0.6875],
    [0.01, 5, 0.5, 2.4712578086395444e-11],
    [0.3, 100, 20, 3.136206000434596e-34],
    [0.9, 3, 0.2, 0.1941412796298972],
    [0.2, 40, 60, 0.0000026819257660283364],
    [0.999, 0.5, 0.5, 0.9798649583666225],
  ])('incomplete beta x=%f a=%f b=%f', (x, a, b, expected) => {
    close(regularisedBeta(x, a, b), expected);
  });

  it.each([
    [0, 0.5],
    [1, 0.15865525393145705],
    [3.1, 0.0009676032132183569],
    [5, 2.866515718791939e-7],
    [10, 7.619853024160525e-24],
    [30, 4.906713927148187e-198],
    [-2, 0.9772498680518208],
    [-8, 0.9999999999999993],
  ])('normal tail z=%f', (z, expected) => {
    close(normalTail(z), expected);
  });

  it.each([
    [1, 2, 1, 0.75],
    [10, 2, 1, 0.005859375],
    [50, 4.5, 0.5, 0.0000034203071201938563],
    [200, 10, 2, 1.7637893354834794e-82],
    [3, 0.1, 0.7, 0.013663465156603653],
    [0, 3, 1, 1],
  ])('negative binomial P(X >= %i), shape %f, rate %f', (count, shape, rate, expected) => {
    close(negativeBinomialTail(count, shape, rate), expected);
  });
});

describe('negative binomial tail', () => {
  const shape = fc.double({ min: 0.05, max: 50, noNaN: true });
  const rate = fc.double({ min: 0.05, max: 50, noNaN: true });
  const count = fc.integer({ min: 0, max: 500 });
  it('falls with the count, stays in [0, 1], and the mid-p lies between neighbours', () => {
    fc.assert(
      fc.property(count, shape, rate, (x, a, b) => {
        const here = negativeBinomialTail(x, a, b);
        const next = negativeBinomialTail(x + 1, a, b);
        const mid = negativeBinomialMidTail(x, a, b);
        return here >= 0 && here <= 1 && next <= here * (1 + 1e-12) && mid <= here && mid >= next;
      }),
      { seed: 4 },
    );
  });
});
