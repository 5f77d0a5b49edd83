import type { EChartsOption } from 'echarts';
import { formatCount } from '../format/number.js';
import { baseOption, categoryAxis, tooltip, valueAxis } from './base.js';
import type { Palette } from './palette.js';
import { indexOf } from './severity-timeline.js';

/** A count as it is and as it would be, in one day, week, detection or severity. */
export interface BeforeAfter {
  readonly label: string;
  readonly before: number;
  readonly after: number;
  /** What is aimed at; drawn as a line where it is known. */
  readonly beforeTarget?: number;
  readonly afterTarget?: number;
}

const text = (item: BeforeAfter | undefined): string => {
  if (!item) return '';
  const target = (value: number | undefined): string => (value === undefined ? '' : `, budget ${value.toFixed(1)}`);
  return [
    item.label,
    `as it is  ${formatCount(item.before)}${target(item.beforeTarget)}`,
    `as it would be  ${formatCount(item.after)}${target(item.afterTarget)}`,
  ].join('\n');
};

/** Bars side by side along time, oldest first; budgets as dashed steps. */
export function beforeAfterTimeline(items: readonly BeforeAfter[], palette: Palette): EChartsOption {
  const line = (name: string, color: string, of: (item: BeforeAfter) => number | undefined) =>
    items.some((item) => of(item) !== undefined)
      ? [
          {
            ...{ type: 'line' as const, name, color, step: 'middle' as const, symbol: 'none', silent: true, z: 3 },
            lineStyle: { type: 'dashed' as const, width: 1.5, color },
            data: items.map((item) => of(item) ?? null),
          },
        ]
      : [];
  const bar = (name: string, color: string, of: (item: BeforeAfter) => number) => ({
    ...{ type: 'bar' as const, name, color, barMaxWidth: 14, barGap: '8%', barCategoryGap: '26%' },
    emphasis: { disabled: true },
    data: items.map(of),
  });
  return {
    ...baseOption(palette),
    grid: { left: 4, right: 14, top: 10, bottom: 2, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: tooltip(palette, {
      trigger: 'axis',
      axisPointer: { type: 'shadow', shadowStyle: { color: palette.raised, opacity: 0.6 } },
      formatter: (params: unknown) => text(items[indexOf(params)]),
    }),
    xAxis: categoryAxis(palette, { data: items.map((item) => item.label) }),
    yAxis: valueAxis(palette, { minInterval: 1 }),
    series: [
      bar('as it is', palette.usual, (item) => item.before),
      bar('as it would be', palette.now, (item) => item.after),
      ...line('budget as it is', palette.usual, (item) => item.beforeTarget),
      ...line('budget as it would be', palette.now, (item) => item.afterTarget),
    ],
  };
}

/** Bars side by side, one pair a line, first on top; the count stands at the end of each bar. */
export function beforeAfterBars(items: readonly BeforeAfter[], palette: Palette): EChartsOption {
  const bar = (name: string, color: string, of: (item: BeforeAfter) => number) => ({
    ...{ type: 'bar' as const, name, barWidth: 8, barGap: '20%' },
    itemStyle: { color, borderRadius: 2 },
    emphasis: { disabled: true },
    label: { show: true, position: 'right' as const, color: palette.text, fontSize: 11 },
    data: items.map(of),
  });
  return {
    ...baseOption(palette),
    grid: { left: 4, right: 36, top: 2, bottom: 2, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: tooltip(palette, {
      trigger: 'axis',
      axisPointer: { type: 'none' },
      formatter: (params: unknown) => text(items[indexOf(params)]),
    }),
    xAxis: valueAxis(palette, { min: 0, show: false }),
    yAxis: categoryAxis(palette, {
      inverse: true,
      data: items.map((item) => item.label),
      axisLine: { show: false },
      axisLabel: { color: palette.text, fontSize: 12, width: 160, overflow: 'truncate' },
    }),
    series: [bar('as it is', palette.usual, (item) => item.before), bar('as it would be', palette.now, (item) => item.after)],
  };
}
