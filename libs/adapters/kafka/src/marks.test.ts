import type { BusRecord } from '@keyward/runtime';
import { describe, expect, it } from 'vitest';
import { inputsOfNote, marksOfRecord, marksRecord, noteOf, orderHeaders, orderOfRecord } from './marks.js';

const record = (headers: Record<string, string>, value = ''): BusRecord => ({
  offset: 0,
  key: undefined,
  value: Buffer.from(value),
  headers,
  timestamp: 0,
});

describe('order and marks as records carry them', () => {
  it('gives back an order, and a topic name with blanks', () => {
    const order = { input: 'access.raw.my source/12', reach: 1_790_000_000_123 };
    expect(orderOfRecord(record(orderHeaders(order)))).toEqual(order);
  });
  it('takes a record without order, or with one that is none, as it stands', () => {
    for (const headers of [{}, { 'keyward-order': '' }, { 'keyward-order': 'x y' }, { 'keyward-order': '5' }]) {
      expect(orderOfRecord(record(headers))).toBeUndefined();
    }
  });
  it('gives back marks, and learns nothing from marks that can not be read', () => {
    const marks = [{ input: 'a/0', reach: 5, behind: true }];
    const { headers, value } = marksRecord(marks);
    expect(marksOfRecord(record(headers, value))).toEqual(marks);
    expect(marksOfRecord(record(headers, '[[1]]'))).toEqual([]);
    expect(marksOfRecord(record(headers, 'no json'))).toEqual([]);
    expect(marksOfRecord(record({}, value))).toBeUndefined();
  });
});

describe('a note beside a committed offset', () => {
  it('names what is behind, and counts the others as resting', () => {
    const inputs = new Map([
      ['a/0', { reach: 5, behind: true }],
      ['a/1', { reach: 9, behind: false }],
      ['b/0', { reach: 7, behind: false }],
    ]);
    expect(inputsOfNote(noteOf(inputs), ['a/0', 'a/1', 'b/0'])).toEqual(
      new Map([
        ['a/0', { reach: 5, behind: true }],
        ['a/1', { reach: 9, behind: false }],
        ['b/0', { reach: 9, behind: false }],
      ]),
    );
  });
  it('knows nothing of an input without a note, so that it is waited for', () => {
    for (const note of [undefined, '', '!']) expect(inputsOfNote(note, ['a/0'])).toEqual(new Map([['a/0', { reach: -1, behind: true }]]));
  });
  it('fits into what a broker takes with three hundred inputs that are all behind', () => {
    const inputs = new Map(
      Array.from({ length: 300 }, (_, at) => [
        `access.raw.source${at >> 3}/${at & 7}`,
        { reach: 1_790_000_000_000 + at * 7_919, behind: true },
      ]),
    );
    const note = noteOf(inputs);
    expect(note.length).toBeLessThanOrEqual(4_000);
    expect(note).not.toBe('');
    expect(inputsOfNote(note, [...inputs.keys()])).toEqual(inputs);
  });
});
