import { BUDGETS, MAIN_BUDGET, type Measured } from '../measure.js';
import { quantile } from '../metrics/bootstrap.js';
import { between, number, percent, shareThat, table } from './markdown-table.js';
import type { EvaluationReport } from './report.js';

/** What was aimed at, and what was reached of it. */
export function aims(report: EvaluationReport, ours: Measured): readonly string[] {
  const best = report.measured
    .slice(1)
    .reduce<Measured | undefined>(
      (found, other) => (found && found.averagePrecision.estimate >= other.averagePrecision.estimate ? found : other),
      undefined,
    );
  const main = ours.recall[BUDGETS.indexOf(MAIN_BUDGET)];
  const named = shareThat(report.attacks, ({ isNamedRight }) => isNamedRight);
  const farthest = Math.max(
    ...report.behaviourVolume.filter(({ days }) => days >= 5).map(({ perThousand }) => Math.abs(perThousand / report.budget - 1)),
  );
  const row = (aim: string, reached: string, isMet: boolean): readonly string[] => [aim, reached, isMet ? 'yes' : 'no'];
  const delays = report.attacks.flatMap(({ hoursToDetect }) => hoursToDetect ?? []).sort((a, b) => a - b);
  return [
    table([
      ['aim', 'reached', 'met'],
      ...(best
        ? [
            row(
              `average precision at least five times the best comparator's (${best.title})`,
              between(best.ratio, (value) => `${number(value, 1)} x`),
              best.ratio.estimate >= 5,
            ),
          ]
        : []),
      ...(main ? [row(`80 % of all attacks within a budget of ${MAIN_BUDGET}`, between(main, percent), main.estimate >= 0.8)] : []),
      row('at most 10 % of the look-alikes alerted', between(ours.lookAlikes, percent), ours.lookAlikes.estimate <= 0.1),
      row(
        'behaviour alerts within 20 % of the budget every week (of five days or more)',
        `farthest ${percent(farthest)} off`,
        farthest <= 0.2,
      ),
      row('what is named first is the cause in at least 90 % of the attacks', percent(named), named >= 0.9),
    ]),
    '',
    ...(delays.length === 0
      ? []
      : [
          `Time to detect, of the attacks found: median ${number(quantile(delays, 0.5), 1)} h, 90 % within ${number(quantile(delays, 0.9), 1)} h.`,
          '',
        ]),
  ];
}
