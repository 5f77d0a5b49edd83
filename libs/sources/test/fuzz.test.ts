import { describe, expect, it } from 'vitest';
import { chosen, NOW, ownFiles, slicesOf } from '../../../test/conformance/catalogue.js';
import { Mutator } from '../../../test/conformance/mutate.js';
import { parseSlice } from '../src/payload.js';

/** `npm run fuzz` reads a million; these few are for every commit. */
const RECORDS = 400;

describe('mutated records', () => {
  it.each(chosen([]).map((source) => [source.id, source] as const))('of %s are each answered, and no parser breaks', (_id, source) => {
    const texts = ownFiles(source).flatMap((file) =>
      slicesOf(source, file).flatMap((slice) => (slice.kind === 'text' ? [slice.text] : [])),
    );
    const mutator = new Mutator(20_260_105);
    for (let done = 0; done < RECORDS; done += 1) {
      const text = mutator.mutate(mutator.pick(texts), mutator.pick(texts));
      const results = parseSlice(source, { kind: 'text', line: 1, text }, { now: NOW });
      expect(results.length).toBeGreaterThan(0);
      for (const result of results) expect(result.kind === 'rejected' && result.code === 'parser_bug' ? text : '').toBe('');
    }
  });
  it('are the same for the same seed', () => {
    const mutated = (seed: number): readonly string[] => {
      const mutator = new Mutator(seed);
      return Array.from({ length: 20 }, () => mutator.mutate('{"user":"anna","time":1767600000}', 'x=y'));
    };
    expect(mutated(7)).toEqual(mutated(7));
    expect(mutated(7)).not.toEqual(mutated(8));
  });
});
