import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WeekWeights } from './week-weights.js';

describe('weights of a week', () => {
  it('are those of 192 numbers, whatever is added, taken away and halved', () => {
    const act = fc.record({
      bin: fc.nat(191),
      weight: fc.integer({ min: -600, max: 5_000_000_000 }),
      halve: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
        const week = new WeekWeights();
        const plain = new Float64Array(192);
        for (const { bin, weight, halve } of acts) {
          week.add(bin, weight);
          plain[bin] = Math.max(0, (plain[bin] ?? 0) + weight);
          if (halve !== 1) continue;
          week.halve(1);
          plain.forEach((one, index) => (plain[index] = Math.floor(one / 2)));
        }
        const spread = new Float64Array(192);
        week.spread((bin, weight) => (spread[bin] = weight));
        expect(spread).toEqual(plain);
        expect(week.total).toBe(plain.reduce((a, b) => a + b, 0));
        expect(week.entries().map(([bin]) => bin)).toEqual([...plain.keys()].filter((bin) => (plain[bin] ?? 0) > 0));
        for (const { bin } of acts) expect(week.get(bin)).toBe(plain[bin]);
      }),
      { seed: 3 },
    );
  });
});
