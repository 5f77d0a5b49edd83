/**
 * Every colour of the dashboard. `applyPalette` puts the same values on the page as custom properties for the style sheets, so that nothing else names a colour.
 * Text tokens reach 4.5:1 and marks 3:1 against `surface` and `canvas`; neighbouring severities stay apart for people who cannot tell red from green
 * (`palette.test.ts` measures both).
 */
export interface Palette {
  readonly canvas: string;
  readonly surface: string;
  readonly raised: string;
  readonly border: string;
  readonly borderStrong: string;
  readonly text: string;
  readonly muted: string;
  readonly accent: string;
  readonly accentText: string;
  readonly accentSoft: string;
  readonly positive: string;
  readonly danger: string;
  readonly dangerSoft: string;
  readonly warning: string;
  readonly warningSoft: string;
  readonly severity: Readonly<Record<SeverityName, string>>;
  /** Counts from none to many. */
  readonly sequence: readonly [string, string, string, string, string, string];
  /** Usual behaviour in charts that set it beside what is happening now. */
  readonly usual: string;
  readonly now: string;
  readonly land: string;
  readonly landBorder: string;
}
export type SeverityName = 'informational' | 'low' | 'medium' | 'high' | 'critical';
export type Scheme = 'light' | 'dark';

const light: Palette = {
  canvas: '#f5f6f8',
  surface: '#ffffff',
  raised: '#f0f2f5',
  border: '#e1e5ea',
  borderStrong: '#c3cad3',
  text: '#151a21',
  muted: '#56606e',
  accent: '#2450b8',
  accentText: '#ffffff',
  accentSoft: '#e8eefb',
  positive: '#1a7548',
  danger: '#b3261e',
  dangerSoft: '#fcecea',
  warning: '#8a5a00',
  warningSoft: '#fdf3dc',
  severity: { informational: '#7c8795', low: '#4a8fd6', medium: '#bf8c00', high: '#c2410c', critical: '#7d1148' },
  sequence: ['#eef1f5', '#d2dff5', '#a6c1ec', '#6f99dd', '#3a6bc4', '#1c3f8c'],
  usual: '#8fb0e6',
  now: '#c2410c',
  land: '#e4e8ee',
  landBorder: '#c3cad3',
};

const dark: Palette = {
  canvas: '#0d1015',
  surface: '#14181f',
  raised: '#1b2028',
  border: '#262c36',
  borderStrong: '#3a4350',
  text: '#e7ebf0',
  muted: '#9ba6b5',
  accent: '#86abff',
  accentText: '#0d1015',
  accentSoft: '#1b2740',
  positive: '#58c48d',
  danger: '#ff8a80',
  dangerSoft: '#3a1c1b',
  warning: '#f0bf57',
  warningSoft: '#33270f',
  severity: { informational: '#8793a3', low: '#5a9be0', medium: '#f2d15c', high: '#f5803a', critical: '#ff5c9a' },
  sequence: ['#1b2028', '#1e3050', '#28497f', '#3a6bb8', '#6d9be6', '#bcd4ff'],
  usual: '#4d7cc9',
  now: '#f5803a',
  land: '#222933',
  landBorder: '#3a4350',
};

export const palettes: Readonly<Record<Scheme, Palette>> = { light, dark };
export const SEVERITY_NAMES: readonly SeverityName[] = ['informational', 'low', 'medium', 'high', 'critical'];

/** Relative luminance of `#rrggbb`, 0 to 1. WCAG 2.2, "relative luminance". */
export function luminance(hex: string): number {
  const [r, g, b] = linearRgb(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG contrast ratio of two `#rrggbb` colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((hi ?? 0) + 0.05) / ((lo ?? 0) + 0.05);
}

/** Linear-light red, green and blue of `#rrggbb`, each 0 to 1. */
export function linearRgb(hex: string): readonly [number, number, number] {
  const channel = (at: number): number => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** `#rrggbb` with an opacity of 0 to 1, for fills under a line. */
export function withAlpha(hex: string, alpha: number): string {
  const value = Math.round(Math.min(1, Math.max(0, alpha)) * 255);
  return `${hex}${value.toString(16).padStart(2, '0')}`;
}
