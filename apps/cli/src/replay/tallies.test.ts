import { DAY_MS } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import type { Tallied } from './reasons.js';
import { Sessions } from './sessions.js';
import { DayRisk } from './tallies.js';

const MONDAY = Date.parse('2026-01-05T09:00:00Z');
const at = (time: number, p: number | undefined): Tallied => ({
  ...{ time, identity: 'p-1', session: 'okta:s-1', p },
  say: p === undefined ? undefined : () => `p is ${p}`,
  terms: p === undefined ? [] : [{ feature: 'A1_network', p }],
});
/** Of which nothing could be evaluated. */
const unknown = undefined;

describe('risk of a day', () => {
  const dayOf = (ps: readonly (number | undefined)[]): number | undefined => {
    const days = new DayRisk(
      () => 0,
      () => [],
    );
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
    const days = new DayRisk(
      () => 0,
      () => [],
    );
    days.assessed(at(MONDAY, unknown));
    expect(days.assessed(at(MONDAY + DAY_MS, 0.5))).toEqual([
      { day: '2026-01-05', time: '2026-01-05T09:00:00.000Z', identity: 'p-1', score: 0, entityRisk: 0, top: [] },
    ]);
  });
});

/** A command within its session; the block's sentence is made of its place. */
const command = (time: number, position: number, nats: number, more: Partial<Tallied> = {}): Tallied => ({
  ...at(time, Math.min(1, Math.exp(-nats))),
  say: () => `block at ${position}`,
  command: { position, nats, isWithin: position > 1 },
  ...more,
});
const rowsOf = (events: readonly Tallied[]): ReturnType<Sessions['close']> => {
  const sessions = new Sessions();
  for (const event of events) sessions.assessed(event);
  return sessions.close();
};

describe('commands', () => {
  it('of a block count once for the day, as the last of them says', () => {
    const scoreOf = (events: readonly Tallied[]): number | undefined => {
      const days = new DayRisk(
        () => 0,
        () => [],
      );
      for (const event of events) days.assessed(event);
      return days.closeBefore(Infinity)[0]?.score;
    };
    const first = command(MONDAY, 1, 0);
    const block = Array.from({ length: 99 }, (_, index) => command(MONDAY + index, index + 2, index === 98 ? 7 : 8));
    expect(scoreOf([first, ...block])).toBe(scoreOf([first, command(MONDAY, 2, 7)]));
    expect(scoreOf([first, ...block, command(MONDAY, 1, 0)])).toBe(scoreOf([first, command(MONDAY, 2, 7), first]));
  });
  it('rank their sessions by the strangest block, also below 0, and its sentence stands first', () => {
    const score = (nats: number): number => rowsOf([command(MONDAY, 1, 0), command(MONDAY + 1, 2, nats)])[0]?.score ?? -1;
    expect(score(-20)).toBeGreaterThan(score(-40));
    expect(score(30)).toBeGreaterThan(score(10));
    const [row] = rowsOf([command(MONDAY, 90, 20), command(MONDAY + 1, 100, 30), command(MONDAY + 2, 3, -5)]);
    expect(row?.explanation[0]).toBe('block at 100');
  });
  it('of two people are two sessions, though their vendor counts sessions for each anew', () => {
    const rows = rowsOf([command(MONDAY, 2, 1), command(MONDAY, 2, 9, { identity: 'p-2' })]);
    expect(rows.map(({ session, source, identity, events }) => [session, source, identity, events])).toEqual([
      ['s-1', 'okta', 'p-1', 1],
      ['s-1', 'okta', 'p-2', 1],
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
