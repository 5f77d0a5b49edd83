import type { Assessment } from '@keyward/baselines';
import { DAY_MS, type AccessEvent } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import { DayRisk, Sessions } from './tallies.js';

const MONDAY = Date.parse('2026-01-05T09:00:00Z');
/** Only what tallies look at. */
const event = (time: number, session?: string): AccessEvent =>
  ({ uid: `e-${time}`, source: 'okta', time, ...(session !== undefined && { session: { uid: session } }) }) as unknown as AccessEvent;
const assessed = (p: number): Assessment => ({ p, terms: [{ sentence: `p is ${p}` }] }) as unknown as Assessment;
/** Of which nothing could be evaluated. */
const unknown = { p: 1, terms: [] } as unknown as Assessment;

describe('risk of a day', () => {
  const dayOf = (assessments: readonly Assessment[]): number | undefined => {
    const days = new DayRisk(() => 0);
    assessments.forEach((assessment, index) => days.assessed(event(MONDAY + index), 'p-1', assessment));
    return days.closeBefore(Infinity)[0]?.score;
  };
  it('is not diluted by events of which nothing could be evaluated', () => {
    const crowd = Array.from({ length: 500 }, () => unknown);
    expect(dayOf([assessed(1e-5), ...crowd])).toBe(dayOf([assessed(1e-5)]));
    expect(dayOf([...crowd, assessed(1e-5)])).toBe(dayOf([assessed(1e-5)]));
  });
  it('is diluted by events that are as usual', () => {
    expect(dayOf([assessed(1e-5), ...Array.from({ length: 500 }, () => assessed(0.9))])).toBeLessThan(dayOf([assessed(1e-5)]) ?? 0);
  });
  it('has its row, of score 0, on a day of which nothing could be evaluated', () => {
    const days = new DayRisk(() => 0);
    days.assessed(event(MONDAY), 'p-1', unknown);
    expect(days.assessed(event(MONDAY + DAY_MS), 'p-1', assessed(0.5))).toEqual([
      { day: '2026-01-05', time: '2026-01-05T09:00:00.000Z', identity: 'p-1', score: 0, entityRisk: 0, top: [] },
    ]);
  });
});

describe('a session', () => {
  it('counts all its events and is scored by those that could be evaluated', () => {
    const score = (assessments: readonly Assessment[]): readonly unknown[] => {
      const sessions = new Sessions();
      assessments.forEach((assessment, index) => sessions.assessed(event(MONDAY + index, 's-1'), 'p-1', assessment));
      return sessions.close().map((row) => [row.events, row.score]);
    };
    const [[, alone] = []] = score([assessed(1e-4)]) as [number, number][];
    expect(score([unknown, assessed(1e-4), unknown])).toEqual([[3, alone]]);
    expect(score([unknown])).toEqual([[1, 0]]);
  });
});
