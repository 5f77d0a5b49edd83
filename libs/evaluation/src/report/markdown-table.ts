import type { Interval } from '../metrics/bootstrap.js';

export const number = (value: number, digits = 2): string =>
  Number.isFinite(value) ? value.toFixed(digits) : Number.isNaN(value) ? '–' : '∞';
export const percent = (value: number, digits = 0): string => (Number.isNaN(value) ? '–' : `${(value * 100).toFixed(digits)} %`);
export const between = ({ estimate, low, high }: Interval, write: (value: number) => string): string =>
  `${write(estimate)} (${write(low)} to ${write(high)})`;

/** A table as prettier writes it. @param rows the first is the heading */
export function table(rows: readonly (readonly string[])[], numeric: readonly boolean[] = []): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => pad(row[column] ?? '', width, numeric[column] ?? false)).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (numeric[column] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].join('\n');
}
const pad = (text: string, width: number, right: boolean): string => {
  const space = ' '.repeat(Math.max(0, width - text.length));
  return right ? space + text : text + space;
};

/** NaN of an empty list. */
export const shareThat = <T>(list: readonly T[], is: (item: T) => boolean): number =>
  list.length === 0 ? NaN : list.filter(is).length / list.length;
