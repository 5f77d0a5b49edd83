import { describe, expect, it } from 'vitest';
import type { Label } from '../labels.js';
import { poissonRange } from '../metrics/poisson-range.js';
import { Population } from '../population.js';
import { driftReport } from './drift.js';
import { driftMarkdown } from './drift-markdown.js';
import { volumeChart } from './volume-chart.js';

/** Two weeks from Monday, 100 people who are there every day. */
const DAYS = Array.from({ length: 14 }, (_, index) => `2026-01-${String(5 + index).padStart(2, '0')}`);
const PEOPLE = Array.from({ length: 100 }, (_, index) => `p${index}`);
const attack = (identity: string, day: string): Label => ({
  id: `a-${identity}`,
  label: 'attack',
  kind: 'stolen-password',
  identity,
  from: `${day}T10:00:00Z`,
  to: `${day}T10:00:00Z`,
  days: [{ identity, day }],
  touched: [],
  events: [],
  expected: [],
});
const alert = (identity: string, day: string, isBehaviour = true) => ({ identity, day, isBehaviour });
const report = driftReport({
  description: ['A test.'],
  spans: [{ kind: 'vpn', from: '2026-01-12', to: '2026-01-18' }],
  population: new Population(
    PEOPLE.flatMap((identity) => DAYS.map((day) => ({ identity, day }))),
    [attack('p1', '2026-01-06'), attack('p2', '2026-01-13'), attack('p3', '2026-01-14')],
    '2026-01-05',
  ),
  days: [
    { identity: 'p1', day: '2026-01-06', score: 90 },
    { identity: 'p2', day: '2026-01-13', score: 80 },
  ],
  alerts: [
    alert('p1', '2026-01-06'),
    alert('p2', '2026-01-13'),
    ...['p4', 'p5', 'p6'].map((identity) => alert(identity, '2026-01-12')),
    alert('p7', '2026-01-15', false),
    alert('p8', '2025-12-31'),
  ],
  alarmed: ['p4', 'p5', 'p6', 'p2'].map((identity, index) => ({
    identity,
    day: index === 3 ? '2026-01-13' : '2026-01-12',
    feature: index === 0 ? 'A2_device' : 'A1_network',
  })),
  budget: 5,
  resamples: 20,
});

describe('what chance makes of a budget', () => {
  it('is the middle 95 % of a Poisson variable', () => {
    // P(X <= 0) = 0.0302, P(X <= 7) = 0.9733, P(X <= 8) = 0.9901 for a mean of 3.5.
    expect(poissonRange(3.5)).toEqual({ low: 0, high: 8 });
    expect(poissonRange(35)).toEqual({ low: 24, high: 47 });
    expect(poissonRange(0)).toEqual({ low: 0, high: 0 });
  });
});

describe('a report about drift', () => {
  it('holds the alerts of each week against the budget, and says which of them were no attack', () => {
    const [before, during] = report.weeks;
    expect(before).toMatchObject({ week: '2026-01-05', kinds: [], days: 7, behaviour: 1, falseAlerts: 0, identityDays: 700 });
    expect(during).toMatchObject({ week: '2026-01-12', kinds: ['vpn'], behaviour: 4, falseAlerts: 3, namedMost: 'A1_network' });
    // 4 alerts, 100 people, 7 days.
    expect(during?.behaviourPerThousand).toBeCloseTo(40 / 7, 12);
    expect(during?.allPerThousand).toBeCloseTo(50 / 7, 12);
    expect(during?.alarmedPerThousand).toBeCloseTo(40 / 7, 12);
  });
  it('counts attacks in the week in which they begin: within the budget of the ranking, and with an alert', () => {
    expect(report.weeks.map(({ attacks, found, alerted }) => [attacks, found, alerted])).toEqual([
      [1, 1, 1],
      [2, 1, 1],
    ]);
  });
  it('becomes a section and a picture with the weeks of drift marked', () => {
    const page = driftMarkdown(report, 'images/drift.svg');
    expect(page).toContain(
      'Behaviour alerts within 20 % of the budget in 1 of 2 weeks of five days or more, within what chance makes of it in 2.',
    );
    expect(page).toContain('3.5 (0 to 8)');
    expect(page).toContain('| 2026-01-12 | vpn   |');
    const svg = volumeChart(report);
    expect(svg).toMatch(/^<svg [^]*<\/svg>\n$/);
    expect(svg).toContain('>vpn</text>');
    expect(svg).not.toContain('NaN');
  });
});
