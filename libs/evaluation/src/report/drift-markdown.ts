import { MAIN_BUDGET } from '../measure.js';
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

/** The section of the page about drift. @param picture file name, relative to the page */
export function driftMarkdown(report: DriftReport, picture: string): string {
  const { budget, measured, weeks } = report;
  const recall = mainRecall(measured);
  const whole = weeks.filter(({ days }) => days >= WHOLE_ENOUGH);
  const off = ({ behaviourPerThousand }: DriftWeekRow): number => behaviourPerThousand / budget - 1;
  const within = whole.filter((week) => Math.abs(off(week)) <= 0.2);
  return [
    '## Under drift',
    '',
    ...report.description,
    '',
    ...report.spans.map(({ kind, from, to }) => `- **${kind}** (${from} to ${to}): ${MEANING[kind] ?? 'something changes'}.`),
    '',
    `Average precision ${between(measured.averagePrecision, (value) => number(value, 3))}, attacks within a budget of ${MAIN_BUDGET}: ${recall ? between(recall, percent) : '–'}, look-alikes ${percent(measured.lookAlikes.estimate)}. Behaviour alerts within 20 % of the budget in ${within.length} of ${whole.length} weeks of five days or more.`,
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
          String(week.falseAlerts),
          number(week.alarmedPerThousand),
          number(week.allPerThousand),
          week.namedMost ?? '',
          String(week.attacks),
          String(week.found),
          String(week.alerted),
        ]),
      ],
      [false, false, ...Array.from({ length: 8 }, () => true), false, true, true, true],
    ),
    '',
    'An alarmed day is an identity-day with a finding of unusual behaviour; several findings of one story are one alert. An attack is counted in the week in which it begins.',
    '',
    `![Alerts by week under drift](${picture})`,
    '',
  ].join('\n');
}
