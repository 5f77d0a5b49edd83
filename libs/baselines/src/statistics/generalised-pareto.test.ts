import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitParetoTail, paretoSurvival } from './generalised-pareto.js';

describe('generalised Pareto tail', () => {
  it('is exponential of mean 1 with nothing but its prior', () => {
    const tail = fitParetoTail(0, 0, 0, 10);
    expect(tail).toEqual({ shape: 0, scale: 1 });
    expect(paretoSurvival(tail, 3)).toBeCloseTo(Math.exp(-3), 12);
  });
  it('finds shape and scale of a large sample', () => {
    // Quantiles of a GPD with shape 0.2, scale 2: the sample's moments are nearly the distribution's.
    const n = 200_000;
    let sum = 0;
    let squares = 0;
    for (let index = 0; index < n; index += 1) {
      const x = (2 / 0.2) * (((index + 0.5) / n) ** -0.2 - 1);
      sum += x;
      squares += x * x;
    }
    const { shape, scale } = fitParetoTail(n, sum, squares, 10);
    expect(shape).toBeCloseTo(0.2, 1);
    expect(scale).toBeCloseTo(2, 1);
  });
  it('survival is 1 at 0, falls, and is never 0 within 60 nats', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.double({ min: 0.1, max: 5, noNaN: true }),
        fc.double({ min: 0, max: 60, noNaN: true }),
        (shape, scale, x) => {
          const tail = { shape, scale };
          return paretoSurvival(tail, 0) === 1 && paretoSurvival(tail, x + 0.1) <= paretoSurvival(tail, x) && paretoSurvival(tail, x) > 0;
        },
      ),
      { seed: 6 },
    );
  });
});
