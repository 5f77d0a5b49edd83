import type { DriftReport } from './drift.js';
import { escapeText } from './svg.js';

const WIDTH = 760;
const HEIGHT = 380;
const PLOT = { left: 64, right: 20, top: 48, bottom: 56 } as const;
/** Okabe & Ito, 2008. */
const COLOURS = { behaviour: '#0072b2', others: '#a6c8e0', budget: '#d55e00', drift: '#fff3d6' } as const;
const STEPS: readonly number[] = [0.5, 1, 2, 5, 10, 20, 50, 100, 200];

/** Bars of alerts per 1000 identities and day, a week each: of behaviour, and all. The weeks of drift are shaded, the budget with its 20 % is marked. */
export function volumeChart({ weeks, budget }: DriftReport): string {
  const title = 'Alerts by week under drift, per 1000 identities and day';
  const most = Math.max(budget * 1.5, ...weeks.map(({ allPerThousand }) => allPerThousand));
  const step = STEPS.find((size) => most / size <= 6) ?? most / 6;
  const top = Math.ceil(most / step) * step;
  const right = WIDTH - PLOT.right;
  const bottom = HEIGHT - PLOT.bottom;
  const py = (value: number): number => Math.round((bottom - (value / top) * (bottom - PLOT.top)) * 10) / 10;
  const slot = (right - PLOT.left) / Math.max(1, weeks.length);
  const px = (index: number, share: number): number => Math.round((PLOT.left + (index + share) * slot) * 10) / 10;
  const bar = (index: number, value: number, colour: string): string =>
    `<rect x="${px(index, 0.2)}" y="${py(value)}" width="${Math.round(slot * 6) / 10}" height="${Math.round((bottom - py(value)) * 10) / 10}" fill="${colour}"/>`;
  const text = (x: number, y: number, anchor: string, words: string): string =>
    `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#333">${escapeText(words)}</text>`;
  const across = (value: number, style: string): string =>
    `<line x1="${PLOT.left}" x2="${right}" y1="${py(value)}" y2="${py(value)}" ${style}/>`;
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => Math.round(index * step * 10) / 10);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeText(title)}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapeText(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...weeks.flatMap(({ kinds }, index) =>
      kinds.length === 0
        ? []
        : [
            `<rect x="${px(index, 0)}" y="${PLOT.top - 20}" width="${Math.round(slot * 10) / 10}" height="${bottom - PLOT.top + 20}" fill="${COLOURS.drift}"/>`,
            text(px(index, 0.5), PLOT.top - 6, 'middle', kinds.join(', ')),
          ],
    ),
    ...ticks.flatMap((tick) => [across(tick, 'stroke="#e3e3e3"'), text(PLOT.left - 8, py(tick) + 4, 'end', String(tick))]),
    ...weeks.flatMap(({ week, allPerThousand, behaviourPerThousand }, index) => [
      bar(index, allPerThousand, COLOURS.others),
      bar(index, behaviourPerThousand, COLOURS.behaviour),
      text(px(index, 0.5), bottom + 18, 'middle', week.slice(5)),
    ]),
    across(budget, `stroke="${COLOURS.budget}" stroke-width="2"`),
    ...[0.8, 1.2].map((share) => across(budget * share, `stroke="${COLOURS.budget}" stroke-dasharray="5 3"`)),
    text(
      (PLOT.left + right) / 2,
      HEIGHT - 12,
      'middle',
      `week of; dark: unusual behaviour, light: all alerts; line: budget of ${budget} and 20 % around it`,
    ),
    `<text transform="translate(16 ${(PLOT.top + bottom) / 2}) rotate(-90)" text-anchor="middle" fill="#333">per 1000 identities and day</text>`,
    '</svg>',
  ].join('\n')}\n`;
}
