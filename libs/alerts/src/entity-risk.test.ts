import { DAY_MS } from '@keyward/events';
import { MONDAY_9 } from '@keyward/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RiskContribution } from './alert.js';
import { MAX_CONTRIBUTIONS, decayedEvidence, entityRiskAt, evidenceOf, oddsMultiplier, pruneContributions, riskOf } from './entity-risk.js';

const ordinary = { criticality: 1, privileged: false, kind: 'human' } as const;
const contribution = (fields: Partial<RiskContribution> = {}): RiskContribution => ({
  findingUid: 'finding-1',
  detection: 'impossible_travel',
  at: MONDAY_9,
  evidence: evidenceOf(1e-6),
  halfLifeDays: 7,
  ...fields,
});
const several = (count: number, fields: Partial<RiskContribution> = {}) =>
  Array.from({ length: count }, (_, index) => contribution({ findingUid: `finding-${index}`, ...fields }));

describe('entity risk', () => {
  it('is 75 for one finding of p = 1e-6', () => {
    expect(entityRiskAt([contribution()], MONDAY_9, ordinary).risk).toBeCloseTo(74.88, 2);
  });

  // E = 13.8155 (1 + 2^-1.5), 13.8155 (1 + 2^-1.5 + 3^-1.5)
  it.each([
    [1, 74.8811],
    [2, 84.5882],
    [3, 88.187],
  ])('of %i equal findings is %d', (count, risk) => {
    expect(entityRiskAt(several(count), MONDAY_9, ordinary).risk).toBeCloseTo(risk, 1);
  });

  it('is halved in evidence after seven days, after thirty for separation of duties', () => {
    expect(decayedEvidence(contribution(), MONDAY_9 + 7 * DAY_MS)).toBeCloseTo(evidenceOf(1e-6) / 2, 9);
    expect(decayedEvidence(contribution({ halfLifeDays: 30 }), MONDAY_9 + 30 * DAY_MS)).toBeCloseTo(evidenceOf(1e-6) / 2, 9);
    expect(entityRiskAt([contribution()], MONDAY_9 + 7 * DAY_MS, ordinary).risk).toBeCloseTo(100 * (1 - Math.exp(-0.690776)), 3);
  });

  it('knows nothing of what is yet to come', () => {
    expect(entityRiskAt([contribution()], MONDAY_9 - 1, ordinary)).toEqual({ risk: 0, contributions: [] });
  });

  it('multiplies the odds by criticality and privilege', () => {
    expect(oddsMultiplier({ criticality: 2, privileged: true, kind: 'human' })).toBe(3);
    expect(oddsMultiplier({ criticality: 1, privileged: false, kind: 'break_glass' })).toBe(2.5);
    // Odds of 50 are 1; tripled they are 3, which is 75.
    expect(riskOf(10 * Math.LN2, 3)).toBeCloseTo(75, 6);
  });

  it('stays within 0 and 100 and finite, whatever comes', () => {
    const any = fc.record({
      evidence: fc.double({ min: 0, max: 1, noNaN: true }).map(evidenceOf),
      at: fc.integer({ min: 0, max: 4e12 }),
      halfLifeDays: fc.constantFrom(7, 30),
    });
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 50 }),
        fc.integer({ min: 0, max: 4e12 }),
        fc.constantFrom(0.5, 1, 1.5, 2),
        fc.boolean(),
        (items, at, criticality, privileged) => {
          const contributions = items.map((item, index) => contribution({ ...item, findingUid: `f${index}` }));
          const { risk, contributions: shown } = entityRiskAt(contributions, at, { criticality, privileged, kind: 'human' });
          expect(risk).toBeGreaterThanOrEqual(0);
          expect(risk).toBeLessThanOrEqual(100);
          if (shown.length > 0) expect(shown.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
        },
      ),
    );
  });

  it('does not depend on the order of contributions', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          several(12).map((item, index) => ({ ...item, evidence: 1 + (index % 4), at: MONDAY_9 - index * DAY_MS })),
          { minLength: 12 },
        ),
        (shuffled) => {
          const sorted = shuffled.toSorted((a, b) => (a.findingUid < b.findingUid ? -1 : 1));
          expect(entityRiskAt(shuffled, MONDAY_9, ordinary)).toEqual(entityRiskAt(sorted, MONDAY_9, ordinary));
        },
      ),
    );
  });

  it('forgets what has decayed to nothing, and keeps the strongest when there are too many', () => {
    expect(pruneContributions([contribution()], MONDAY_9 + 70 * DAY_MS).length).toBe(1);
    expect(pruneContributions([contribution()], MONDAY_9 + 80 * DAY_MS)).toEqual([]);
    const many = [...several(MAX_CONTRIBUTIONS + 50, { evidence: 1 }), contribution({ findingUid: 'strong', evidence: 9 })];
    const kept = pruneContributions(many, MONDAY_9);
    expect(kept.length).toBe(MAX_CONTRIBUTIONS);
    expect(kept.at(-1)?.findingUid).toBe('strong');
  });
});
