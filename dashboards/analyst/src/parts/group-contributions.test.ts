import type { RiskContributionView } from '@keyward/contract';
import { describe, expect, it } from 'vitest';
import { groupContributions } from './group-contributions.js';

const part = (title: string, share: number, day: number): RiskContributionView => ({
  findingUid: `${title}-${String(day)}`,
  detection: 'behaviour',
  title,
  at: `2026-01-0${String(day)}T08:00:00.000Z`,
  evidence: 5,
  halfLifeDays: 7,
  share,
  alertUid: null,
  eventUid: null,
});

describe('contributions to a risk', () => {
  it('of one title are one line: summed, with the newest time, largest part first', () => {
    const groups = groupContributions([part('Unlike', 0.1, 2), part('Travel', 0.6, 1), part('Unlike', 0.25, 1), part('Unlike', 0.15, 3)]);
    expect(groups.map(({ title, share, parts }) => [title, Math.round(share * 100), parts.length])).toEqual([
      ['Travel', 60, 1],
      ['Unlike', 50, 3],
    ]);
    expect(groups[1]?.at).toBe('2026-01-03T08:00:00.000Z');
    expect(groups[1]?.parts.map(({ share }) => share)).toEqual([0.25, 0.15, 0.1]);
  });
  it('are none when there are none', () => {
    expect(groupContributions([])).toEqual([]);
  });
});
