import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learnPeers } from './learn-peers.js';
import { neighboursOf } from './neighbours.js';
import { MAX_TRAITS, mergeTraits, type Traits, type TraitsOfDay } from './traits.js';
import { UNIT } from '../statistics/decay.js';

const NOBODY = (): undefined => undefined;
const NONE: ReadonlyMap<string, string> = new Map();
const days = (traits: Readonly<Record<string, number>>): Traits => new Map(Object.entries(traits).map(([name, n]) => [name, n * UNIT]));

/** A number from text, in [0, 1): no randomness in tests. */
function draw(text: string): number {
  let hash = 2166136261;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 16777619);
  hash = Math.imul(hash ^ (hash >>> 15), 2246822519);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

/**
 * Jobs of eight systems each; everybody uses six or so of his own, mail and chat, and now and then something of another job.
 * @param stray chance of each foreign system
 */
function aCompany(jobs: number, perJob: number, stray = 0.02, salt = ''): Map<string, Traits> {
  const people = new Map<string, Traits>();
  for (let job = 0; job < jobs; job += 1) {
    for (let seat = 0; seat < perJob; seat += 1) {
      const id = `p-${String(job).padStart(2, '0')}-${String(seat).padStart(2, '0')}`;
      const used: Record<string, number> = { mail: 20, chat: 20, [`own-${id}`]: 5 };
      for (let other = 0; other < jobs; other += 1) {
        for (let system = 0; system < 8; system += 1) {
          const chance = draw(`${salt}${id}/${other}/${system}`);
          if (other === job ? chance < 0.75 : chance < stray) used[`s-${other}-${system}`] = 1 + Math.floor(chance * 20);
        }
      }
      people.set(id, days(used));
    }
  }
  return people;
}
const jobOf = (id: string): string => id.slice(0, 4);
const shuffled = <K, V>(map: ReadonlyMap<K, V>, salt: string): Map<K, V> =>
  new Map([...map].sort(([a], [b]) => draw(`${salt}${String(a)}`) - draw(`${salt}${String(b)}`)));

describe('learned peer groups', () => {
  it('are the jobs, when people use what their job needs', () => {
    const people = aCompany(6, 12);
    const groups = learnPeers({ traits: people, declaredGroup: NOBODY, previous: NONE });
    expect(groups.size).toBe(72);
    for (const [a, group] of groups) {
      for (const [b, other] of groups) expect(group === other, `${a} and ${b}`).toBe(jobOf(a) === jobOf(b));
    }
  });

  it('are the same whatever the order of people and of what they use', () => {
    const people = aCompany(5, 9, 0.05);
    const expected = [...learnPeers({ traits: people, declaredGroup: NOBODY, previous: NONE })];
    for (const salt of ['a', 'b', 'c']) {
      const mixed = new Map([...shuffled(people, salt)].map(([id, traits]) => [id, shuffled(traits, `${salt}${id}`)]));
      expect([...learnPeers({ traits: mixed, declaredGroup: NOBODY, previous: NONE })]).toEqual(expected);
    }
  });

  it('keep their names and members while people use a little more and less', () => {
    const before = learnPeers({ traits: aCompany(5, 10), declaredGroup: NOBODY, previous: NONE });
    const after = learnPeers({ traits: aCompany(5, 10, 0.06), declaredGroup: NOBODY, previous: before });
    const moved = [...before].filter(([id, group]) => after.get(id) !== group);
    expect(moved).toEqual([]);
    expect(new Set(after.values())).toEqual(new Set(before.values()));
  });

  it('give somebody undeclared the team whose work he does, and leave the declared alone', () => {
    const people = aCompany(4, 8);
    const outsiders = new Set(['p-01-03', 'p-02-05']);
    const groups = learnPeers({
      traits: people,
      declaredGroup: (id) => (outsiders.has(id) ? undefined : `team:${jobOf(id)}`),
      previous: NONE,
    });
    expect([...groups]).toEqual([
      ['p-01-03', 'team:p-01'],
      ['p-02-05', 'team:p-02'],
    ]);
  });

  it('let somebody go to the group whose work he has taken up', () => {
    const people = aCompany(3, 10);
    const before = learnPeers({ traits: people, declaredGroup: NOBODY, previous: NONE });
    const mover = new Map(people).set('p-00-04', new Map(people.get('p-02-04') ?? []));
    const after = learnPeers({ traits: mover, declaredGroup: NOBODY, previous: before });
    expect(after.get('p-00-04')).toBe(before.get('p-02-04'));
  });

  it('have none of fewer than five; one that is there goes on with three', () => {
    const four = aCompany(4, 4);
    expect(learnPeers({ traits: four, declaredGroup: NOBODY, previous: NONE }).size).toBe(0);
    const five = aCompany(4, 5);
    const before = learnPeers({ traits: five, declaredGroup: NOBODY, previous: NONE });
    expect(before.size).toBe(20);
    const fewer = new Map([...five].filter(([id]) => !['p-00-00', 'p-00-01'].includes(id)));
    expect(learnPeers({ traits: fewer, declaredGroup: NOBODY, previous: before }).get('p-00-03')).toBe(before.get('p-00-03'));
    const two = new Map([...five].filter(([id]) => !['p-00-00', 'p-00-01', 'p-00-02'].includes(id)));
    expect(learnPeers({ traits: two, declaredGroup: NOBODY, previous: before }).has('p-00-03')).toBe(false);
  });

  it('leave out who is like nobody: his parents speak for him', () => {
    const people = aCompany(3, 8).set('p-99', days({ mail: 3, chat: 3, 'own-system': 9 }));
    expect(learnPeers({ traits: people, declaredGroup: NOBODY, previous: NONE }).has('p-99')).toBe(false);
    expect(learnPeers({ traits: new Map(), declaredGroup: NOBODY, previous: NONE }).size).toBe(0);
  });

  it('are not told by what everybody uses, nor by how busy somebody is', () => {
    const everybody = new Map(Array.from({ length: 30 }, (_, n) => [`p-${n}`, days({ mail: n + 1, chat: 30 - n })]));
    expect(learnPeers({ traits: everybody, declaredGroup: NOBODY, previous: NONE }).size).toBe(0);
  });

  it('hold members only of whom something is known, each once', () => {
    const Company = fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.integer({ min: 1, max: 40 })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(Company, (drawn) => {
        const traits = new Map(drawn.map((used, n) => [`p-${String(n).padStart(2, '0')}`, days(used)]));
        const groups = learnPeers({ traits, declaredGroup: (id) => (id.endsWith('7') ? 'team:seven' : undefined), previous: NONE });
        for (const [id, group] of groups) {
          expect(traits.has(id) && !id.endsWith('7')).toBe(true);
          const size = [...groups.values()].filter((other) => other === group).length;
          if (group !== 'team:seven') expect(size).toBeGreaterThanOrEqual(5);
        }
      }),
      { seed: 11 },
    );
  });
});

