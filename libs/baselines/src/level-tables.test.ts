import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AT, LevelTables } from './level-tables.js';
import { LEVELS, LEVEL_NAMES } from './levels.js';

const level = fc.constantFrom(...LEVEL_NAMES);
const value = fc.constantFrom('a', 'b', 'c', 'd', '7', '10', '__proto__');
const acts = fc.array(fc.record({ level, value, weight: fc.integer({ min: 1, max: 512 }), take: fc.boolean() }), { maxLength: 60 });

describe('tables of all levels', () => {
  it('places each level where LEVEL_NAMES has it', () => {
    expect(LEVEL_NAMES.map((name) => AT[name])).toEqual(LEVEL_NAMES.map((_, index) => index));
  });
  it('keep at most the cap of a level, dropping the lightest, ties by name, whose weight stays in the total', () => {
    const tables = new LevelTables();
    tables.add(AT.mfa, 'a', 5);
    tables.add(AT.mfa, 'z', 3);
    tables.add(AT.mfa, 'm', 3);
    tables.add(AT.mfa, 'c', 4);
    expect([tables.top(AT.mfa, 3), tables.total(AT.mfa)]).toEqual([
      [
        { value: 'a', weight: 5 },
        { value: 'c', weight: 4 },
        { value: 'm', weight: 3 },
      ],
      15,
    ]);
  });
  it('forget by halves, and the lightest of all levels that have another value', () => {
    const tables = new LevelTables();
    tables.add(AT.net, 'n', 9);
    tables.add(AT.net, 'o', 1);
    tables.add(AT.typ, 'phone', 1);
    tables.halve(1);
    expect([tables.get(AT.net, 'n'), tables.size(AT.net), tables.total(AT.net), tables.size(AT.typ)]).toEqual([4, 1, 5, 0]);
    tables.add(AT.net, 'o', 2);
    expect([tables.forgetLightest(2), tables.size(AT.net), tables.total(AT.net), tables.forgetLightest(2)]).toEqual([true, 1, 7, false]);
  });
  it('hold what plain maps hold while nothing falls out, and come back from JSON with the same text', () => {
    fc.assert(
      fc.property(acts, (all) => {
        const tables = new LevelTables();
        const plain = new Map<string, number>();
        for (const { level: name, value: of, weight, take } of all) {
          const key = `${name} ${of}`;
          const known = plain.get(key) ?? 0;
          if (!take && known === 0 && tables.size(AT[name]) >= LEVELS[name].cap) continue;
          if (take) expect(tables.remove(AT[name], of, weight)).toBe(Math.min(known, weight));
          else tables.add(AT[name], of, weight);
          plain.set(key, take ? Math.max(0, known - weight) : known + weight);
        }
        for (const [key, weight] of plain) {
          const [name = 'net', of = ''] = key.split(' ');
          expect(tables.get(AT[LEVEL_NAMES.find((one) => one === name) ?? 'net'], of)).toBe(weight);
        }
        const text = JSON.stringify(tables);
        const stored: unknown = JSON.parse(text);
        expect(JSON.stringify(LevelTables.from(Object(stored) as Parameters<typeof LevelTables.from>[0]))).toBe(text);
      }),
      { seed: 12 },
    );
  });
});
