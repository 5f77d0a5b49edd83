import { describe, expect, it } from 'vitest';
import { SEVERITY_NAMES, contrast, linearRgb, palettes, withAlpha, type Palette } from './palette.js';

/** Viénot, Brettel and Mollon 1999: how a deuteranope and a protanope see linear RGB. */
const BLINDNESS = {
  deuteranopia: [
    [0.29275, 0.70725, 0],
    [0.29275, 0.70725, 0],
    [-0.02234, 0.02234, 1],
  ],
  protanopia: [
    [0.11238, 0.88762, 0],
    [0.11238, 0.88762, 0],
    [0.00401, -0.00401, 1],
  ],
} as const;

/** CIE L*a*b* of linear sRGB (D65), for a distance that means the same everywhere. */
function lab(rgb: readonly number[]): readonly [number, number, number] {
  const [r = 0, g = 0, b = 0] = rgb.map((value) => Math.min(1, Math.max(0, value)));
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
const seenBy = (matrix: readonly (readonly number[])[], hex: string): readonly number[] => {
  const rgb = linearRgb(hex);
  return matrix.map((row) => row.reduce((sum, weight, i) => sum + weight * (rgb[i] ?? 0), 0));
};
const distance = (a: readonly number[], b: readonly number[]): number => {
  const [p, q] = [lab(a), lab(b)];
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
};

const schemes: readonly (readonly [string, Palette])[] = Object.entries(palettes);
const textTokens = ['text', 'muted', 'accent', 'positive', 'danger', 'warning'] as const;

describe.each(schemes)('%s palette', (_name, palette) => {
  it.each(textTokens)('%s text reaches AA (4.5:1) on canvas, surface and raised', (token) => {
    for (const ground of [palette.canvas, palette.surface, palette.raised])
      expect(contrast(palette[token], ground)).toBeGreaterThanOrEqual(4.5);
  });

  it('text on soft grounds and on the accent reaches AA', () => {
    expect(contrast(palette.danger, palette.dangerSoft)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette.warning, palette.warningSoft)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette.accent, palette.accentSoft)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette.accentText, palette.accent)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(SEVERITY_NAMES)('the mark of %s stands out (3:1) from the surface', (severity) => {
    expect(contrast(palette.severity[severity], palette.surface)).toBeGreaterThanOrEqual(3);
  });

  it.each(Object.entries(BLINDNESS))('severities that stand side by side differ under %s', (_kind, matrix) => {
    SEVERITY_NAMES.slice(1).forEach((severity, i) => {
      const below = SEVERITY_NAMES[i] ?? 'informational';
      const far = distance(seenBy(matrix, palette.severity[severity]), seenBy(matrix, palette.severity[below]));
      expect(far, `${below} against ${severity}`).toBeGreaterThan(14);
    });
  });

  it('the sequence for counts only ever gets stronger', () => {
    const strengths = palette.sequence.map((colour) => contrast(colour, palette.surface));
    expect(strengths).toEqual([...strengths].sort((a, b) => a - b));
  });
});

describe('withAlpha', () => {
  it('adds the opacity as two hex digits, clamped', () => {
    expect(withAlpha('#102030', 0.5)).toBe('#10203080');
    expect(withAlpha('#102030', 7)).toBe('#102030ff');
  });
});
