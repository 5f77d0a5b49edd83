import { describe, expect, it } from 'vitest';
import { DayReasons } from './day-score.js';
import { SharedReasons, sharedKeyOf } from './shared-reasons.js';

const NEW_TOOL = { feature: 'A5_application', p: 1e-4, sharedKey: 'A5_application|Board' };
const dayWith = (...reasons: (typeof NEW_TOOL)[]): DayReasons => {
  const day = new DayReasons();
  day.addAct(reasons);
  return day;
};
/** Members of one team, of whom the first `having` use the tool. */
const team = (members: number, having: number): [string, DayReasons][] =>
  Array.from({ length: members }, (_, index) => [`p-${index}`, dayWith(...(index < having ? [NEW_TOOL] : []))]);
const scoreOfFirst = (days: [string, DayReasons][], groups: readonly string[] = ['team:board']): number => {
  const shared = new SharedReasons(days, () => groups);
  return days[0]?.[1].score((key) => shared.has('p-0', key)) ?? NaN;
};

describe('reasons that colleagues share', () => {
  const alone = scoreOfFirst(team(20, 1));
  it('weigh a third when three colleagues and a tenth of the team began with the same thing on the day', () => {
    expect(scoreOfFirst(team(20, 3))).toBe(dayWith({ ...NEW_TOOL, p: NEW_TOOL.p ** 0.3 }).score());
    expect(scoreOfFirst(team(20, 3))).toBeLessThan(alone / 3);
  });
  it.each([
    ['two colleagues are no team', team(4, 2)],
    ['three of forty are none either', team(40, 3)],
  ])('stay as they are where %s', (_why, days) => {
    expect(scoreOfFirst(days)).toBe(alone);
  });
  it('are not looked for among all of a kind: of all people somebody always begins with something', () => {
    expect(scoreOfFirst(team(20, 20), ['kind:human'])).toBe(alone);
  });
  it('leave the other reasons of the act as they are', () => {
    const network = { feature: 'A1_network', p: 1e-5, sharedKey: undefined };
    const day = new DayReasons();
    day.addAct([NEW_TOOL, network]);
    const expected = new DayReasons();
    expected.addAct([{ feature: NEW_TOOL.feature, p: NEW_TOOL.p ** 0.3 }, network]);
    expect(day.score(() => true)).toBe(expected.score());
  });
});

describe('the name of a reason', () => {
  const counts = { person: 0, peers: 1, all: 9 };
  it('is the value that is new to the identity, or an odd hour', () => {
    expect(sharedKeyOf({ feature: 'A5_application', observed: 'Board', p: 0.01, counts })).toBe('A5_application|Board');
    expect(sharedKeyOf({ feature: 'A3_time_of_week', observed: 'weekend 10:15 local time', p: 0.01, counts })).toBe('A3_time_of_week');
  });
  it.each([
    ['is known to the identity', { feature: 'A5_application', observed: 'Board', p: 0.01, counts: { ...counts, person: 2 } }],
    ['says nothing', { feature: 'A5_application', observed: 'Board', p: 1, counts }],
    [
      'is a network, which an attacker shows with each of his victims',
      { feature: 'A1_network', observed: 'AS64500 (DE)', p: 1e-4, counts },
    ],
    ['is an hour at which many work', { feature: 'A3_time_of_week', observed: 'weekday 18:00 local time', p: 0.2, counts }],
  ])('is none for what %s', (_what, term) => {
    expect(sharedKeyOf(term)).toBeUndefined();
  });
});
