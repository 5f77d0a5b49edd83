import type { EChartsOption, TooltipComponentOption } from 'echarts';
import type { Palette } from './palette.js';

export const CHART_FONT = "'Inter Variable', Inter, system-ui, sans-serif";

/** What every chart shares. Tooltips are drawn on the canvas, never as HTML: a vendor's text stays text, and the strict CSP holds. */
export function baseOption(palette: Palette): EChartsOption {
  return {
    backgroundColor: 'transparent',
    textStyle: { fontFamily: CHART_FONT, fontSize: 11, color: palette.muted },
    animationDuration: 220,
    animationDurationUpdate: 220,
  };
}

export function tooltip(palette: Palette, more: TooltipComponentOption = {}): TooltipComponentOption {
  return {
    renderMode: 'richText',
    confine: true,
    backgroundColor: palette.surface,
    borderColor: palette.borderStrong,
    borderWidth: 1,
    padding: [8, 10],
    textStyle: { color: palette.text, fontSize: 12, fontFamily: CHART_FONT, fontWeight: 'normal' },
    transitionDuration: 0,
    ...more,
  };
}

/** Horizontal hair lines and quiet labels. */
export function valueAxis(palette: Palette, more: object = {}): object {
  return {
    type: 'value',
    splitNumber: 3,
    axisLabel: { color: palette.muted, fontSize: 11 },
    splitLine: { lineStyle: { color: palette.border } },
    ...more,
  };
}
export function categoryAxis(palette: Palette, more: object = {}): object {
  return {
    type: 'category',
    axisTick: { show: false },
    axisLine: { lineStyle: { color: palette.borderStrong } },
    axisLabel: { color: palette.muted, fontSize: 11, hideOverlap: true },
    ...more,
  };
}
export function timeAxis(palette: Palette, more: object = {}): object {
  return { ...categoryAxis(palette), type: 'time', splitNumber: 5, splitLine: { show: false }, ...more };
}
