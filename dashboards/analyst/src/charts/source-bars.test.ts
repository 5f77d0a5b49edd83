import { describe, expect, it } from 'vitest';
import { contrast, palettes } from './palette.js';
import { resultColour, RESULT_NAMES, sourceBars, sourceSpark, type RecordBucket } from './source-bars.js';

const HOUR = 3_600_000;
const bucket = (n: number, more: Partial<RecordBucket> = {}): RecordBucket => ({
  ...{ at: n * HOUR, kept: n, ignored: 0, rejected: 0, usual: null },
  ...more,
});
const palette = palettes.light;

describe('bars of a source', () => {
  it('stack what was kept, ignored and rejected, and leave out what never was', () => {
    const option = sourceBars([bucket(1), bucket(2, { rejected: 3 })], HOUR, 'utc', palette);
    expect(option.series).toMatchObject([
      { name: 'kept', stack: 'records', data: [1, 2] },
      { name: 'rejected', stack: 'records', data: [0, 3] },
    ]);
  });
  it('are set beside what is usual as soon as anything is known of it', () => {
    const option = sourceBars([bucket(1, { usual: 4 }), bucket(2)], HOUR, 'utc', palette);
    expect(option.series).toMatchObject([{ name: 'kept' }, { type: 'line', name: 'usual', data: [4, null] }]);
  });
  it('have no axes as a spark, and nothing to point at', () => {
    const option = sourceSpark([bucket(1)], palette);
    expect(option).toMatchObject({ xAxis: { show: false }, yAxis: { show: false, min: 0 }, series: [{ silent: true }] });
    expect(option.tooltip).toBeUndefined();
  });
  it.each(['light', 'dark'] as const)('are marks that can be told from the ground (%s)', (scheme) => {
    const { surface } = palettes[scheme];
    for (const result of RESULT_NAMES) expect(contrast(resultColour(result, palettes[scheme]), surface)).toBeGreaterThanOrEqual(2.8);
  });
});
