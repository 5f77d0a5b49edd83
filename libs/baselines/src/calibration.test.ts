import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from '../test/history.js';
import { binOf, Calibrator } from './calibration.js';
import { markovP } from './models/model.js';
import { BehaviourParameters } from './parameters.js';

const params = BehaviourParameters.parse({});
const histogramOf = (values: readonly number[]): Map<number, number> => {
  const bins = new Map<number, number>();
  for (const value of values) bins.set(binOf(value), (bins.get(binOf(value)) ?? 0) + 1);
  return bins;
};

describe('calibration', () => {
  it('is the prior p while it has seen nothing', () => {
    expect(new Calibrator(new Map(), params).p(4, 0.018)).toBe(0.018);
  });
  it('makes evidence of the same kind uniform, into the tail', () => {
    const random = seeded(1);
    const draw = (): number => -2 * Math.log(1 - random()) - 1; // exponential of mean 2, shifted
    const calibrator = new Calibrator(histogramOf(Array.from({ length: 50_000 }, draw)), params);
    const ps = Array.from({ length: 50_000 }, () => {
      const evidence = draw();
      return calibrator.p(evidence, Math.exp(-(evidence + 1) / 2));
    });
    for (const level of [0.5, 0.1, 0.01, 0.001]) expect(ps.filter((p) => p <= level).length / ps.length / level).toBeGreaterThan(0.7);
    for (const level of [0.5, 0.1, 0.01, 0.001]) expect(ps.filter((p) => p <= level).length / ps.length / level).toBeLessThan(1.4);
  });
  it('blends the prior as 200 events', () => {
    const histogram = histogramOf(Array.from({ length: 10_000 }, (_, index) => index / 1_000));
    expect(new Calibrator(histogram, params).p(9, 0.4)).toBeCloseTo((0.1 * 10_000 + 0.4 * 200) / 10_200, 3);
  });
  it('never gives more evidence a larger p, and stays in (0, 1]', () => {
    const evidence = fc.double({ min: -15, max: 50, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(evidence, { minLength: 1, maxLength: 300 }),
        evidence,
        fc.double({ min: 0, max: 5, noNaN: true }),
        (seen, x, more) => {
          const calibrator = new Calibrator(histogramOf(seen), params);
          const here = calibrator.p(x, markovP(x));
          const above = calibrator.p(x + more, markovP(x + more));
          return above <= here + 1e-15 && above > 0 && here <= 1;
        },
      ),
      { seed: 8, numRuns: 300 },
    );
  });
  it('finds the bin edge that a share of the events passes', () => {
    const calibrator = new Calibrator(histogramOf(Array.from({ length: 1_000 }, (_, index) => index / 100)), params);
    expect(calibrator.quantile(0.1)).toBeCloseTo(9, 6);
  });
});
