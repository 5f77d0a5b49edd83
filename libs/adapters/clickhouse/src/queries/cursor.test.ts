import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeCursor, encodeCursor, pageFrom } from './cursor.js';

const Position = z.tuple([z.number(), z.string()]);

describe('cursors', () => {
  it('come back as they were, whatever the text', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string({ unit: 'grapheme' }), (value, uid) => {
        // JSON has no negative zero.
        expect(decodeCursor(Position, encodeCursor([value + 0, uid]))).toEqual([value + 0, uid]);
      }),
    );
  });
  it('that this list has not given are refused, and never crash', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => decodeCursor(Position, text)).toThrow('cursor');
      }),
    );
    expect(() => decodeCursor(Position, encodeCursor(['x', 1]))).toThrow('cursor');
    expect(decodeCursor(Position, undefined)).toBeUndefined();
  });
  it('are given exactly when there is a next page', () => {
    const cursorOf = (row: number): string => String(row);
    expect(pageFrom([1, 2, 3], 2, cursorOf, (row) => row * 10)).toEqual({ items: [10, 20], nextCursor: '2' });
    expect(pageFrom([1, 2], 2, cursorOf, (row) => row)).toEqual({ items: [1, 2], nextCursor: null });
    expect(pageFrom([], 2, cursorOf, (row) => row)).toEqual({ items: [], nextCursor: null });
  });
});
