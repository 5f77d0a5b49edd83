import { describe, expect, it } from 'vitest';
import { smoothWeek, weekBin, weekBinLabel } from './week.js';

describe('time of week', () => {
  it.each([
    ['2026-01-05T00:00:00Z', 0, 0], // Monday
    ['2026-01-05T03:15:00Z', 0, 13],
    ['2026-01-09T23:59:59Z', 0, 95],
    ['2026-01-10T00:00:00Z', 0, 96], // Saturday
    ['2026-01-09T23:30:00Z', 60, 98], // already Saturday in local time
    ['2026-01-05T02:00:00Z', -300, 96 + 84], // still Sunday 21:00
    ['1969-12-31T12:00:00Z', 0, 48], // before the epoch, a Wednesday
  ])('%s with offset %i min is bin %i', (at, offset, bin) => {
    expect(weekBin(Date.parse(at), offset)).toBe(bin);
  });
  it('is told in words', () => {
    expect(weekBinLabel(13)).toBe('weekday 03:15');
    expect(weekBinLabel(96 + 84)).toBe('weekend 21:00');
  });
  it('smooths within each ring, around midnight, keeping the sum', () => {
    const weights = new Array<number>(192).fill(0);
    weights[0] = 10;
    const smooth = smoothWeek(weights, new Float64Array(192));
    expect([smooth[95], smooth[0], smooth[1], smooth[96]]).toEqual([2, 6, 2, 0]);
    expect(smooth.reduce((sum, value) => sum + value, 0)).toBeCloseTo(10, 12);
  });
});
