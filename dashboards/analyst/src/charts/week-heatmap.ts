import type { EChartsOption } from 'echarts';
import { formatCount } from '../format/number.js';
import { baseOption, categoryAxis, tooltip } from './base.js';
import { type Palette } from './palette.js';
import { indexOf } from './severity-timeline.js';

/** One hour of the week. `weekday` 1 is Monday; `hour` 0 to 23. */
export interface WeekCell {
  readonly weekday: number;
  readonly hour: number;
  readonly count: number;
  /** Shown over the cell, when what happens now is set against what is usual. */
  readonly now?: number;
  readonly note?: string;
}
export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));

/**
 * Hour by weekday, Monday on top. Colour is `count`; a ring is what happened `now`, filled where it hardly ever happens.
 * Counts are coloured by their square root: one busy hour must not make all others look empty.
 */
export function weekHeatmap(
  cells: readonly WeekCell[],
  words: { readonly count: string; readonly now?: string },
  palette: Palette,
): EChartsOption {
  const top = Math.max(1, ...cells.map((cell) => Math.sqrt(cell.count)));
  const now = cells.filter((cell) => (cell.now ?? 0) > 0);
  const mostNow = Math.max(1, ...now.map((cell) => cell.now ?? 0));
  const text = (cell: WeekCell | undefined): string => (cell ? cellText(cell, words) : '');
  return {
    ...baseOption(palette),
    grid: { left: 36, right: 4, top: 4, bottom: 20 },
    tooltip: tooltip(palette, {
      formatter: (params: unknown) => text(isSeries(params, 1) ? now[indexOf(params)] : cells[indexOf(params)]),
    }),
    xAxis: categoryAxis(palette, {
      data: HOURS,
      axisLine: { show: false },
      axisLabel: { color: palette.muted, fontSize: 10, interval: 2 },
    }),
    yAxis: categoryAxis(palette, { data: [...WEEKDAYS], inverse: true, axisLine: { show: false } }),
    visualMap: { show: false, min: 0, max: top, dimension: 2, seriesIndex: 0, inRange: { color: [...palette.sequence] } },
    series: [
      {
        type: 'heatmap',
        data: cells.map((cell) => [cell.hour, cell.weekday - 1, Math.sqrt(cell.count)]),
        itemStyle: { borderColor: palette.surface, borderWidth: 2, borderRadius: 3 },
      },
      {
        type: 'scatter',
        z: 3,
        data: now.map((cell) => ({
          value: [cell.hour, cell.weekday - 1],
          symbolSize: 5 + 6 * Math.sqrt((cell.now ?? 0) / mostNow),
          itemStyle: { color: isRare(cell) ? palette.now : 'transparent', borderColor: palette.now, borderWidth: 1.5 },
        })),
      },
    ],
  };
}

/** Less than once in four weeks: such an hour is not usual. */
export const isRare = (cell: WeekCell): boolean => cell.count < 0.25;

function cellText(cell: WeekCell, words: { readonly count: string; readonly now?: string }): string {
  const hour = String(cell.hour).padStart(2, '0');
  const count = Number.isInteger(cell.count) ? formatCount(cell.count) : cell.count.toFixed(1);
  const lines = [`${WEEKDAYS[cell.weekday - 1] ?? ''} ${hour}:00–${hour}:59`, `${count} ${words.count}`];
  if (cell.now !== undefined && words.now !== undefined) lines.push(`${formatCount(cell.now)} ${words.now}`);
  if (cell.note !== undefined) lines.push(cell.note);
  return lines.join('\n');
}
function isSeries(params: unknown, index: number): boolean {
  return typeof params === 'object' && params !== null && 'seriesIndex' in params && params.seriesIndex === index;
}
