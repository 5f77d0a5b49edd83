import type { AccessEvent } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import type { Comparator } from './comparator.js';
import { firstSeen } from './first-seen.js';
import { FreemanModel, freeman } from './freeman.js';
import { impossibleTravelRule } from './impossible-travel.js';
import { IsolationForest, averagePathLength, isolationForest } from './isolation-forest.js';
import { NaiveBayesCommands, naiveBayesCommands } from './naive-bayes-commands.js';
import { COMPARATORS } from './registry.js';
import { modifiedZ, zScore } from './z-score.js';
import { seededRandom } from '../random.js';

const DAY = 86_400_000;
const BERLIN = { lat: 52.52, lon: 13.405, country: 'DE' };
const SYDNEY = { lat: -33.8688, lon: 151.2093, country: 'AU' };
const BASE = {
  source: 'okta',
  class: 'authentication',
  activity: 'logon',
  code: 'user.session.start',
  outcome: 'success',
  src: { ip: '192.0.2.10', asn: 64_496, geo: BERLIN },
  device: { id: 'laptop', browser: 'Chrome 131', os: 'Windows 11' },
  auth: { application: 'Wiki' },
} as const;
const anEvent = (time: number, more: Partial<AccessEvent> = {}): AccessEvent => ({
  ...BASE,
  uid: `${time}`,
  nativeId: `${time}`,
  time,
  ...more,
});

/** Feeds days of events of one or more identities. @returns scores of the last day */
function play(
  comparator: Comparator,
  days: readonly (readonly (readonly [string, Partial<AccessEvent>])[])[],
): ReadonlyMap<string, number> {
  let scores: ReadonlyMap<string, number> = new Map();
  for (const [day, events] of days.entries()) {
    for (const [index, [identity, more]] of events.entries())
      comparator.observe(anEvent(day * DAY + 9 * 3_600_000 + index * 60_000, more), identity);
    scores = comparator.closeDay(day);
  }
  return scores;
}
const usual = (days: number) => Array.from({ length: days }, () => [['ada', {}]] as const);

describe('first-seen rule', () => {
  it('counts what is new after the days of learning', () => {
    const elsewhere = {
      src: { ip: '203.0.113.9', asn: 64_510, geo: SYDNEY },
      device: { id: 'other', browser: 'Chrome 131', os: 'Windows 11' },
    };
    // Network, provider, country and device; browser and system are known.
    expect(play(firstSeen(), [...usual(8), [['ada', elsewhere]]]).get('ada')).toBe(4);
  });
  it('is silent about the first days and about what is known', () => {
    expect(play(firstSeen(), [[['ada', {}]]]).size).toBe(0);
    expect(play(firstSeen(), usual(9)).size).toBe(0);
  });
});

describe('modified z-score', () => {
  it('is 0.6745 (x - median) / MAD', () => {
    expect(modifiedZ(100, [1, 2, 3, 4, 100])).toBeCloseTo(0.6745 * 97, 10);
  });
  it('falls back to the mean absolute deviation, and to units where all are equal', () => {
    expect(modifiedZ(9, [5, 5, 5, 5, 10])).toBeCloseTo(4 / 1.253_314, 10);
    expect(modifiedZ(7, [5, 5, 5])).toBe(2);
  });
  it('ranks a day of many failures above a usual one', () => {
    const failures = Array.from({ length: 12 }, () => ['ada', { outcome: 'failure' }] as const);
    const scores = play(zScore(), [...usual(10).map((day) => [...day, ['bela', {}] as const]), [...failures, ['bela', {}]]]);
    expect(scores.get('ada')).toBeGreaterThan(5);
    expect(scores.get('bela')).toBeUndefined();
  });
});

describe('impossible-travel rule', () => {
  it('fires between Berlin and Sydney within a minute, and ranks by speed', () => {
    expect(
      play(impossibleTravelRule(), [
        [
          ['ada', {}],
          ['ada', { src: { ip: '203.0.113.9', geo: SYDNEY } }],
        ],
      ]).get('ada'),
    ).toBeGreaterThan(16_000);
  });
  it('is silent over a day and a half, about failures and without a place', () => {
    const there = { src: { ip: '203.0.113.9', geo: SYDNEY } };
    expect(play(impossibleTravelRule(), [[['ada', {}]], [], [['ada', there]]]).size).toBe(0);
    expect(
      play(impossibleTravelRule(), [
        [
          ['ada', {}],
          ['ada', { ...there, outcome: 'failure' }],
        ],
      ]).size,
    ).toBe(0);
    expect(
      play(impossibleTravelRule(), [
        [
          ['ada', {}],
          ['ada', { src: { ip: '203.0.113.9' } }],
        ],
      ]).size,
    ).toBe(0);
  });
});

