import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CounterTable } from './counter-table.js';

describe('counter table', () => {
  it('keeps at most its cap, dropping the lightest, whose weight stays in the total', () => {
    const table = new CounterTable(2);
    table.add('a', 5);
    table.add('b', 3);
    table.add('c', 4);
    expect([table.get('a'), table.get('b'), table.get('c'), table.total]).toEqual([5, 0, 4, 12]);
  });
  it('lists the heaviest first, ties by name', () => {
    const table = new CounterTable(9, 0, Object.entries({ z: 2, a: 2, m: 7, x: 1 }));
    expect(table.top(3).map(({ value }) => value)).toEqual(['m', 'a', 'z']);
  });
  it('forgets by halves', () => {
    const table = new CounterTable(9, 10, Object.entries({ a: 9, b: 1 }));
    table.halve(1);
    expect([table.get('a'), table.size, table.total]).toEqual([4, 1, 5]);
  });
  it('counts the same in any order while nothing falls out', () => {
    const item = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 512 }));
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const tables = [items, items.toReversed()].map((order) => {
          const table = new CounterTable(3);
          for (const [value, weight] of order) table.add(value, weight);
          return JSON.stringify([table.total, table.top(3)]);
        });
        return tables[0] === tables[1];
      }),
      { seed: 12 },
    );
  });
});
