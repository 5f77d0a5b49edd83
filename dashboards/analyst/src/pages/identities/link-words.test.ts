import { describe, expect, it } from 'vitest';
import { conflictWords, ruleWords, summaryWords } from './link-words.js';

const candidates = [
  { identity: { id: 'p-1', displayName: 'Anna' }, rules: ['email' as const] },
  { identity: { id: 'p-2', displayName: 'Ben' }, rules: ['email' as const] },
];

describe('words of links', () => {
  it('name the rules, strongest first', () => {
    expect(ruleWords(['employee_id', 'email'])).toBe('employee id and mail address');
  });
  it('say why it can not be told whose an account is', () => {
    expect(conflictWords({ reason: 'several_identities', candidates })).toBe('2 identities could be meant: the same mail address.');
    expect(conflictWords({ reason: null, candidates: [] })).toBe('');
  });
  it('say in one line what directories told of', () => {
    const system = { system: 'okta', accounts: 3, linked: 2, decided: 0, own: 1, conflicts: 0 };
    expect(summaryWords({ conflicts: 0, systems: [system] })).toBe(
      '3 accounts from okta, 1 of people whom only a directory knows; none is in conflict',
    );
    expect(summaryWords({ conflicts: 2, systems: [{ ...system, own: 0, conflicts: 2 }] })).toBe('3 accounts from okta');
  });
});
