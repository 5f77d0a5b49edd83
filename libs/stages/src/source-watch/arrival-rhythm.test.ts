import { DAY_MS, HOUR_MS, MINUTE_MS } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SILENCE, alarmingSince, expectedActivity, learnRhythm, silenceProbability, type Gap, type SourceHour } from './arrival-rhythm.js';

/** Monday 2026-01-05 0 h UTC. */
const MONDAY = Date.UTC(2026, 0, 5);
const at = (day: number, hour: number, minute = 0): number => MONDAY + day * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS;

/** Numbers in (0, 1), the same in every run. */
class Seeded {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  next(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.#state + 0.5) / 2 ** 32;
  }
}

/** Minutes in which records arrive, by a rule for each minute of the span. */
function arrivals(days: number, speaks: (minute: number, weekday: number, hour: number) => boolean): number[] {
  const minutes: number[] = [];
  for (let minute = 0; minute < (days * DAY_MS) / MINUTE_MS; minute += 1) {
    const time = MONDAY + minute * MINUTE_MS;
    if (speaks(minute, Math.floor(minute / 1440) % 7, new Date(time).getUTCHours())) minutes.push(time);
  }
  return minutes;
}
function learn(minutes: readonly number[], days: number) {
  const hours = new Map<number, number>();
  const gaps: Gap[] = [];
  for (const [index, minute] of minutes.entries()) {
    const hour = Math.floor(minute / HOUR_MS) * HOUR_MS;
    hours.set(hour, (hours.get(hour) ?? 0) + 1);
    const before = minutes[index - 1];
    if (before !== undefined && minute - before >= SILENCE.minGapMs) gaps.push({ from: before, to: minute });
  }
  const list: SourceHour[] = [...hours].map(([hour, activeMinutes]) => ({ at: hour, activeMinutes }));
  return learnRhythm(list, gaps, { from: minutes[0] ?? MONDAY, to: MONDAY + days * DAY_MS });
}
const office = (_: number, weekday: number, hour: number): boolean => weekday < 5 && hour >= 7 && hour < 18;
const always = (): boolean => true;

