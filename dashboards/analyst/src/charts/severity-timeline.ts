import type { EChartsOption } from 'echarts';
import { formatCount } from '../format/number.js';
import { formatBucket, formatInstant, type Zone } from '../format/time.js';
import { baseOption, categoryAxis, tooltip, valueAxis } from './base.js';
import { SEVERITY_NAMES, type Palette, type SeverityName } from './palette.js';

export interface SeverityBucket {
  /** Start of the bucket, epoch ms. */
  readonly at: number;
  readonly counts: Readonly<Record<SeverityName, number>>;
}

/**
 * Alerts by severity over time: stacked bars, most severe at the foot, where lengths can be compared.
 * @param buckets every bucket of the window, oldest first, also empty ones
 */
export function severityTimeline(buckets: readonly SeverityBucket[], bucketMs: number, zone: Zone, palette: Palette): EChartsOption {
  const order = [...SEVERITY_NAMES].reverse();
  const drawn = order.filter((severity) => buckets.some((bucket) => bucket.counts[severity] > 0));
  return {
    ...baseOption(palette),
    grid: { left: 4, right: 14, top: 10, bottom: 2, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: tooltip(palette, {
      trigger: 'axis',
      axisPointer: { type: 'shadow', shadowStyle: { color: palette.raised, opacity: 0.6 } },
      formatter: (params: unknown) => bucketText(buckets[indexOf(params)], zone),
    }),
    xAxis: categoryAxis(palette, { data: buckets.map((bucket) => formatBucket(bucket.at, bucketMs, zone)) }),
    yAxis: valueAxis(palette, { minInterval: 1 }),
    series: drawn.map((severity) => ({
      type: 'bar',
      name: severity,
      stack: 'alerts',
      barCategoryGap: '22%',
      barMaxWidth: 26,
      color: palette.severity[severity],
      emphasis: { disabled: true },
      data: buckets.map((bucket) => bucket.counts[severity]),
    })),
  };
}

function bucketText(bucket: SeverityBucket | undefined, zone: Zone): string {
  if (!bucket) return '';
  const lines = [...SEVERITY_NAMES].reverse().filter((severity) => bucket.counts[severity] > 0);
  const head = formatInstant(bucket.at, zone);
  return lines.length === 0
    ? `${head}\nno alerts`
    : [head, ...lines.map((severity) => `${severity}  ${formatCount(bucket.counts[severity])}`)].join('\n');
}

/** The index that an axis tooltip is about: ECharts hands over a list of the series at that place. */
export function indexOf(params: unknown): number {
  const first: unknown = Array.isArray(params) ? params[0] : params;
  if (typeof first !== 'object' || first === null || !('dataIndex' in first)) return -1;
  return typeof first.dataIndex === 'number' ? first.dataIndex : -1;
}
