import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashList, NO_HASHES } from './hash-list.js';
import { hash32 } from './observation.js';

describe('a list of hashes', () => {
  it('is what a set of them is, in their order, also when it was written down in between', () => {
    // Few different digits: parts of two neighbours often read like a third.
    const hash = fc.array(fc.constantFrom('a', '0'), { minLength: 8, maxLength: 8 }).map((digits) => digits.join(''));
    fc.assert(
      fc.property(fc.array(hash, { maxLength: 60 }), (hashes) => {
        let list = new HashList();
        const set = new Set<string>();
        for (const one of hashes) {
          expect(list.has(one)).toBe(set.has(one));
          if (!set.has(one)) list = list.with(one);
          set.add(one);
          list = set.size % 2 === 0 ? new HashList(String(list)) : HashList.of(list.list());
        }
        expect(list.list()).toEqual([...set]);
        expect(list.size).toBe(set.size);
      }),
      { seed: 5 },
    );
  });
  it('takes what hash32 makes, and leaves out what is none', () => {
    const list = HashList.of([hash32('host db1'), 'host database-1']);
    expect(list.list()).toEqual([hash32('host db1')]);
    expect([NO_HASHES.size, NO_HASHES.has(hash32('host db1'))]).toEqual([0, false]);
  });
});
