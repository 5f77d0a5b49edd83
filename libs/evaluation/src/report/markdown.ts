import { MAIN_BUDGET } from '../measure.js';
import { aims } from './aims-markdown.js';
import { groupTable, kindTable, lookAlikeTable, missedTable } from './attacks-markdown.js';
import { number, percent, table } from './markdown-table.js';
import { ablation, byDifficulty, rankingTable } from './rankings-markdown.js';
import type { EvaluationReport } from './report.js';

/** The report as markdown. @param pictures file names, relative to the page @param drift the section about a history with drift, where there is one */
export function reportMarkdown(
  report: EvaluationReport,
  pictures: { readonly precisionRecall: string; readonly recall: string; readonly calibration: string },
  drift?: string,
): string {
  const [ours] = report.measured;
  if (!ours) throw new Error('a report needs a ranking');
  return [
    '# Evaluation',
    '',
    '<!-- Written by `keyward evaluate`; no figure here is typed by hand. How it is done: docs/adr/0021-evaluation-protocol.md -->',
    '',
    ...report.facts.description,
    '',
    `${report.facts.identityDays} identity-days of ${report.facts.identities} identities on ${report.facts.evaluatedDays} days from ${report.facts.evaluatedFrom} (what came before is for learning), ${report.facts.events} events; ${report.attacks.length} attacks on ${report.facts.attackDays} identity-days, ${report.lookAlikes.length} look-alikes. Intervals are the middle 95 % of a bootstrap over people; budgets are alerts per 1000 identities and day over one ranking of all identity-days.`,
    '',
    ...aims(report, ours),
    '## Rankings compared',
    '',
    rankingTable(report.measured),
    '',
    `Precision and look-alikes: of what a budget of ${MAIN_BUDGET} shows. ROC AUC is a side figure: with so few attacks it flatters everybody.`,
    '',
    `![Precision against recall of all rankings](${pictures.precisionRecall})`,
    '',
    `![Attacks found against the budget](${pictures.recall})`,
    '',
    ...byDifficulty(report.measured),
    ...ablation(
      'Without one part of the model',
      report.variants,
      'The behaviour model runs again without the part; findings of rules stay as they are. Nobody holds shared accounts in such a run, so the whole model differs a little from the line.',
    ),
    ...ablation('Without one feature', report.withoutFeature, 'The feature is left out of the reasons of each day.'),
    '## By kind of attack',
    '',
    kindTable(report.attacks),
    '',
    '## By difficulty',
    '',
    "1: a stranger's hosting address at night; 2: a home line elsewhere in the country; 3: the victim's city and provider, a like device, by day; 4: the victim's own network, hours and device.",
    '',
    groupTable('difficulty', report.attacks, ({ attack }) => String(attack.difficulty ?? '–')),
    '',
    '## Look-alikes',
    '',
    lookAlikeTable(report),
    '',
    '## Calibration',
    '',
    'Share of benign events with a p at or below the nominal one. A p that means what it says gives the same figure twice.',
    '',
    calibrationTable(report),
    '',
    `![Observed against nominal p](${pictures.calibration})`,
    '',
    '## Alerts by week',
    '',
    `The line steers alerts of unusual behaviour to ${report.budget} per 1000 identities and day; rules alert besides.`,
    '',
    table(
      [
        ['week of', 'days', 'behaviour alerts', 'per 1000 and day', 'against budget', 'all alerts', 'per 1000 and day'],
        ...report.behaviourVolume.map((week, index) => [
          week.week,
          String(week.days),
          String(week.alerts),
          number(week.perThousand),
          percent(week.perThousand / report.budget - 1),
          String(report.allVolume[index]?.alerts ?? 0),
          number(report.allVolume[index]?.perThousand ?? NaN),
        ]),
      ],
      [false, true, true, true, true, true, true],
    ),
    '',
    ...(drift === undefined ? [] : [drift]),
    '## Attacks not found',
    '',
    `Within a budget of ${MAIN_BUDGET}.`,
    '',
    missedTable(report.attacks),
    '',
    '## Highest false alarms',
    '',
    table(
      [
        ['rank', 'day', 'identity', 'score', 'look-alike', 'reason given'],
        ...report.falseAlarms.map(({ rank, day, identity, score, kind, reason }) => [
          String(rank),
          day,
          identity,
          number(score, 1),
          kind ?? '',
          (reason ?? '').replaceAll('|', '/'),
        ]),
      ],
      [true, false, false, true, false, false],
    ),
    '',
  ].join('\n');
}

function calibrationTable({ calibration, calibrationByWeek }: EvaluationReport): string {
  const share = (value: number): string => (Number.isNaN(value) ? '–' : value === 0 ? '0' : value.toPrecision(2));
  return table(
    [
      ['nominal p', 'observed', ...calibrationByWeek.map(({ week }) => `week of ${week}`)],
      ...calibration.map((row, index) => [
        String(row.nominal),
        share(row.observed),
        ...calibrationByWeek.map(({ rows }) => share(rows[index]?.observed ?? NaN)),
      ]),
    ],
    [true, true, ...calibrationByWeek.map(() => true)],
  );
}
