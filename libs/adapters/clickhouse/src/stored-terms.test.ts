import type { Term } from '@keyward/baselines';
import { sentenceOf } from '@keyward/baselines';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TermsColumn } from './queries/term-rows.js';
import { decodeTerms, encodeTerms } from './stored-terms.js';

const share = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0); // JSON has no -0
const count = fc.nat(100_000).map((tenths) => tenths / 10);
const term: fc.Arbitrary<Term> = fc.record(
  {
    feature: fc.constantFrom('A1_network', 'A2_device', 'B1_resource', 'Z9_of_another_version'),
    observed: fc.string(),
    usual: fc.array(fc.record({ value: fc.string(), share }), { maxLength: 3 }),
    evidence: fc.double({ min: -20, max: 60, noNaN: true }).map((value) => value + 0),
    p: share,
    share,
    counts: fc.record({ person: count, peers: count, all: count }),
    confidence: share,
    factors: fc.array(fc.record({ name: fc.string(), factor: share }), { maxLength: 3 }),
    scoreWithout: share,
    history: fc.nat(),
    details: fc.record({ act: fc.constant(true), device: fc.string() }, { requiredKeys: [] }),
  },
  {
    requiredKeys: ['feature', 'observed', 'usual', 'evidence', 'p', 'share', 'counts', 'confidence', 'factors', 'scoreWithout', 'history'],
  },
);

describe('stored terms', () => {
  it('give back every term, in its order, with its keys in the order that the model writes them', () => {
    fc.assert(
      fc.property(fc.array(term, { maxLength: 7 }), (terms) => {
        expect(JSON.stringify(decodeTerms(encodeTerms(terms)))).toBe(JSON.stringify(terms));
      }),
      { seed: 18, numRuns: 200 },
    );
  });

  it('are read with their sentences, and without what only the sentence needs', () => {
    const [one] = fc.sample(term, { seed: 18, numRuns: 1 });
    if (!one) throw new Error('no sample');
    const [view] = TermsColumn.parse(encodeTerms([one]));
    expect(view).toMatchObject({ feature: one.feature, sentence: sentenceOf(one) });
    expect(view).not.toHaveProperty('history');
    expect(TermsColumn.parse('[]')).toEqual([]);
  });

  it('of a version that wrote sentences down keep these', () => {
    const old = {
      feature: 'A1_network',
      observed: '198.51.100.0/24',
      usual: [{ value: '203.0.113.0/24', share: 0.9 }],
      evidence: 4.2,
      p: 0.015,
      share: 0.8,
      counts: { person: 0, peers: 3, all: 40 },
      confidence: 0.9,
      factors: [{ name: 'on leave: elsewhere is likely', factor: 0.5 }],
      scoreWithout: 12,
      sentence: 'As it was said then.',
    };
    expect(TermsColumn.parse(JSON.stringify([old]))).toEqual([old]);
  });
});
