import { MONDAY_9, anEffect } from '@keyward/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GENESIS_HASH, appendLinks, verifyChain, type EffectDraft } from './decision-log.js';
import { Effect, EffectState } from './effect.js';

const chain = 'access.alerts-3';
const draft = (index: number): EffectDraft => {
  const {
    seq: _seq,
    prevHash: _prev,
    hash: _hash,
    ...fields
  } = anEffect({ uid: `effect-${index % 3}`, chain, at: MONDAY_9 + index, reason: `reason ${index}` });
  return index % 2 === 0 ? fields : { ...fields, guard: 'cap_per_hour', detail: 'No.', approvals: ['ines', 'omar'] };
};
const logOf = (length: number): Effect[] =>
  appendLinks(
    chain,
    undefined,
    Array.from({ length }, (_, index) => draft(index)),
  );

/** Another value of the same field. */
const tampered = (row: Effect, field: keyof Effect, salt: string): Effect => {
  const value = row[field];
  if (field === 'state') return { ...row, state: EffectState.options.find((state) => state !== row.state)! };
  if (field === 'mode') return { ...row, mode: row.mode === 'enforce' ? 'observe' : 'enforce' };
  if (typeof value === 'number') return { ...row, [field]: value + 1 };
  if (Array.isArray(value)) return { ...row, approvals: [...value, `x${salt}`] };
  return { ...row, [field]: `${value ?? ''}x${salt}` };
};

describe('decision log', () => {
  it('links each step to the one before', () => {
    const log = logOf(4);
    expect(log.map(({ seq }) => seq)).toEqual([0, 1, 2, 3]);
    expect(log[0]?.prevHash).toBe(GENESIS_HASH);
    expect(log[2]?.prevHash).toBe(log[1]?.hash);
    expect(verifyChain(log)).toEqual({ ok: true, head: { seq: 3, hash: log[3]?.hash }, links: 4 });
    for (const row of log) expect(Effect.safeParse(row).success).toBe(true);
  });

  it('goes on from its head as if it had been written at once', () => {
    const first = logOf(2);
    const rest = appendLinks(chain, first[1], [draft(2), draft(3)]);
    expect([...first, ...rest]).toEqual(logOf(4));
  });

  it('finds a change of any single field of any row', () => {
    const fields = Effect.keyof().options;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), fc.constantFrom(...fields), fc.string(), (index, field, salt) => {
        const log = logOf(6);
        log[index] = tampered(log[index]!, field, salt);
        const check = verifyChain(log);
        expect(check.ok).toBe(false);
        if (!check.ok) expect(check.brokenAt).toBe(index);
      }),
      { numRuns: 500 },
    );
  });

  it('finds a field moved into its neighbour', () => {
    const log = logOf(1);
    log[0] = { ...log[0]!, rule: `${log[0]!.rule}","alertUid":"x`, guard: 'x' };
    expect(verifyChain(log).ok).toBe(false);
  });

  it('finds a row that is missing, doubled or out of order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.constantFrom('missing', 'doubled', 'swapped'), (index, how) => {
        const log = logOf(6);
        if (how === 'missing') log.splice(index, 1);
        else if (how === 'doubled') log.splice(index, 0, log[index]!);
        else [log[index], log[index + 1]] = [log[index + 1]!, log[index]!];
        expect(verifyChain(log).ok).toBe(false);
      }),
    );
    expect(verifyChain(logOf(4).filter(({ seq }) => seq !== 2))).toEqual({ ok: false, brokenAt: 2, why: 'link 2 is missing: 3 follows' });
  });

  it('finds that its end was cut off when the head is known from elsewhere', () => {
    const log = logOf(4);
    expect(verifyChain(log.slice(0, 3)).ok).toBe(true);
    expect(verifyChain(log.slice(0, 3), { until: log[3]! })).toMatchObject({ ok: false, brokenAt: 3 });
    expect(verifyChain([], { until: log[3]! }).ok).toBe(false);
    expect(verifyChain([])).toEqual({ ok: true, head: undefined, links: 0 });
  });

  it('can be checked from the middle when older rows were archived', () => {
    const log = logOf(6);
    expect(verifyChain(log.slice(3), { after: log[2]! }).ok).toBe(true);
    expect(verifyChain(log.slice(3)).ok).toBe(false);
    expect(verifyChain(log.slice(3), { after: { seq: 2, hash: 'f'.repeat(64) } })).toMatchObject({ ok: false, brokenAt: 3 });
  });

  it('finds a row of another chain', () => {
    const log = logOf(2);
    expect(verifyChain([log[0]!, { ...log[1]!, chain: 'other' }]).ok).toBe(false);
    expect(() => appendLinks('other', undefined, [draft(0)])).toThrow(/can't be appended/);
  });

  it('does not mind how a store writes an optional field that is empty, nor the order of fields', () => {
    const log = logOf(3).map((row) => Object.fromEntries(Object.entries({ guard: '', detail: '', ...row }).reverse()) as unknown as Effect);
    expect(verifyChain(log).ok).toBe(true);
  });

  it('has a hash that other programs can compute', () => {
    const [row] = appendLinks('c', undefined, [{ ...draft(0), chain: 'c' }]);
    // SHA-256 of the canonical JSON, computed once by Python's json and hashlib.
    expect(row?.hash).toBe('838f1d22235700626c5ec3a61abd4bb5d729d72f4e530f2835654af114e96382');
  });
});
