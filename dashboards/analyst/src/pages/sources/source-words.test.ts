import { describe, expect, it } from 'vitest';
import { describeSource, formatHourly, formatLag } from './source-words.js';
import { hoursOf } from './windows.js';

describe('words about a source', () => {
  it.each([
    [0, 'none'],
    [0.02, '<1 a day'],
    [0.5, '12 a day'],
    [1_204, '1,204 an hour'],
  ])('tell %s records an hour as %s', (perHour, words) => {
    expect(formatHourly(perHour)).toBe(words);
  });
  it.each([
    [1, '≤ 1 s'],
    [9.5, '10 s'],
    [304.4, '5 min 4 s'],
  ])('tell a lag of %s s as %s', (seconds, words) => {
    expect(formatLag(seconds)).toBe(words);
  });
  it('say what becomes of the records in parts, and when there are none', () => {
    expect(describeSource({ kept: 3, ignored: 0, rejected: 1 })).toBe('3 kept (75%), 1 rejected (25%)');
    expect(describeSource({ kept: 0, ignored: 0, rejected: 0 })).toBe('no records');
  });
  it('take a window that there is, else a day', () => {
    expect(['1', '168', '5', undefined].map(hoursOf)).toEqual([1, 168, 24, 24]);
  });
});
