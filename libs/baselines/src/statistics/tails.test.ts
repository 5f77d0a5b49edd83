import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { negativeBinomialMidTail, negativeBinomialTail, normalTail, regularisedBeta, regularisedGamma } from './tails.js';

/** Reference values: mpmath with 50 digits. */
const close = (actual: number, expected: number): void => {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-11);
};

describe('tails against 50-digit references', () => {
  it.each([
    [0.5, 0.1, 0.34527915398142297, 0.65472084601857703],
    [0.5, 50, 1, 1.5239706048321052e-23],
    [3, 2.5, 0.45618688411667048, 0.54381311588332952],
    [10, 30, 0.99999287824913718, 7.1217508628155771e-6],
    [100, 80, 0.017108313035133114, 0.98289168696486689],
    [100, 150, 0.99999407545966452, 5.9245403354839158e-6],
    [0.01, 2, 0.99950333546278147, 0.00049666453721852679],
  ])('incomplete gamma a=%f x=%f', (a, x, lower, upper) => {
    const value = regularisedGamma(a, x);
    close(value.lower, lower);
    close(value.upper, upper);
  });

  it.each([
    [0.5, 2, 3, 0.6875],
    [0.01, 5, 0.5, 2.4712578086395444e-11],
    [0.3, 100, 20, 3.1362060004345958e-34],
    [0.9, 3, 0.2, 0.19414127962989718],
    [0.2, 40, 60, 2.6819257660283365e-6],
    [0.999, 0.5, 0.5, 0.97986495836662251],
  ])('incomplete beta x=%f a=%f b=%f', (x, a, b, expected) => {
    close(regularisedBeta(x, a, b), expected);
  });

  it.each([
    [0, 0.5],
    [1, 0.15865525393145705],
    [3.1, 0.00096760321321835689],
    [5, 2.8665157187919391e-7],
    [10, 7.6198530241605261e-24],
    [30, 4.9067139271481871e-198],
    [-2, 0.97724986805182079],
    [-8, 0.99999999999999938],
  ])('normal tail z=%f', (z, expected) => {
    close(normalTail(z), expected);
  });

  it.each([
    [1, 2, 1, 0.75],
    [10, 2, 1, 0.005859375],
    [50, 4.5, 0.5, 3.4203071201938561e-6],
    [200, 10, 2, 1.7637893354834793e-82],
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