describe('silence of a source', () => {
  it('is alarming within a quarter of an hour where records come each minute, day and night', () => {
    const since = alarmingSince(learn(arrivals(28, always), 28), at(28, 3), at(28, 4));
    expect(since).toBeGreaterThanOrEqual(at(28, 3, 10));
    expect(since).toBeLessThanOrEqual(at(28, 3, 15));
  });

  it('is no alarm at night and at the weekend where nobody works then, but is one on Monday morning', () => {
    const rhythm = learn(arrivals(28, office), 28);
    const friday = at(25, 17, 59);
    expect(alarmingSince(rhythm, friday, at(28, 6, 59))).toBeUndefined();
    expect(alarmingSince(rhythm, friday, at(28, 9))).toBeLessThan(at(28, 7, 20));
  });

  it('is no alarm on the first weekend ever, however busy the week was', () => {
    const rhythm = learn(arrivals(4, always), 4);
    expect(alarmingSince(rhythm, at(4, 0), at(6, 23, 59))).toBeUndefined();
    expect(alarmingSince(rhythm, at(4, 0), at(7, 1))).toBeLessThan(at(7, 0, 30));
  });

  it('is no alarm of a source first heard of less than a day ago', () => {
    const minutes = arrivals(1, (minute) => minute < 12 * 60);
    expect(alarmingSince(learn(minutes, 0.5), at(0, 12), at(0, 23, 59))).toBeUndefined();
  });

  it('on the second day is judged by the first', () => {
    const rhythm = learn(arrivals(1, always), 1);
    expect(alarmingSince(rhythm, at(1, 9), at(1, 10))).toBeLessThan(at(1, 9, 20));
  });

  it('waits for a poller that comes every quarter of an hour, whatever number of records it brings', () => {
    const rhythm = learn(
      arrivals(28, (minute) => minute % 15 === 0),
      28,
    );
    expect(alarmingSince(rhythm, at(28, 3), at(28, 3, 40))).toBeUndefined();
    expect(alarmingSince(rhythm, at(28, 3), at(28, 9))).toBeLessThan(at(28, 4));
  });

  it('misses a batch that comes once a day after three, since it comes like a clock', () => {
    const rhythm = learn(
      arrivals(56, (minute) => minute % 1440 === 130 + ((Math.floor(minute / 1440) * 5) % 7)),
      56,
    );
    expect(rhythm.regularity).toBe(SILENCE.maxRegularity);
    expect(alarmingSince(rhythm, at(55, 2, 10), at(58, 0))).toBeUndefined();
    expect(alarmingSince(rhythm, at(55, 2, 10), at(80, 0))).toBeLessThan(at(59, 4));
  });

  it('is seldom one where records come at random in bursts, however often that is looked at', () => {
    const random = new Seeded(5);
    let [isOn, left] = [false, 0];
    const minutes = arrivals(7 * 20, () => {
      left -= 1;
      if (left < 0) [isOn, left] = [!isOn, -Math.log(random.next()) * (isOn ? 60 : 30)];
      return isOn && random.next() < 0.63;
    });
    let alarms = 0;
    for (let day = 28; day < 140; day += 7) {
      const until = MONDAY + day * DAY_MS;
      const from = Math.max(MONDAY, until - 56 * DAY_MS);
      const rhythm = learn(
        minutes.filter((minute) => minute < until && minute >= from),
        day,
      );
      for (const [index, minute] of minutes.entries()) {
        const before = minutes[index - 1];
        if (before === undefined || minute < until || minute >= until + 7 * DAY_MS || minute - before < SILENCE.minGapMs) continue;
        if (alarmingSince(rhythm, before, minute - MINUTE_MS) !== undefined) alarms += 1;
      }
    }
    expect(minutes.length).toBeGreaterThan(30_000);
    expect(alarms).toBeLessThanOrEqual(2);
  });

  it('is no alarm as long as gaps that the source has had several times', () => {
    const pauses = [at(3, 12), at(8, 15), at(18, 4)];
    const rhythm = learn(
      arrivals(28, (minute) => !pauses.some((pause) => Math.abs(MONDAY + minute * MINUTE_MS - pause) < 45 * MINUTE_MS)),
      28,
    );
    expect(alarmingSince(rhythm, at(28, 9), at(28, 9, 55))).toBeUndefined();
    expect(alarmingSince(rhythm, at(28, 9), at(28, 12))).toBeLessThan(at(28, 10, 45));
  });

  it('does not learn from one outage', () => {
    const rhythm = learn(
      arrivals(28, (minute) => minute < 9 * 1440 || minute > 9 * 1440 + 300),
      28,
    );
    expect(alarmingSince(rhythm, at(28, 9), at(28, 10))).toBeLessThan(at(28, 9, 20));
  });

  it('takes longer to alarm where whole days differ', () => {
    const holidays = new Set([2, 9, 16, 22, 24]);
    const steady = learn(arrivals(28, always), 28);
    const uneven = learn(
      arrivals(28, (minute) => !holidays.has(Math.floor(minute / 1440))),
      28,
    );
    expect(uneven.dayShape).toBeLessThan(steady.dayShape);
    expect(alarmingSince(uneven, at(28, 9), at(30, 9)) ?? Infinity).toBeGreaterThan(
      alarmingSince(steady, at(28, 9), at(28, 10)) ?? Infinity,
    );
  });

  it('never is alarming of a source that never spoke', () => {
    const rhythm = learnRhythm([], [], { from: MONDAY, to: at(28, 0) });
    expect(silenceProbability(rhythm, MONDAY, at(100, 0))).toBe(1);
    expect(alarmingSince(rhythm, MONDAY, at(100, 0))).toBeUndefined();
  });

  it('begins in the same minute whenever it is looked at', () => {
    const rhythm = learn(arrivals(21, office), 21);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7 * 1440 }), fc.integer({ min: 0, max: 3 * 1440 }), (start, wait) => {
        const from = at(21, 0, start);
        const [soon, late] = [alarmingSince(rhythm, from, from + wait * MINUTE_MS), alarmingSince(rhythm, from, at(40, 0))];
        expect(soon === undefined || soon === late).toBe(true);
      }),
    );
  });

  it('adds up over weeks: expected activity of a time is that of its parts', () => {
    const rhythm = learn(arrivals(14, office), 14);
    const whole = expectedActivity(rhythm, at(14, 8), at(42, 8));
    const week = expectedActivity(rhythm, at(14, 8), at(21, 7, 59)) + expectedActivity(rhythm, at(21, 7, 59), at(21, 8));
    expect(Math.abs(whole / (4 * week) - 1)).toBeLessThan(0.02);
  });
});