describe('overlap', () => {
  it('is symmetric, at most 1, and 1 for two who use the same', () => {
    const people = aCompany(4, 6, 0.1).set('twin', new Map(aCompany(4, 6, 0.1).get('p-01-02') ?? []));
    const near = neighboursOf(people);
    for (const [id, neighbours] of near) {
      expect(neighbours.length).toBeLessThanOrEqual(20);
      for (const { identity, overlap } of neighbours) {
        expect(overlap).toBeGreaterThanOrEqual(0.25);
        expect(overlap).toBeLessThanOrEqual(1);
        expect(near.get(identity)?.find((other) => other.identity === id)?.overlap).toBe(overlap);
      }
    }
    expect(near.get('twin')?.[0]).toMatchObject({ identity: 'p-01-02', overlap: 1 });
  });

  it('is the weighted Jaccard coefficient', () => {
    // x and y are two people's each: both have an idf of ln 5/2.
    const people = new Map([
      ['a', days({ x: 3, y: 3 })],
      ['b', days({ x: 7 })],
      ['c', days({ y: 1 })],
      ['d', days({ z: 1 })],
      ['e', days({ z: 1, w: 9 })],
    ]);
    const expected = Math.log(4) / (Math.log(4) + Math.log(4) + Math.log(8) - Math.log(4));
    expect(neighboursOf(people).get('b')).toEqual([{ identity: 'a', overlap: Math.round(expected * 1e6) / 1e6 }]);
    expect(neighboursOf(people).get('d')).toEqual([{ identity: 'e', overlap: 1 }]); // w is e's alone
  });
});

describe('traits', () => {
  const day = (shown: Readonly<Record<string, readonly string[]>>): TraitsOfDay =>
    new Map(Object.entries(shown).map(([id, traits]) => [id, new Set(traits)]));

  it('gain a unit for each day of use, and fade by half in thirty days', () => {
    const first = mergeTraits(new Map(), 100, new Map([[100, day({ anna: ['erp', 'mail'] })]]), 101);
    expect(first.get('anna')).toEqual(
      new Map([
        ['erp', UNIT],
        ['mail', UNIT],
      ]),
    );
    const second = mergeTraits(first, 101, new Map([[101, day({ anna: ['mail'] })]]), 102);
    expect(second.get('anna')?.get('mail')).toBeGreaterThan(1.97 * UNIT);
    const month = mergeTraits(second, 102, new Map(), 132);
    expect((month.get('anna')?.get('erp') ?? 0) / UNIT).toBeCloseTo(0.49, 1);
    expect(mergeTraits(second, 102, new Map(), 102 + 300).has('anna')).toBe(false);
  });

  it('are bounded, the heaviest kept', () => {
    const many = Array.from({ length: 60 }, (_, n) => `s-${String(n).padStart(2, '0')}`);
    const before = mergeTraits(new Map(), 100, new Map([[100, day({ anna: many.slice(50) })]]), 101);
    const after = mergeTraits(before, 101, new Map([[101, day({ anna: many })]]), 102);
    expect(after.get('anna')?.size).toBe(MAX_TRAITS);
    for (const name of many.slice(50)) expect(after.get('anna')?.has(name)).toBe(true);
  });
});
