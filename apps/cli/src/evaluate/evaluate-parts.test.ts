import type { AccessEvent } from '@keyward/events';
import type { Label } from '@keyward/evaluation';
import { DayReasons } from '@keyward/baselines';
import { describe, expect, it } from 'vitest';
import { eventsByTime, type EventStream } from './events-by-time.js';
import { DayEvidence, type TalliedEvent } from './day-evidence.js';
import { NamedCauses } from './named-causes.js';
import { WithoutFeature } from './without-feature.js';

const anEvent = (time: number): AccessEvent => ({
  uid: `${time}`,
  nativeId: `${time}`,
  source: 'okta',
  time,
  class: 'authentication',
  activity: 'logon',
  code: 'user.session.start',
  outcome: 'success',
});
function stream(name: string, ...batches: readonly (readonly number[])[]): EventStream {
  // eslint-disable-next-line @typescript-eslint/require-await -- a file, as the merge sees it
  async function* read(): AsyncGenerator<readonly AccessEvent[]> {
    for (const batch of batches) yield batch.map(anEvent);
  }
  return { name, batches: read() };
}
async function timesOf(streams: readonly EventStream[]): Promise<readonly number[]> {
  const times: number[] = [];
  for await (const { time } of eventsByTime(streams)) times.push(time);
  return times;
}

describe('events of several streams', () => {
  it('come in order of time, through empty lists and uneven ends', async () => {
    expect(await timesOf([stream('a', [1, 5], [], [6, 9]), stream('b', [2]), stream('c', []), stream('d', [], [3, 7])])).toEqual([
      1, 2, 3, 5, 6, 7, 9,
    ]);
  });
  it('are refused by name when one is not in order', async () => {
    await expect(timesOf([stream('newest-first.csv', [5, 1])])).rejects.toThrow('newest-first.csv is not in order of time');
  });
});

const label = (id: string, more: Partial<Label> = {}): Label => ({
  id,
  label: 'attack',
  kind: 'test',
  identity: 'ada',
  from: '2026-01-05T10:00:00.000Z',
  to: '2026-01-05T10:00:00.000Z',
  days: [{ identity: 'ada', day: '2026-01-05' }],
  touched: [],
  events: [{ source: 'okta', time: '2026-01-05T10:00:00.000Z' }],
  expected: [],
  ...more,
});

describe('the cause that is named', () => {
  it('is that of the most unlikely event, or of a finding that is less likely still', () => {
    const named = new NamedCauses([label('one')]);
    named.event('okta', '2026-01-05T10:00:00.000Z', 'ada', 'A1_network', 1e-3);
    named.event('okta', '2026-01-05T10:00:00.000Z', 'ada', 'A3_time_of_week', 1e-2);
    expect(named.of('one')).toBe('A1_network');
    named.finding({ identity: 'ada', day: '2026-01-05' }, 'mfa_fatigue', 1e-4);
    expect(named.of('one')).toBe('mfa_fatigue');
  });
  it('does not look at what else happened that day, unless the history does not say which events it was', () => {
    const named = new NamedCauses([label('known'), label('unknown', { events: [] })]);
    named.event('okta', '2026-01-05T12:00:00.000Z', 'ada', 'A2_device', 1e-5);
    expect(named.of('known')).toBeUndefined();
    expect(named.of('unknown')).toBe('A2_device');
    expect(named.isAttack('okta', '2026-01-05T12:00:00.000Z', 'ada')).toBe(true);
    expect(named.isAttack('okta', '2026-01-05T12:00:00.000Z', 'bela')).toBe(false);
  });
});

describe('a ranking without one feature', () => {
  it('leaves its reasons out of the day, and what had no such term as it was', () => {
    const rule = { detection: 'impossible_travel', p: 1e-3 };
    const ranking = new WithoutFeature(new Map([['2026-01-05 ada', [rule]]]), () => []);
    const terms = [
      { feature: 'A1_network', p: 1e-5 },
      { feature: 'A2_device', p: 1e-4 },
    ];
    ranking.add({ identity: 'ada', day: '2026-01-05', p: 1e-5, terms });
    ranking.add({ identity: 'bela', day: '2026-01-05', p: 1e-2, terms: [{ feature: 'A2_device', p: 1e-2 }] });
    ranking.add({ identity: 'bela', day: '2026-01-06', p: 1e-2, terms: [{ feature: 'C2_jit', p: 1e-2 }] });
    const { whole, without: scores } = ranking.end();
    const scoreOf = (looks: typeof terms, rules: (typeof rule)[] = []): number => {
      const reasons = new DayReasons();
      reasons.addAct(looks);
      for (const { detection, p } of rules) reasons.addRule(detection, p);
      return reasons.score();
    };
    expect(scores.get('A1_network')?.[0]?.score).toBe(scoreOf(terms.slice(1), [rule]));
    expect(scores.get('A2_device')?.[0]?.score).toBe(scoreOf(terms.slice(0, 1), [rule]));
    expect(scores.get('A1_network')?.[1]?.score).toBe(scoreOf([{ feature: 'A2_device', p: 1e-2 }]));
    // The only thing that could be evaluated is off: nothing is left.
    expect(scores.get('A2_device')?.[1]?.score).toBe(0);
    expect(whole[0]?.score).toBe(scoreOf(terms, [rule]));
    // What is met on the second day for the first time was no part of the first.
    expect(scores.get('C2_jit')?.slice(0, 2)).toEqual(whole.slice(0, 2));
    expect(scores.get('C2_jit')?.[2]?.score).toBe(0);
  });
});

describe('the evidence of a day', () => {
  const command = (session: string, position: number, p: number, isWithin = true): TalliedEvent => ({
    p,
    terms: [{ feature: 'B2_commands', p: p / 2 }, ...(isWithin ? [] : [{ feature: 'B1_resource', p: 0.5 }])],
    command: { session, position, isWithin },
  });
  const evidenceOf = (...events: readonly TalliedEvent[]): readonly string[] => {
    const day = new DayEvidence();
    for (const event of events) day.add(event);
    return [...day].flat().map(({ feature, p }) => `${feature} ${p}`);
  };
  it('takes commands by blocks: the last one tells, and the first of a session is an event like others', () => {
    expect(evidenceOf(command('a', 1, 0.9, false), command('a', 2, 0.5), command('a', 3, 0.1), command('a', 4, 0.3))).toEqual([
      'B1_resource 0.5',
      'B2_commands 0.3',
    ]);
  });
  it('begins a block anew where the position falls, and keeps sessions apart', () => {
    const session = [
      command('a', 1, 0.9, false),
      command('a', 2, 0.5),
      command('b', 1, 0.9, false),
      command('b', 3, 0.1),
      command('a', 1, 0.4),
    ];
    expect(evidenceOf(...session)).toEqual(['B1_resource 0.5', 'B1_resource 0.5', 'B2_commands 0.5', 'B2_commands 0.4', 'B2_commands 0.1']);
  });
});
