import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInstant } from './instant.js';

const utc = (text: string): number => Date.parse(text);

describe('parseInstant', () => {
  it.each([
    ['2026-01-05T09:00:00Z', '2026-01-05T09:00:00Z'],
    ['2026-01-05T09:00:00.1234567Z', '2026-01-05T09:00:00.123Z'],
    ['2026-01-05T09:00:00.5+02:00', '2026-01-05T07:00:00.500Z'],
    ['2026-01-05T09:00:00-0530', '2026-01-05T14:30:00Z'],
    ['2026-01-05 09:00:00', '2026-01-05T09:00:00Z'],
    ['2026-01-05 09:00:00 UTC', '2026-01-05T09:00:00Z'],
    ['2026-01-05', '2026-01-05T00:00:00Z'],
    ['1767603600', '2026-01-05T09:00:00Z'],
    ['1767603600.250', '2026-01-05T09:00:00.250Z'],
    ['1767603600123', '2026-01-05T09:00:00.123Z'],
    ['1767603600123456', '2026-01-05T09:00:00.123Z'],
    ['/Date(1767603600123)/', '2026-01-05T09:00:00.123Z'],
    ['Jan  5 2026 09:00:00', '2026-01-05T09:00:00Z'],
    ['2026 Jan 5 09:00:00.5', '2026-01-05T09:00:00.500Z'],
    ['Jan 05, 2026 09:00:00 UTC', '2026-01-05T09:00:00Z'],
    ['2026/01/05 09:00:00', '2026-01-05T09:00:00Z'],
    ['05.01.2026 09:00:00', '2026-01-05T09:00:00Z'],
    ['5.1.2026, 9:00', '2026-01-05T09:00:00Z'],
    ['05.01.2026 10:00:00.250 +01:00', '2026-01-05T09:00:00.250Z'],
    ['Mon, 05 Jan 2026 09:00:00 GMT', '2026-01-05T09:00:00Z'],
    ['05-Jan-2026 09:00:00', '2026-01-05T09:00:00Z'],
    ['05/Jan/2026:10:00:00 +0100', '2026-01-05T09:00:00Z'],
    ['Mon Jan  5 09:00:00 2026', '2026-01-05T09:00:00Z'],
    ['1/5/2026, 9:00:00.123 AM', '2026-01-05T09:00:00.123Z'],
    ['01/05/2026 12:00:00 AM', '2026-01-05T00:00:00Z'],
    ['1/5/2026 12:30 PM', '2026-01-05T12:30:00Z'],
    ['Mon Jan  5 09:00:00 UTC 2026', '2026-01-05T09:00:00Z'],
  ])('reads %s', (written, instant) => {
    expect(parseInstant(written)).toBe(utc(instant));
  });

  it('reads seconds, milliseconds, microseconds and nanoseconds as numbers', () => {
    for (const value of [1_767_603_600, 1_767_603_600_000, 1_767_603_600_000_000, 1_767_603_600_000_000_000])
      expect(parseInstant(value)).toBe(utc('2026-01-05T09:00:00Z'));
  });

  it('gives a time without a year the year in which it was received, also over New Year', () => {
    expect(parseInstant('Jan  5 09:00:00', utc('2026-01-05T09:00:10Z'))).toBe(utc('2026-01-05T09:00:00Z'));
    expect(parseInstant('Dec 31 23:59:59', utc('2026-01-01T00:00:03Z'))).toBe(utc('2025-12-31T23:59:59Z'));
    expect(parseInstant('Jan  1 00:00:01', utc('2025-12-31T23:59:58Z'))).toBe(utc('2026-01-01T00:00:01Z'));
    expect(parseInstant('Feb 29 12:00:00', utc('2026-03-01T00:00:00Z'))).toBe(utc('2024-02-29T12:00:00Z'));
    expect(parseInstant('Jan  5 09:00:00')).toBeUndefined();
  });

  it.each([
    '',
    'now',
    '2026-02-30T00:00:00Z',
    '2026-13-01',
    '2026-01-05T25:00:00Z',
    'Foo 5 09:00:00',
    '31.02.2026 09:00:00',
    '1/5/2026 09:00:00',
    '13/5/2026 9:00:00 AM',
    '1/5/2026 13:00:00 PM',
    '05 Foo 2026 09:00:00',
    '12:00',
    '-1',
    'Infinity',
  ])('refuses %s', (written) => {
    expect(parseInstant(written, utc('2026-01-05'))).toBeUndefined();
  });
  it('refuses what is neither text nor a positive number', () => {
    for (const value of [undefined, null, {}, [], NaN, Infinity, 0, -5, true]) expect(parseInstant(value)).toBeUndefined();
  });
  it('gives back any instant that JavaScript writes', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('1980-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
        expect(parseInstant(date.toISOString())).toBe(date.getTime());
        expect(parseInstant(date.getTime())).toBe(date.getTime());
      }),
    );
  });
});
