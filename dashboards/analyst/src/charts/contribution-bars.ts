import type { EChartsOption } from 'echarts';
import { formatScore, formatShare } from '../format/number.js';
import { baseOption, categoryAxis, tooltip, valueAxis } from './base.js';
import { type Palette } from './palette.js';
import { indexOf } from './severity-timeline.js';

export interface Contribution {
  readonly label: string;
  /** Of the whole, 0 to 1. */
  readonly share: number;
  /** The score if this were usual; absent where only shares are known. */
  readonly scoreWithout?: number;
  readonly sentence?: string;
}

/** Shares of one score, largest on top; the label at the end says what the score would be without. */
export function contributionBars(items: readonly Contribution[], palette: Palette): EChartsOption {
  return {
    ...baseOption(palette),
    grid: { left: 4, right: 116, top: 2, bottom: 2, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: tooltip(palette, { formatter: (params: unknown) => contributionText(items[indexOf(params)]) }),
    xAxis: valueAxis(palette, { min: 0, max: 1, show: false }),
    yAxis: categoryAxis(palette, {
      inverse: true,
      data: items.map((item) => item.label),
      axisLine: { show: false },
      axisLabel: { color: palette.text, fontSize: 12, width: 150, overflow: 'truncate' },
    }),
    series: [
      {
        type: 'bar',
        barWidth: 14,
        data: items.map((item, i) => ({ value: item.share, itemStyle: { color: i === 0 ? palette.now : palette.usual, borderRadius: 3 } })),
        label: {
          show: true,
          position: 'right',
          color: palette.text,
          fontSize: 11,
          formatter: (params: unknown) => endLabel(items[indexOf(params)]),
        },
      },
    ],
  };
}

function endLabel(item: Contribution | undefined): string {
  if (!item) return '';
  return item.scoreWithout === undefined
    ? formatShare(item.share)
    : `${formatShare(item.share)}, ${formatScore(item.scoreWithout)} without it`;
}
function contributionText(item: Contribution | undefined): string {
  if (!item) return '';
  const lines = [item.label, `${formatShare(item.share)} of the score`];
  if (item.scoreWithout !== undefined) lines.push(`without it the score would be ${formatScore(item.scoreWithout)}`);
  if (item.sentence !== undefined) lines.push(wrap(item.sentence, 56));
  return lines.join('\n');
}

/** Breaks a sentence at spaces: the canvas tooltip does not wrap by itself. */
export function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
