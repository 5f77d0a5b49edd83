import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCount, formatOdds, formatRate, formatScore, formatShare, formatShort, plural } from './number.js';
import {
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  formatBucket,
  formatCountdown,
  formatDay,
  formatDuration,
  formatField,
  formatInstant,
  formatMinute,
  formatRelative,
  parseField,
} from './time.js';

const at = Date.UTC(2026, 0, 5, 14, 2, 11);

describe('numbers', () => {
  it('groups thousands', () => {
    expect(formatCount(1_204_331)).toBe('1,204,331');
  });
  it('keeps all digits below ten thousand and shortens above', () => {
    expect([formatShort(9_999), formatShort(12_345), formatShort(2_500_000)]).toEqual(['9,999', '12.3K', '2.5M']);
  });
  it('never shows something as nothing', () => {
    expect([formatScore(0), formatScore(0.2), formatShare(0), formatShare(0.001), formatShare(0.9999)]).toEqual([
      '0',
      '<1',
      '0%',
      '<1%',
      '>99%',
    ]);
  });
  it('says so when a number is missing', () => {
    expect([formatCount(NaN), formatShort(NaN), formatScore(NaN), formatShare(NaN), formatRate(NaN)]).toEqual(['–', '–', '–', '–', '–']);
  });
  it('keeps a score in 0 to 100 whatever comes', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (score) => /^(<1|\d{1,3})$/.test(formatScore(score))));
  });
  it('says a probability as odds', () => {
    expect([0.000_312_5, 0, 0.5, 1 / 62_190, 1 / 3_101_807_987, 0.4].map(formatOdds)).toEqual([
      '1 in 3,200',
      'practically never',
      'not rare',
      '1 in 62,000',
      '1 in 3.1 billion',
      '1 in 2.5',
    ]);
  });
  it('agrees in number', () => {
    expect([plural(1, 'alert'), plural(1200, 'alert'), plural(2, 'identity', 'identities')]).toEqual([
      '1 alert',
      '1,200 alerts',
      '2 identities',
    ]);
  });
});

describe('times', () => {
  it('shows an instant in UTC, saying so', () => {
    expect([formatInstant(at, 'utc'), formatMinute(at, 'utc'), formatDay(at, 'utc')]).toEqual([
      '2026-01-05 14:02:11 UTC',
      '01-05 14:02',
      '2026-01-05',
    ]);
  });
  it('shows no instant as a dash', () => {
    expect(formatInstant(undefined, 'utc')).toBe('–');
  });
  it('labels a day-long bucket by its day and an hour-long one by its hour', () => {
    expect([formatBucket(at, DAY_MS, 'utc'), formatBucket(at, HOUR_MS, 'utc')]).toEqual(['01-05', '01-05 14:02']);
  });
  it('says a duration in its two largest units', () => {
    expect([formatDuration(2 * DAY_MS + 3 * HOUR_MS), formatDuration(14 * MINUTE_MS), formatDuration(8_900), formatDuration(-1)]).toEqual([
      '2 d 3 h',
      '14 min',
      '8 s',
      '0 s',
    ]);
  });
  it('says how long ago and how soon', () => {
    expect([formatRelative(at - 3 * MINUTE_MS, at), formatRelative(at + 2 * HOUR_MS, at), formatRelative(at, at)]).toEqual([
      '3 min ago',
      'in 2 h',
      'just now',
    ]);
  });
  it('counts down by the second and stops at zero', () => {
    expect([formatCountdown(HOUR_MS + 4 * MINUTE_MS + 9_000), formatCountdown(249_000), formatCountdown(-5)]).toEqual([
      '1:04:09',
      '04:09',
      '00:00',
    ]);
  });
});

describe('a time that is typed in', () => {
  it('comes back as it went, in both zones', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), fc.constantFrom('utc' as const, 'local' as const), (seconds, zone) => {
        const text = formatField(new Date(seconds * 1000).toISOString(), zone);
        // An hour that a local clock shows twice is told apart by nothing that can be typed.
        const back = parseField(text, zone) ?? NaN;
        expect(formatField(new Date(back).toISOString(), zone)).toBe(text);
        if (zone === 'utc') expect(back).toBe(seconds * 1000);
      }),
    );
  });
  it('is nothing when it is not complete', () => {
    expect(['', '2026-01-05', '2026-13-05T10:00', 'soon'].map((text) => parseField(text, 'utc'))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect([formatField(undefined, 'utc'), formatField('soon', 'utc')]).toEqual(['', '']);
    expect(formatField('2026-01-05T14:02:00.000Z', 'utc')).toBe('2026-01-05T14:02');
  });
});
