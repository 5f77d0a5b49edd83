import { MAIN_BUDGET } from '../measure.js';
import { poissonRange } from '../metrics/poisson-range.js';
import { mainRecall, type DriftReport, type DriftWeekRow } from './drift.js';
import { between, number, percent, table } from './markdown-table.js';

/** What each kind means, as `fixtures/src/evaluation/drift` plays it. */
const MEANING: Readonly<Record<string, string>> = {
  vpn: 'office and home traffic of most people leaves through gateways of a new provider, for some in another country, site by site within three days',
  reorg: 'a third of the teams moves: new applications, servers, groups, and for some new hours; the context still tells the old ones',
  outage: 'for half a day a collector is down: what is pulled comes late, what is sent once is lost',
  holiday: 'three of four people are away, and no leave is on record',
};
/** Weeks with fewer days can't be held against a budget. */
const WHOLE_ENOUGH = 5;

const expectedAlerts = ({ days }: DriftWeekRow, { budget, people }: DriftReport): number => (budget * people * days) / 1_000;
function allowed(week: DriftWeekRow, report: DriftReport): string {
  const mean = expectedAlerts(week, report);
  const { low, high } = poissonRange(mean);
  return `${number(mean, 1)} (${low} to ${high})`;
}

/** The section of the page about drift. @param picture file name, relative to the page */
export function driftMarkdown(report: DriftReport, picture: string): string {
  const { budget, measured, weeks } = report;
  const recall = mainRecall(measured);
  const whole = weeks.filter(({ days }) => days >= WHOLE_ENOUGH);
  const off = ({ behaviourPerThousand }: DriftWeekRow): number => behaviourPerThousand / budget - 1;
  const within = whole.filter((week) => Math.abs(off(week)) <= 0.2);
  const withinChance = whole.filter((week) => {
    const { low, high } = poissonRange(expectedAlerts(week, report));
    return week.behaviour >= low && week.behaviour <= high;
  });
  return [
    '## Under drift',
    '',
    ...report.description,
    '',
    ...report.spans.map(({ kind, from, to }) => `- **${kind}** (${from} to ${to}): ${MEANING[kind] ?? 'something changes'}.`),
    '',
    `Average precision ${between(measured.averagePrecision, (value) => number(value, 3))}, attacks within a budget of ${MAIN_BUDGET}: ${recall ? between(recall, percent) : '–'}, look-alikes ${percent(measured.lookAlikes.estimate)}. Behaviour alerts within 20 % of the budget in ${within.length} of ${whole.length} weeks of five days or more, within what chance makes of it in ${withinChance.length}.`,
    '',
    table(
      [
        [
          'week of',
          'drift',
          'days',
          'identity-days',
          'behaviour alerts',
          'per 1000 and day',
          'against budget',
          'budget allows, and chance',
          'of them false',
          'alarmed days per 1000',
          'all alerts per 1000',
          'false alarms name',
          'attacks',
          `within ${MAIN_BUDGET}`,
          'alerted',
        ],
        ...weeks.map((week) => [
          week.week,
          week.kinds.join(', '),
          String(week.days),
          String(week.identityDays),
          String(week.behaviour),
          number(week.behaviourPerThousand),
          percent(off(week)),
          allowed(week, report),
          String(week.falseAlerts),
          number(week.alarmedPerThousand),
          number(week.allPerThousand),
          week.namedMost ?? '',
          String(week.attacks),
          String(week.found),
          String(week.alerted),
        ]),
      ],
      [false, false, ...Array.from({ length: 9 }, () => true), false, true, true, true],
    ),
    '',
    'An alarmed day is an identity-day with a finding of unusual behaviour; several findings of one story are one alert. In brackets: between which numbers a week stays in 95 of 100 cases when alerts come by chance at the rate of the budget. An attack is counted in the week in which it begins.',
    '',
    `![Alerts by week under drift](${picture})`,
    '',
  ].join('\n');
}
