import { DAY_MS } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import type { Tallied } from './reasons.js';
import { Sessions } from './sessions.js';
import { DayRisk } from './tallies.js';

const MONDAY = Date.parse('2026-01-05T09:00:00Z');
const at = (time: number, p: number | undefined): Tallied => ({
  ...{ time, identity: 'p-1', session: 'okta:s-1', p },
  say: p === undefined ? undefined : () => `p is ${p}`,
});
/** Of which nothing could be evaluated. */
const unknown = undefined;

describe('risk of a day', () => {
  const dayOf = (ps: readonly (number | undefined)[]): number | undefined => {
    const days = new DayRisk(() => 0);
    ps.forEach((p, index) => days.assessed(at(MONDAY + index, p)));
    return days.closeBefore(Infinity)[0]?.score;
  };
  it('is not diluted by events of which nothing could be evaluated', () => {
    const crowd = Array.from({ length: 500 }, () => unknown);
    expect(dayOf([1e-5, ...crowd])).toBe(dayOf([1e-5]));
    expect(dayOf([...crowd, 1e-5])).toBe(dayOf([1e-5]));
  });
  it('is diluted by events that are as usual', () => {
    expect(dayOf([1e-5, ...Array.from({ length: 500 }, () => 0.9)])).toBeLessThan(dayOf([1e-5]) ?? 0);
  });
  it('has its row, of score 0, on a day of which nothing could be evaluated', () => {
    const days = new DayRisk(() => 0);
    days.assessed(at(MONDAY, unknown));
    expect(days.assessed(at(MONDAY + DAY_MS, 0.5))).toEqual([
      { day: '2026-01-05', time: '2026-01-05T09:00:00.000Z', identity: 'p-1', score: 0, entityRisk: 0, top: [] },
    ]);
  });
});

describe('a session', () => {
  it('counts all its events and is scored by those that could be evaluated', () => {
    const score = (ps: readonly (number | undefined)[]): readonly unknown[] => {
      const sessions = new Sessions();
      ps.forEach((p, index) => sessions.assessed(at(MONDAY + index, p)));
      return sessions.close().map((row) => [row.events, row.score]);
    };
    const [[, alone] = []] = score([1e-4]) as [number, number][];
    expect(score([unknown, 1e-4, unknown])).toEqual([[3, alone]]);
    expect(score([unknown])).toEqual([[1, 0]]);
  });
});