describe('Freeman login risk', () => {
  const home = { network: 'n', asn: 'a', country: 'c', device: 'd', browser: 'b', os: 'o' };
  const away = { network: 'n2', asn: 'a2', country: 'c2', device: 'd2', browser: 'b2', os: 'o2' };
  it('has the value of the formula, by hand', () => {
    const model = new FreemanModel();
    model.learn('ada', home);
    // share 2/3, of the user (1 + 2/3)/2: 0.8 for each of two features; one user: the last factor is 1.
    expect(model.score('ada', home)).toBeCloseTo(2 * Math.log(0.8), 12);
    expect(model.score('ada', away)).toBeCloseTo(2 * Math.log(2), 12);
  });
  it('makes heavy users harder to alert on, as published', () => {
    const model = new FreemanModel();
    for (let login = 0; login < 100; login += 1) model.learn('heavy', home);
    model.learn('light', home);
    expect(model.score('light', away)).toBeGreaterThan(model.score('heavy', home));
  });
  it('ranks a stranger above the usual', () => {
    const stranger = { src: { ip: '203.0.113.9', asn: 64_510, geo: SYDNEY }, device: { id: 'x', browser: 'Firefox 1', os: 'Linux' } };
    const scores = play(freeman(), [
      ...usual(10).map((day) => [...day, ['bela', {}] as const]),
      [
        ['ada', stranger],
        ['bela', {}],
      ],
    ]);
    expect(scores.get('ada')).toBeGreaterThan(scores.get('bela') ?? 0);
  });
});

describe('naive Bayes on commands', () => {
  it('has the value of the formula, by hand', () => {
    const model = new NaiveBayesCommands();
    model.learn('ada', ['ls', 'ls', 'ls']);
    model.learn('bela', ['vi']);
    expect(model.score('ada', ['vi'])).toBeCloseTo(Math.log(1.01 / 1.03) - Math.log(0.01 / 3.03), 12);
    expect(model.score('ada', ['ls'])).toBeLessThan(0);
  });
  it('ranks the session of somebody else, and says nothing of who has typed little', () => {
    const types = (identity: string, command: string) => [identity, { command, session: { uid: `${identity}-s` } }] as const;
    const days = Array.from({ length: 30 }, () => [
      types('ada', 'ls -l'),
      types('ada', 'cd /srv'),
      types('bela', 'vi x'),
      types('bela', 'make'),
    ]);
    const scores = play(naiveBayesCommands(), [
      ...days,
      [types('ada', 'vi x'), types('ada', 'make'), types('bela', 'make'), types('new', 'nc -l')],
    ]);
    expect(scores.get('ada')).toBeGreaterThan(5);
    expect(scores.get('bela')).toBeUndefined();
    expect(scores.get('new')).toBeUndefined();
  });
});

describe('isolation forest', () => {
  it('normalises by the average path length of the paper', () => {
    expect(averagePathLength(256)).toBeCloseTo(10.244_77, 4);
    expect(averagePathLength(2)).toBe(1);
    expect(averagePathLength(1)).toBe(0);
  });
  it('scores what lies apart near 1, what lies in the crowd below 0.5, the same each time', () => {
    const random = seededRandom('crowd');
    const crowd = Array.from({ length: 500 }, () => [random() + random(), random() + random()]);
    const forest = new IsolationForest([...crowd, [20, 20]], 'seed');
    expect(forest.score([20, 20])).toBeGreaterThan(0.75);
    expect(forest.score([1, 1])).toBeLessThan(0.5);
    expect(new IsolationForest([...crowd, [20, 20]], 'seed').score([20, 20])).toBe(forest.score([20, 20]));
  });
  it('is silent until it has enough days, then ranks the odd one first', () => {
    const people = Array.from({ length: 30 }, (_, index) => `p${index}`);
    // Now and then another application or network: a forest needs something to split.
    const days = Array.from({ length: 12 }, (_, day) =>
      people.flatMap((person, index) =>
        Array.from({ length: 1 + ((index + day) % 4) }, (_, use) => {
          const turn = (index * 5 + day * 3 + use) % 11;
          const more: Partial<AccessEvent> =
            turn === 0 ? { auth: { application: `app ${index % 5}` } } : turn === 1 ? { src: { ip: `198.51.${index}.7` } } : {};
          return [person, more] as const;
        }),
      ),
    );
    const odd = Array.from(
      { length: 40 },
      (_, index) => ['p3', { src: { ip: `203.0.${index}.9` }, auth: { application: `app ${index}` } }] as const,
    );
    expect(play(isolationForest(), days.slice(0, 3)).size).toBe(0);
    const scores = play(isolationForest(), [
      ...days,
      [...people.filter((person) => person !== 'p3').map((person) => [person, {}] as const), ...odd],
    ]);
    expect([...scores].sort(([, a], [, b]) => b - a)[0]?.[0]).toBe('p3');
  });
});

describe('comparators', () => {
  it('have ids of their own and begin with nothing', () => {
    expect(new Set(COMPARATORS.map((make) => make().id)).size).toBe(COMPARATORS.length);
    for (const make of COMPARATORS) expect(make().closeDay(0).size).toBe(0);
  });
});
