import { SEVERITIES } from '@keyward/events';
import type { AlertDifference, AlteredAlert, BacktestResult, Precision, RevocationDifference, SideResult, Volume } from '@keyward/stages';
import { count } from '../terminal.js';

/** Rows of each list; `--json` has more. */
const ROWS = 25;

/** The result as Markdown whose tables line up, so that it reads in a terminal as it does on a page. */
export function backtestMarkdown(result: BacktestResult): string {
  const { current, changed, counts } = result;
  return [
    `# Backtest ${result.from.slice(0, 16)} to ${result.to.slice(0, 16)} UTC`,
    result.changes.map(({ what, from, to }) => `- ${what}: ${from} -> ${to}`).join('\n'),
    headline(result),
    table(
      ['', 'now', 'changed', ''],
      [
        ['alerts', count(current.alerts), count(changed.alerts), signed(changed.alerts - current.alerts)],
        ...SEVERITIES.toReversed().map((severity) => [
          `  ${severity}`,
          count(current.bySeverity[severity]),
          count(changed.bySeverity[severity]),
          signed(changed.bySeverity[severity] - current.bySeverity[severity]),
        ]),
        ['on behaviour alone', count(current.onBehaviour), count(changed.onBehaviour), signed(changed.onBehaviour - current.onBehaviour)],
        ['people concerned', count(current.identities), count(changed.identities), signed(changed.identities - current.identities)],
        [
          'messages to receivers',
          count(current.notifications),
          count(changed.notifications),
          signed(changed.notifications - current.notifications),
        ],
        ['precision, of the judged', precision(current.precision), precision(changed.precision), ''],
        ['revocations', revocations(current), revocations(changed), ''],
      ],
    ),
    section('By detection', countsTable('detection', result.detections)),
    section(
      `Volume by week (budget for alerts on behaviour; ${count(result.people)} people on the busiest day)`,
      volumeTable(result.weeks),
    ),
    section(`Appear (${count(counts.appeared)})`, alertList(result.appeared)),
    section(`Disappear (${count(counts.disappeared)})`, alertList(result.disappeared)),
    section(
      `Altered (${count(counts.altered)})`,
      table(
        ['person', 'began', 'now', 'changed', 'detections'],
        result.altered
          .slice(0, ROWS)
          .map((alert) => [
            alert.displayName,
            alert.firstTime.slice(0, 16),
            `${alert.before.severity} ${alert.before.score.toFixed(0)}`,
            `${alert.severity} ${alert.score.toFixed(0)}`,
            changeOf(alert),
          ]),
      ),
    ),
    section(
      `People (${count(counts.identities)} with a difference)`,
      countsTable(
        'person',
        result.identities.filter(({ appeared, disappeared }) => appeared + disappeared > 0).map((row) => ({ ...row, id: row.displayName })),
      ),
    ),
    section('Revocations that are new or go another way', revocationTable(result.revocations.appeared)),
    section('Revocations no more', revocationTable(result.revocations.disappeared)),
    result.notes.map((note) => `- ${note}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function headline({ counts, current, changed, read }: BacktestResult): string {
  const same = counts.appeared === 0 && counts.disappeared === 0;
  const what = same
    ? `No alert appears and none disappears; there are ${count(current.alerts)}.`
    : `${some(counts.appeared, 'alert appears', 'alerts appear')} and ${count(counts.disappeared)} ${counts.disappeared === 1 ? 'disappears' : 'disappear'}: ` +
      `${count(changed.alerts)} instead of ${count(current.alerts)}, ${some(counts.identities, 'person', 'people')} concerned.`;
  return `${what} Read: ${count(read.events)} events, ${count(read.findings)} findings.`;
}

const some = (number: number, one: string, many: string): string => `${count(number)} ${number === 1 ? one : many}`;
const signed = (difference: number): string => (difference > 0 ? `+${count(difference)}` : difference === 0 ? '' : count(difference));

function precision({ genuine, notGenuine, share, low, high }: Precision): string {
  if (share === null || low === null || high === null) return 'none judged';
  return `${percent(share)} (${percent(low)} to ${percent(high)}; ${genuine} of ${genuine + notGenuine})`;
}
const percent = (share: number): string => `${Math.round(share * 100)} %`;

const revocations = ({ revocations: states }: SideResult): string =>
  Object.entries(states)
    .map(([state, number]) => `${number} ${words(state)}`)
    .join(', ') || 'none';

const section = (title: string, body: string): string => (body === '' ? '' : `## ${title}\n\n${body}`);

const countsTable = (
  name: string,
  rows: readonly { id: string; current: number; changed: number; appeared: number; disappeared: number }[],
): string =>
  table(
    [name, 'now', 'changed', 'appear', 'disappear'],
    rows
      .slice(0, ROWS)
      .map(({ id, current, changed, appeared, disappeared }) => [
        id,
        ...[current, changed].map(count),
        ...[appeared, disappeared].map((number) => (number === 0 ? '' : count(number))),
      ]),
  );

const volumeTable = (weeks: readonly Volume[]): string =>
  table(
    ['week from', 'alerts now', 'changed', 'on behaviour now', 'budget', 'on behaviour changed', 'budget'],
    weeks.map((week) => [
      week.day,
      count(week.current),
      count(week.changed),
      count(week.currentOnBehaviour),
      week.currentBudget.toFixed(1),
      count(week.changedOnBehaviour),
      week.changedBudget.toFixed(1),
    ]),
  );

/** `+mfa_fatigue -impossible_travel` */
const changeOf = ({ detections, before }: AlteredAlert): string =>
  [
    ...detections.filter((id) => !before.detections.includes(id)).map((id) => `+${id}`),
    ...before.detections.filter((id) => !detections.includes(id)).map((id) => `-${id}`),
  ].join(' ');

const LABELS = { genuine: 'genuine', not_genuine: 'not genuine' } as const;
/** A line each, and below it why: sentences make no column. */
const alertList = (alerts: readonly AlertDifference[]): string =>
  alerts
    .slice(0, ROWS)
    .flatMap((alert) => [
      plain(
        `- **${alert.severity} ${alert.score.toFixed(0)}** ${alert.displayName}, ${alert.firstTime.slice(0, 16).replace('T', ' ')} UTC${alert.label ? `, judged ${LABELS[alert.label]}` : ''}: ${alert.title}`,
      ),
      ...alert.reasons.map((reason) => plain(`  - ${reason}`)),
    ])
    .join('\n');

const words = (state: string): string => state.replaceAll('_', ' ');
const revocationTable = (rows: readonly RevocationDifference[]): string =>
  table(
    ['identity', 'right', 'rule', 'now', 'changed', 'at'],
    rows
      .slice(0, ROWS)
      .map(({ identity, entitlement, rule, state, before, guard, at }) => [
        identity,
        entitlement,
        rule,
        before === null ? '' : words(before),
        guard === null ? words(state) : `${words(state)} (${guard})`,
        at.slice(0, 16),
      ]),
  );

/** @returns empty for no rows */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const cells = [head, ...rows].map((row) => row.map(cell));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...others] = cells;
  return [line(first), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...others.map(line)].join('\n');
}
const cell = (text: string): string => plain(text).replaceAll('|', '\\|');
/** What a vendor's record says must not break the page, nor move the terminal's cursor. */
// eslint-disable-next-line no-control-regex -- these are the characters meant
const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ');
