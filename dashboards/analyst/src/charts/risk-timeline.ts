import type { EChartsOption } from 'echarts';
import { formatScore } from '../format/number.js';
import { formatDay, formatInstant, type Zone } from '../format/time.js';
import { baseOption, timeAxis, tooltip, valueAxis } from './base.js';
import { withAlpha, type Palette } from './palette.js';
import { indexOf } from './severity-timeline.js';

export interface RiskPoint {
  /** Epoch ms. */
  readonly at: number;
  readonly risk: number;
  /** What raised it here; absent where the point is only decay. */
  readonly title?: string;
}

/** Risk of one identity over time, 0 to 100, sorted by `at`. Points where a finding raised it carry a mark. */
export function riskTimeline(points: readonly RiskPoint[], zone: Zone, palette: Palette): EChartsOption {
  const jumps = points.filter((point) => point.title !== undefined);
  return {
    ...baseOption(palette),
    grid: { left: 4, right: 12, top: 10, bottom: 2, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: tooltip(palette, {
      trigger: 'item',
      formatter: (params: unknown) => pointText(isMark(params) ? jumps[indexOf(params)] : points[indexOf(params)], zone),
    }),
    xAxis: timeAxis(palette, {
      axisLabel: { color: palette.muted, fontSize: 11, hideOverlap: true, formatter: (at: number) => formatDay(at, zone).slice(5) },
    }),
    yAxis: valueAxis(palette, { min: 0, max: 100, interval: 25 }),
    series: [
      {
        type: 'line',
        data: points.map((point) => [point.at, point.risk]),
        symbol: 'circle',
        symbolSize: 5,
        showSymbol: false,
        lineStyle: { color: palette.accent, width: 2 },
        itemStyle: { color: palette.accent },
        areaStyle: { color: withAlpha(palette.accent, 0.1) },
        markLine: {
          silent: true,
          symbol: 'none',
          animation: false,
          label: { formatter: 'high', color: palette.muted, fontSize: 10, position: 'insideStartTop' },
          lineStyle: { color: palette.severity.high, type: 'dashed', width: 1, opacity: 0.7 },
          data: [{ yAxis: 75 }],
        },
      },
      {
        type: 'scatter',
        name: 'raised',
        z: 3,
        data: jumps.map((point) => [point.at, point.risk]),
        symbolSize: 9,
        itemStyle: { color: palette.now, borderColor: palette.surface, borderWidth: 1.5 },
      },
    ],
  };
}
const isMark = (params: unknown): boolean =>
  typeof params === 'object' && params !== null && 'seriesIndex' in params && params.seriesIndex === 1;

function pointText(point: RiskPoint | undefined, zone: Zone): string {
  if (!point) return '';
  const head = `${formatInstant(point.at, zone)}\nrisk ${formatScore(point.risk)}`;
  return point.title === undefined ? head : `${head}\n${point.title}`;
}
