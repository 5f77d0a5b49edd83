import { BUDGETS, MAIN_BUDGET, type Measured } from '../measure.js';
import { between, number, percent, table } from './markdown-table.js';

/** Rankings of the same identity-days, the first of them against each. */
export const rankingTable = (measured: readonly Measured[]): string =>
  table(
    [
      [
        'ranking',
        'average precision',
        'lead of the first',
        ...BUDGETS.map((budget) => `recall at ${budget}`),
        'precision',
        'look-alikes',
        'ROC AUC',
      ],
      ...measured.map((own, index) => [
        own.title,
        between(own.averagePrecision, (value) => number(value, 3)),
        index === 0 ? '' : between(own.lead, (value) => number(value, 3)),
        ...own.recall.map((interval, at) => (BUDGETS[at] === MAIN_BUDGET ? between(interval, percent) : percent(interval.estimate))),
        percent(own.precision),
        percent(own.lookAlikes.estimate),
        number(own.rocAuc, 3),
      ]),
    ],
    [false, true, true, ...BUDGETS.map(() => true), true, true, true],
  );

export function byDifficulty(measured: readonly Measured[]): readonly string[] {
  const [ours] = measured;
  if (!ours || ours.byDifficulty.length === 0) return [];
  return [
    `Attacks within a budget of ${MAIN_BUDGET}, by difficulty (what they are stands under "By difficulty"):`,
    '',
    table(
      [
        ['ranking', ...ours.byDifficulty.map(({ difficulty }) => `difficulty ${difficulty}`)],
        ...measured.map(({ title, byDifficulty: own }) => [title, ...own.map(({ recall }) => between(recall, percent))]),
      ],
      [false, ...ours.byDifficulty.map(() => true)],
    ),
    '',
  ];
}

export function ablation(title: string, measured: readonly Measured[], how: string): readonly string[] {
  const explained = `${how} Lead of the first: what average precision loses, below 0 the ranking is better without it.`;
  return measured.length === 0 ? [] : [`## ${title}`, '', rankingTable(measured), '', explained, ''];
}
