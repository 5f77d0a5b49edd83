import { BUDGETS, MAIN_BUDGET, type Measured } from '../measure.js';
import { quantile } from '../metrics/bootstrap.js';
import { between, number, percent, table } from './markdown-table.js';
import type { AttackVerdict, EvaluationReport } from './report.js';

const shareThat = <T>(list: readonly T[], is: (item: T) => boolean): number =>
  list.length === 0 ? NaN : list.filter(is).length / list.length;

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
    mainTable(report.measured),
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

function aims(report: EvaluationReport, ours: Measured): readonly string[] {
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

const mainTable = (measured: readonly Measured[]): string =>
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

function byDifficulty(measured: readonly Measured[]): readonly string[] {
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

function ablation(title: string, measured: readonly Measured[], how: string): readonly string[] {
  const explained = `${how} Lead of the first: what average precision loses, below 0 the ranking is better without it.`;
  return measured.length === 0 ? [] : [`## ${title}`, '', mainTable(measured), '', explained, ''];
}

function kindTable(attacks: readonly AttackVerdict[]): string {
  const difficulties = [...new Set(attacks.flatMap(({ attack }) => attack.difficulty ?? []))].sort();
  const more = difficulties.map((difficulty): Column => ({
    title: `difficulty ${difficulty}`,
    write: (own) => {
      const played = own.filter(({ attack }) => attack.difficulty === difficulty);
      return played.length === 0 ? '' : `${played.filter(({ isReached }) => isReached).length} of ${played.length}`;
    },
  }));
  return groupTable('kind', attacks, ({ attack }) => attack.kind, more);
}

interface Column {
  readonly title: string;
  readonly write: (own: readonly AttackVerdict[]) => string;
}

function groupTable(
  heading: string,
  attacks: readonly AttackVerdict[],
  groupOf: (verdict: AttackVerdict) => string,
  more: readonly Column[] = [],
): string {
  const groups = [...new Set(attacks.map(groupOf))].sort();
  return table(
    [
      [heading, 'attacks', 'found', ...more.map(({ title }) => title), 'median rank', 'cause named first', 'named first most often'],
      ...groups.map((group) => {
        const own = attacks.filter((verdict) => groupOf(verdict) === group);
        const ranks = own.map(({ rank }) => rank).sort((a, b) => a - b);
        return [
          group,
          String(own.length),
          percent(shareThat(own, ({ isReached }) => isReached)),
          ...more.map(({ write }) => write(own)),
          number(quantile(ranks, 0.5), 0),
          percent(shareThat(own, ({ isNamedRight }) => isNamedRight)),
          mostOften(own.map(({ named }) => named ?? 'nothing')),
        ];
      }),
    ],
    [false, true, true, ...more.map(() => true), true, true, false],
  );
}

function mostOften(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0] ?? '';
}

function lookAlikeTable({ lookAlikes }: EvaluationReport): string {
  const kinds = [...new Set(lookAlikes.map(({ lookAlike }) => lookAlike.kind))].sort();
  return table(
    [
      ['kind', 'played', 'alerted', 'named first most often'],
      ...kinds.map((kind) => {
        const own = lookAlikes.filter(({ lookAlike }) => lookAlike.kind === kind);
        return [
          kind,
          String(own.length),
          percent(shareThat(own, ({ isReached }) => isReached)),
          mostOften(own.map(({ named }) => named ?? 'nothing')),
        ];
      }),
    ],
    [false, true, true, false],
  );
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

function missedTable(attacks: readonly AttackVerdict[]): string {
  const missed = attacks.filter(({ isReached }) => !isReached);
  if (missed.length === 0) return 'None.';
  return table(
    [
      ['attack', 'kind', 'difficulty', 'rank', 'named first'],
      ...missed
        .sort((a, b) => a.attack.kind.localeCompare(b.attack.kind) || (a.attack.difficulty ?? 0) - (b.attack.difficulty ?? 0))
        .map(({ attack, rank, named }) => [attack.id, attack.kind, String(attack.difficulty ?? '–'), number(rank, 0), named ?? 'nothing']),
    ],
    [false, false, true, true, false],
  );
}
