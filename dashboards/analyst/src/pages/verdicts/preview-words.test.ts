import type { VerdictPreview } from '@keyward/contract';
import { describe, expect, it } from 'vitest';
import { ofOthers, ofPeers, ofThisAlert } from './preview-words.js';

const effect = (wouldAlert: boolean) => ({
  alertUid: 'a',
  title: 'Behaviour unlike this identity',
  identity: { id: 'p-1', displayName: 'Anna Berg' },
  lastTime: '2026-01-05T09:00:00Z',
  score: 70,
  scoreWith: 30,
  wouldAlert,
});
const aPreview = (more: Partial<VerdictPreview> = {}): VerdictPreview => ({
  kind: 'benign',
  at: '2026-01-05T09:00:00Z',
  expiresAt: '2026-04-05T09:00:00Z',
  events: 1,
  about: [],
  scored: 86,
  score: 86,
  scoreWith: 30,
  wouldAlert: false,
  rules: [],
  similar: [],
  peers: { group: 'team:payments', members: 9, agreeing: 0, raises: false },
  ...more,
});

describe('what a verdict would change, in words', () => {
  it('says whether there would still be an alert', () => {
    expect(ofThisAlert(aPreview())).toBe('Its strangest event would score 30 in place of 86, and there would be no alert.');
    expect(ofThisAlert(aPreview({ scored: 91.4 }))).toBe(
      'Its strangest event scored 91 when it came, and 86 by what is known today; with the verdict it would score 30, and there would be no alert.',
    );
    expect(ofThisAlert(aPreview({ wouldAlert: true }))).toContain('there would still be an alert');
    expect(ofThisAlert(aPreview({ kind: 'malicious', scoreWith: 90 }))).toContain('raise the scores of everybody');
  });
  it('counts the other alerts that would not have been', () => {
    expect(ofOthers(aPreview({ similar: [effect(true), effect(false)] }))).toBe(
      '2 other alerts of the last 30 days would have scored lower, 1 of them without an alert:',
    );
    expect(ofOthers(aPreview({ similar: [effect(true)] }))).toContain('none of them');
    expect(ofOthers(aPreview({ kind: 'malicious', similar: [effect(true)] }))).toBe(
      '1 other alert of the last 30 days would have scored higher:',
    );
  });
  it('says when the whole group learns', () => {
    const peers = (agreeing: number, raises: boolean) =>
      ofPeers(aPreview({ peers: { group: 'team:payments', members: 9, agreeing, raises } }));
    expect(peers(0, false)).toContain('No other member');
    expect(peers(1, false)).toContain('1 other member of team:payments has the same accepted; with three');
    expect(peers(2, true)).toContain('the whole group learns it');
    expect(ofPeers(aPreview({ peers: { group: null, members: 1, agreeing: 0, raises: false } }))).toBe('The identity has no peers.');
  });
});
