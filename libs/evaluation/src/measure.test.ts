import { describe, expect, it } from 'vitest';
import { parseLabels, type Label } from './labels.js';
import { measure } from './measure.js';
import { Population } from './population.js';
import { reportMarkdown } from './report/markdown.js';
import { table } from './report/markdown-table.js';
import { calibrationChart, precisionRecallChart, recallChart } from './report/charts.js';

const DAYS = Array.from({ length: 10 }, (_, index) => `2026-01-${10 + index}`);
const PEOPLE = Array.from({ length: 40 }, (_, index) => `p${index}`);
const active = PEOPLE.flatMap((identity) => DAYS.map((day) => ({ identity, day })));
const label = (id: string, identity: string, day: string, more: Partial<Label> = {}): Label => ({
  id,
  label: 'attack',
  kind: 'stolen-password',
  difficulty: 1,
  identity,
  from: `${day}T10:00:00Z`,
  to: `${day}T11:00:00Z`,
  days: [{ identity, day }],
  touched: [],
  events: [],
  expected: ['A1'],
  ...more,
});
const attacks = PEOPLE.slice(0, 4).map((identity) => label(`a-${identity}`, identity, '2026-01-15'));
const lookAlike = label('b', 'p9', '2026-01-16', { label: 'benign', kind: 'conference' });
const perfect = { id: 'perfect', title: 'Perfect', days: attacks.map(({ days }) => ({ ...days[0]!, score: 99 })) };
const blind = { id: 'blind', title: 'Blind', days: [] };

describe('a population', () => {
  it('begins with the first evaluated day, and knows every attack even where nobody saw activity', () => {
    const population = new Population(
      active,
      [...attacks, label('ghost', 'nobody', '2026-01-17'), label('early', 'p5', '2026-01-10')],
      '2026-01-12',
    );
    expect(population.days[0]).toBe('2026-01-12');
    expect(population.attacks).toHaveLength(5);
    expect(population.rows).toHaveLength(40 * 8 + 1);
  });
  it('leaves out days that an attack only touched', () => {
    const touched = [{ identity: 'p20', day: '2026-01-15' }];
    const population = new Population(active, [label('spray', 'p0', '2026-01-15', { touched })], '2026-01-10');
    expect(population.rows.some(({ identity, day }) => identity === 'p20' && day === '2026-01-15')).toBe(false);
    expect(population.rows).toHaveLength(399);
  });
  it('asks for one of the two identities that an attack concerns on a day, whichever a ranking puts first', () => {
    const both = ['p0', 'p1'].map((identity) => ({ identity, day: '2026-01-15' }));
    const population = new Population(active, [label('right', 'p0', '2026-01-15', { days: both })], '2026-01-10');
    for (const own of both) {
      const order = population.order(population.scores([{ ...own, score: 9 }]));
      expect(order).toHaveLength(399);
      expect(population.rows[order[0] ?? -1]).toEqual(own);
    }
  });
  it('takes the highest of several scores of one day', () => {
    const population = new Population(active, attacks, '2026-01-10');
    const scores = population.scores([
      { identity: 'p0', day: '2026-01-10', score: 2 },
      { identity: 'p0', day: '2026-01-10', score: 1 },
    ]);
    expect(Math.max(...scores)).toBe(2);
  });
});

describe('measuring', () => {
  const population = new Population(active, [...attacks, lookAlike], '2026-01-10');
  const [first, second] = measure(population, [perfect, blind], { resamples: 50, seed: 'test' });
  it('gives a perfect ranking 1 and a blind one the share of positives', () => {
    expect(first?.averagePrecision).toEqual({ estimate: 1, low: 1, high: 1 });
    expect(second?.averagePrecision.estimate).toBeCloseTo(0.01, 12);
    expect(first?.recall.map(({ estimate }) => estimate)).toEqual([0, 0.5, 1, 1]);
    expect(first?.lookAlikes.estimate).toBe(0);
    expect(first?.byDifficulty).toEqual([{ difficulty: 1, recall: first?.recall[2] }]);
    expect(second?.byDifficulty[0]?.recall.estimate).toBe(second?.recall[2]?.estimate);
  });
  it('compares on the same resamples', () => {
    expect(second?.lead.estimate).toBeCloseTo(0.99, 12);
    expect(second?.lead.low).toBeGreaterThan(0.9);
    expect(second?.ratio.estimate).toBeCloseTo(100, 9);
  });
  it('says where each attack stands', () => {
    expect([...(first?.attackRanks ?? [])].sort()).toEqual([1, 2, 3, 4]);
  });
  it('is the same again', () => {
    expect(measure(population, [perfect, blind], { resamples: 50, seed: 'test' })).toEqual([first, second]);
  });
  it('becomes a page and pictures', () => {
    const measured = measure(population, [perfect, blind], { resamples: 20, seed: 'test' });
    const rows = [{ nominal: 0.1, observed: 0.12, events: 100 }];
    const page = reportMarkdown(
      {
        facts: {
          description: ['A test.'],
          identities: 40,
          evaluatedDays: 10,
          evaluatedFrom: '2026-01-10',
          events: 400,
          identityDays: 400,
          attackDays: 4,
        },
        measured,
        variants: measured,
        withoutFeature: [],
        attacks: attacks.map((attack, index) => ({
          attack,
          isReached: index > 0,
          rank: index + 1,
          named: 'A1_network',
          isNamedRight: true,
          hoursToDetect: 1,
        })),
        lookAlikes: [{ lookAlike, isReached: false, named: undefined }],
        falseAlarms: [{ identity: 'p9', day: '2026-01-16', rank: 5, score: 60, kind: 'conference', reason: 'a | b' }],
        calibration: rows,
        calibrationByWeek: [{ week: '2026-01-05', rows }],
        behaviourVolume: [{ week: '2026-01-05', days: 7, alerts: 2, perThousand: 5 }],
        allVolume: [{ week: '2026-01-05', days: 7, alerts: 3, perThousand: 7.5 }],
        budget: 5,
      },
      { precisionRecall: 'a.svg', recall: 'b.svg', calibration: 'c.svg' },
    );
    expect(page).toContain('| stolen-password |       4 |  75 % |');
    expect(page).toContain('100.0 x');
    expect(page).toContain('by difficulty (what they are');
    expect(page).toContain('## Without one part of the model');
    expect(page).not.toContain('## Without one feature');
    for (const svg of [precisionRecallChart(measured), recallChart(measured), calibrationChart(rows)]) {
      expect(svg).toMatch(/^<svg [^]*<\/svg>\n$/);
      expect(svg).not.toContain('NaN');
    }
  });
});

describe('tables', () => {
  it('are aligned', () => {
    expect(
      table(
        [
          ['a', 'long'],
          ['b', '1'],
        ],
        [false, true],
      ),
    ).toBe('| a   | long |\n| --- | ---: |\n| b   |    1 |');
  });
});

describe('truth files', () => {
  it('are read line by line, and say which line they can not be read in', () => {
    const { labels, problems } = parseLabels(`${JSON.stringify(attacks[0])}\n\n{"id": 3}\nnonsense\n`);
    expect(labels).toEqual([attacks[0]]);
    expect(problems.map(({ line }) => line)).toEqual([3, 4]);
  });
});
