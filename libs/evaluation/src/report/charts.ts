import { escapeText, linePath, type Point } from './svg.js';
import { MAIN_BUDGET, type Measured } from '../measure.js';
import type { CalibrationRow } from '../metrics/calibration-table.js';

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}
interface Axis {
  readonly title: string;
  readonly from: number;
  readonly to: number;
  readonly log: boolean;
  readonly ticks: readonly number[];
  readonly write: (value: number) => string;
}

const WIDTH = 760;
const HEIGHT = 420;
const PLOT = { left: 64, right: 240, top: 20, bottom: 52 } as const;
/** Told apart by people who see colours otherwise (Okabe & Ito, 2008); the first is ours. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7f7f7f', '#8c564b'];

/** Lines on a white ground, so that a page in either theme shows them. */
export function lineChart(title: string, x: Axis, y: Axis, series: readonly Series[], steps = false): string {
  const right = WIDTH - PLOT.right;
  const bottom = HEIGHT - PLOT.bottom;
  const along = (axis: Axis, value: number, from: number, to: number): number => {
    const scale = axis.log ? Math.log : (plain: number) => plain;
    const share = (scale(Math.min(axis.to, Math.max(axis.from, value))) - scale(axis.from)) / (scale(axis.to) - scale(axis.from));
    return Math.round((from + share * (to - from)) * 10) / 10;
  };
  const px = (value: number): number => along(x, value, PLOT.left, right);
  const py = (value: number): number => along(y, value, bottom, PLOT.top);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeText(title)}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapeText(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...x.ticks.map(
      (tick) =>
        `<line x1="${px(tick)}" x2="${px(tick)}" y1="${PLOT.top}" y2="${bottom}" stroke="#e3e3e3"/><text x="${px(tick)}" y="${bottom + 18}" text-anchor="middle" fill="#333">${escapeText(x.write(tick))}</text>`,
    ),
    ...y.ticks.map(
      (tick) =>
        `<line x1="${PLOT.left}" x2="${right}" y1="${py(tick)}" y2="${py(tick)}" stroke="#e3e3e3"/><text x="${PLOT.left - 8}" y="${py(tick) + 4}" text-anchor="end" fill="#333">${escapeText(y.write(tick))}</text>`,
    ),
    `<text x="${(PLOT.left + right) / 2}" y="${HEIGHT - 10}" text-anchor="middle" fill="#333">${escapeText(x.title)}</text>`,
    `<text transform="translate(16 ${(PLOT.top + bottom) / 2}) rotate(-90)" text-anchor="middle" fill="#333">${escapeText(y.title)}</text>`,
  ];
  for (const [index, { name, points }] of series.entries()) {
    const colour = COLOURS[index % COLOURS.length] ?? '#000000';
    const scaled = points.map((point) => ({ x: px(point.x), y: py(point.y) }));
    const dash = index >= COLOURS.length ? ' stroke-dasharray="5 3"' : '';
    parts.push(`<path d="${linePath(scaled, steps)}" fill="none" stroke="${colour}" stroke-width="${index === 0 ? 3 : 1.8}"${dash}/>`);
    const legend = PLOT.top + 12 + index * 20;
    parts.push(
      `<line x1="${right + 16}" x2="${right + 36}" y1="${legend - 4}" y2="${legend - 4}" stroke="${colour}" stroke-width="${index === 0 ? 3 : 1.8}"${dash}/><text x="${right + 42}" y="${legend}" fill="#222">${escapeText(name)}</text>`,
    );
  }
  return `${[...parts, '</svg>'].join('\n')}\n`;
}

const share: Omit<Axis, 'title'> = {
  from: 0,
  to: 1,
  log: false,
  ticks: [0, 0.2, 0.4, 0.6, 0.8, 1],
  write: (value) => `${Math.round(value * 100)} %`,
};

/** In steps, as average precision adds it up: between two thresholds nothing is interpolated. */
export const precisionRecallChart = (measured: readonly Measured[]): string =>
  lineChart(
    'Precision against recall',
    { ...share, title: 'attacked identity-days found' },
    { ...share, title: 'of what is shown, attacks' },
    measured.map(({ title, curve }) => ({
      name: title,
      points: [
        ...curve.slice(0, 1).map(({ precision }) => ({ x: 0, y: precision })),
        ...curve.map(({ recall, precision }) => ({ x: recall, y: precision })),
      ],
    })),
    true,
  );

export const recallChart = (measured: readonly Measured[]): string =>
  lineChart(
    `Attacks found against the budget; the aim is set at ${MAIN_BUDGET}`,
    { title: 'alerts per 1000 identities and day', from: 0.5, to: 100, log: true, ticks: [0.5, 1, 2, 5, 10, 20, 50, 100], write: String },
    { ...share, title: 'attacks found' },
    measured.map(({ title, recallCurve }) => ({
      name: title,
      points: recallCurve.map(({ budget, recall }) => ({ x: budget, y: recall })),
    })),
  );

export function calibrationChart(rows: readonly CalibrationRow[]): string {
  const axis: Omit<Axis, 'title'> = { from: 1e-5, to: 0.3, log: true, ticks: [1e-5, 1e-4, 1e-3, 0.01, 0.1], write: String };
  return lineChart('Observed against nominal p of benign events', { ...axis, title: 'nominal p' }, { ...axis, title: 'observed share' }, [
    {
      name: 'benign events',
      points: rows.filter(({ observed }) => observed > 0).map(({ nominal, observed }) => ({ x: nominal, y: observed })),
    },
    { name: 'what p says', points: [1e-5, 0.3].map((value) => ({ x: value, y: value })) },
  ]);
}
