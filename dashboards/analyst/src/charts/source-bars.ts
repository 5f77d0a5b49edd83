import type { EChartsOption } from 'echarts';
import { formatCount, formatShort } from '../format/number.js';
import { formatBucket, formatInstant, type Zone } from '../format/time.js';
import { baseOption, categoryAxis, tooltip, valueAxis } from './base.js';
import type { Palette } from './palette.js';
import { indexOf } from './severity-timeline.js';

export interface RecordBucket {
  /** Start of the bucket, epoch ms. */
  readonly at: number;
  readonly kept: number;
  readonly ignored: number;
  readonly rejected: number;
  /** Records in the same time of the weeks before, on average; null: not known. */
  readonly usual: number | null;
}

const RESULTS = ['kept', 'ignored', 'rejected'] as const;
export const RESULT_NAMES = RESULTS;
/** The colour of each part of a bar, here and in legends. */
export const resultColour = (result: (typeof RESULTS)[number], palette: Palette): string =>
  ({ kept: palette.sequence[3], ignored: palette.severity.informational, rejected: palette.danger })[result];

/**
 * What became of a source's records over time: stacked bars, with what is usual at that time of the week as a line.
 * @param buckets every bucket of the window, oldest first, also empty ones
 */
export function sourceBars(buckets: readonly RecordBucket[], bucketMs: number, zone: Zone, palette: Palette): EChartsOption {
  const isUsualKnown = buckets.some(({ usual }) => usual !== null);
  return {
    ...baseOption(palette),
    grid: { left: 4, right: 14, top: 10, bottom: 2, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: tooltip(palette, {
      trigger: 'axis',
      axisPointer: { type: 'shadow', shadowStyle: { color: palette.raised, opacity: 0.6 } },
      formatter: (params: unknown) => bucketText(buckets[indexOf(params)], zone),
    }),
    xAxis: categoryAxis(palette, { data: buckets.map((bucket) => formatBucket(bucket.at, bucketMs, zone)) }),
    yAxis: valueAxis(palette, { minInterval: 1, axisLabel: { color: palette.muted, fontSize: 11, formatter: formatShort } }),
    series: [
      ...bars(buckets, palette),
      ...(isUsualKnown
        ? [
            {
              type: 'line' as const,
              name: 'usual',
              step: 'middle' as const,
              symbol: 'none',
              color: palette.text,
              lineStyle: { width: 1.2, type: 'dashed' as const },
              emphasis: { disabled: true },
              data: buckets.map(({ usual }) => usual),
            },
          ]
        : []),
    ],
  };
}

/** The same as a word-sized picture: bars only, no axes, nothing to point at. */
export function sourceSpark(buckets: readonly RecordBucket[], palette: Palette): EChartsOption {
  return {
    ...baseOption(palette),
    animation: false,
    grid: { left: 0, right: 0, top: 1, bottom: 1 },
    xAxis: { type: 'category', show: false, data: buckets.map(({ at }) => String(at)) },
    yAxis: { type: 'value', show: false, min: 0 },
    series: bars(buckets, palette, true),
  };
}

function bars(buckets: readonly RecordBucket[], palette: Palette, silent = false) {
  return RESULTS.filter((result) => buckets.some((bucket) => bucket[result] > 0)).map((result) => ({
    type: 'bar' as const,
    name: result,
    stack: 'records',
    silent,
    barCategoryGap: silent ? '12%' : '22%',
    barMaxWidth: 26,
    color: resultColour(result, palette),
    emphasis: { disabled: true },
    data: buckets.map((bucket) => bucket[result]),
  }));
}

function bucketText(bucket: RecordBucket | undefined, zone: Zone): string {
  if (!bucket) return '';
  const lines = RESULTS.filter((result) => bucket[result] > 0).map((result) => `${result}  ${formatCount(bucket[result])}`);
  return [
    formatInstant(bucket.at, zone),
    ...(lines.length === 0 ? ['no records'] : lines),
    ...(bucket.usual === null ? [] : [`usual  ${formatCount(bucket.usual)}`]),
  ].join('\n');
}
