import { Term } from '@keyward/contract';
import { describe, expect, it } from 'vitest';
import { counterfactual, namesOf, namesWithFactors, partedTerms } from './counterfactual.js';

const term = (feature: string, share: number, scoreWithout: number): Term =>
  Term.parse({
    ...{ feature, share, scoreWithout, observed: 'x', usual: [], evidence: 1, p: 0.01, confidence: 1, factors: [], sentence: 'x' },
    counts: { person: 0, peers: 0, all: 0 },
  });

describe('what would make a score harmless', () => {
  it('is the one thing that it stands on', () => {
    expect(counterfactual([term('A1_network', 1, 3)], 81)).toBe('It stands on network alone: were that explained, the score would be 3.');
  });
  it('is the strongest of several, where that is enough', () => {
    expect(counterfactual([term('A2_device', 0.2, 70), term('A1_network', 0.8, 22)], 81)).toBe(
      'It stands on network most of all: were that explained, the score would be 22 in place of 81.',
    );
  });
  it('is no single thing, where the others would do', () => {
    expect(counterfactual([term('A1_network', 0.5, 64), term('A2_device', 0.5, 60)], 81)).toContain(
      'No single reason carries it: were network, the strongest, explained, the score would still be 64',
    );
  });
  it('does not take for a reason what was found usual', () => {
    const terms = [term('A1_network', 1, 3), term('A4_travel', 0, 81)];
    expect(counterfactual(terms, 81)).toContain('alone');
    expect(namesOf(partedTerms(terms).usual)).toBe('travel');
    const accepted = { ...term('A1_network', 0, 9), factors: [{ name: 'accepted by mia on 2026-01-05, until 2026-04-05', factor: 0.1 }] };
    expect(namesWithFactors([accepted, term('A4_travel', 0, 9)])).toBe(
      'network (accepted by mia on 2026-01-05, until 2026-04-05: counts ×0.1), travel',
    );
    expect(counterfactual([term('A4_travel', 0, 2)], 2)).toBe('Nothing about it was far from usual.');
  });
});
