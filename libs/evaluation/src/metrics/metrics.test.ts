import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averagePrecision, precisionRecallCurve } from './average-precision.js';
import { bootstrap, drawPeople, intervalOf, quantile } from './bootstrap.js';
import { CalibrationTable } from './calibration-table.js';
import { precisionAtK, reachedWithin, shareOf } from './recall-at-budget.js';
import { rocAuc } from './roc-auc.js';
import { namesTheCause } from './top-term.js';
import { mondayOf, weeklyVolume } from './weekly-volume.js';
import { seededRandom } from '../random.js';

const orderOf = (scores: readonly number[]): number[] => scores.map((_, row) => row).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
const ranking = fc.array(fc.record({ score: fc.integer({ min: 0, max: 6 }), positive: fc.boolean() }), { minLength: 2, maxLength: 40 });

describe('average precision', () => {
  it("is that of scikit-learn's documentation", () => {
    const scores = [0.1, 0.4, 0.35, 0.8];
    expect(averagePrecision(orderOf(scores), scores, [0, 0, 1, 1])).toBeCloseTo(0.833_333_333, 9);
  });
  it('is 1 when all positives come first, and their share when all tie', () => {
    expect(averagePrecision([0, 1, 2, 3], [4, 3, 2, 1], [1, 1, 0, 0])).toBe(1);
    expect(averagePrecision([0, 1, 2, 3], [1, 1, 1, 1], [0, 1, 0, 0])).toBe(0.25);
  });
  it('has no value without positives', () => {
    expect(averagePrecision([0, 1], [2, 1], [0, 0])).toBeNaN();
  });
  it('lies in (0, 1] and a whole weight is a copy of the row', () => {
    fc.assert(
      fc.property(ranking, (rows) => {
        const scores = rows.map(({ score }) => score);
        const positive = rows.map((row) => Number(row.positive));
        fc.pre(positive.includes(1));
        const plain = averagePrecision(orderOf(scores), scores, positive);
        expect(plain).toBeGreaterThan(0);
        expect(plain).toBeLessThanOrEqual(1);
        const twice = averagePrecision(
          orderOf(scores),
          scores,
          positive,
          rows.map(() => 2),
        );
        expect(twice).toBeCloseTo(plain, 12);
      }),
    );
  });
  it('has a curve that ends with all found', () => {
    const points = precisionRecallCurve([0, 1, 2], [3, 2, 1], [1, 0, 1]);
    expect(points).toEqual([
      { recall: 0.5, precision: 1 },
      { recall: 1, precision: 2 / 3 },
    ]);
  });
});

describe('ROC AUC', () => {
  it("is that of scikit-learn's documentation", () => {
    const scores = [0.1, 0.4, 0.35, 0.8];
    expect(rocAuc(orderOf(scores), scores, [0, 0, 1, 1])).toBe(0.75);
  });
  it('is one half when all tie, and turns over with the scores', () => {
    expect(rocAuc([0, 1, 2], [1, 1, 1], [1, 0, 0])).toBe(0.5);
    fc.assert(
      fc.property(ranking, (rows) => {
        const scores = rows.map(({ score }) => score);
        const positive = rows.map((row) => Number(row.positive));
        fc.pre(positive.includes(1) && positive.includes(0));
        const turned = scores.map((score) => -score);
        expect(rocAuc(orderOf(scores), scores, positive) + rocAuc(orderOf(turned), turned, positive)).toBeCloseTo(1, 12);
      }),
    );
  });
});

describe('recall within a budget', () => {
  const labels = {
    ofRow: new Map([
      [1, [0]],
      [3, [0, 1]],
    ]),
    count: 2,
  };
  it('counts a label once, with any of its rows', () => {
    expect([...reachedWithin([0, 1, 2, 3], labels, 2)]).toEqual([1, 0]);
    expect([...reachedWithin([0, 1, 2, 3], labels, 4)]).toEqual([1, 1]);
    expect([...reachedWithin([0, 1, 2, 3], labels, 1)]).toEqual([0, 0]);
  });
  it('does not see rows that a resample did not draw', () => {
    expect([...reachedWithin([0, 1, 2, 3], labels, 2, [0, 0, 1, 1])]).toEqual([1, 1]);
    expect(shareOf([1, 0], [3, 1])).toBe(0.75);
    expect(shareOf([])).toBeNaN();
  });
  it('has a precision among the first rows', () => {
    expect(precisionAtK([2, 0, 1], [1, 0, 1], 2)).toBe(1);
    expect(precisionAtK([], [], 2)).toBeNaN();
  });
});

describe('bootstrap', () => {
  it('draws as many people as there are', () => {
    const drawn = drawPeople(50, seededRandom('x'));
    expect(drawn.reduce((sum, times) => sum + times, 0)).toBe(50);
  });
  it('covers the mean of a fair coin', () => {
    const coin = Array.from({ length: 400 }, (_, index) => index % 2);
    const means = bootstrap(400, 300, 'coin', (drawn) => coin.reduce((sum, side, person) => sum + side * (drawn[person] ?? 0), 0) / 400);
    const { low, high } = intervalOf(0.5, means);
    // The normal approximation: 0.5 +- 1.96 x 0.025.
    expect(low).toBeCloseTo(0.451, 1.5);
    expect(high).toBeCloseTo(0.549, 1.5);
  });
  it('is the same for the same seed, and leaves out resamples without a figure', () => {
    const twice = [0, 1].map(() => bootstrap(9, 5, 'same', (drawn) => [...drawn].join('')));
    expect(twice[0]).toEqual(twice[1]);
    expect(intervalOf(1, [NaN, 1, 1])).toEqual({ estimate: 1, low: 1, high: 1 });
  });
  it('takes quantiles as R and NumPy do', () => {
    expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
    expect(quantile([], 0.5)).toBeNaN();
    expect(quantile([1, Infinity, Infinity], 1)).toBe(Infinity);
  });
});

describe('calibration table', () => {
  it('gives the nominal share back for p that are evenly spread, by week and in all', () => {
    const table = new CalibrationTable();
    for (let event = 0; event < 1_000; event += 1) table.add(event % 2, (event + 1) / 1_000);
    expect(table.weeks).toEqual([0, 1]);
    expect(
      table
        .rows()
        .slice(0, 3)
        .map(({ observed }) => observed),
    ).toEqual([0.1, 0.03, 0.01]);
    expect(table.rows(0)[0]?.events).toBe(500);
    expect(new CalibrationTable().rows()[0]?.observed).toBeNaN();
  });
});

describe('volume by week', () => {
  it('is a rate per 1000 identities and evaluated day', () => {
    const days = ['2026-01-10', '2026-01-11', '2026-01-12'];
    expect(weeklyVolume(['2026-01-09', '2026-01-10', '2026-01-12', '2026-01-12'], days, 500)).toEqual([
      { week: '2026-01-05', days: 2, alerts: 1, perThousand: 1 },
      { week: '2026-01-12', days: 1, alerts: 2, perThousand: 4 },
    ]);
  });
  it('begins a week on Monday', () => {
    expect(['2026-01-05', '2026-01-11', '2026-01-12'].map(mondayOf)).toEqual(['2026-01-05', '2026-01-05', '2026-01-12']);
  });
});

describe('the cause', () => {
  it('is a detection by name or a feature by its number', () => {
    expect(namesTheCause('A1_network', ['A1'])).toBe(true);
    expect(namesTheCause('mfa_fatigue', ['mfa_fatigue'])).toBe(true);
    expect(namesTheCause('A10_other', ['A1'])).toBe(false);
  });
});
