import fc from 'fast-check';
import { gammaln } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { HOUR_MS, newLine, organisationOf, replay, START, step } from '../../test/history.js';
import { aCommand, typedHistory } from '../../test/typists.js';
import { MOST_PROFILE_BYTES } from '../profile-bound.js';
import { COMMANDS_FEATURE, isAlarming, sentenceOf, type Assessment } from '../index.js';
import { temperedNats, verbEvidence } from './block-evidence.js';
import { COMMANDS } from './command-parameters.js';
import { commandSessionScore } from './command-session.js';
import { mergeVerbs } from './verb-population.js';
import { VerbShares } from './verb-shares.js';

const others = [0.1, 0.2, 0.3, 0.4];
const own = [0.6, 0.25, 0.1, 0.05];
const evidenceOf = (verbs: readonly number[]): number => {
  const seen = [0, 0, 0, 0];
  return verbs.reduce((sum, verb, before) => {
    const added = verbEvidence({ others: others[verb] ?? 0, own: own[verb] ?? 0 }, seen[verb] ?? 0, before);
    seen[verb] = (seen[verb] ?? 0) + 1;
    return sum + added;
  }, 0);
};
const urn = (counts: readonly number[], s: number, p: readonly number[]): number =>
  gammaln(s) -
  gammaln(s + counts.reduce((a, b) => a + b, 0)) +
  counts.reduce((sum, count, verb) => sum + gammaln(count + s * (p[verb] ?? 0)) - gammaln(s * (p[verb] ?? 0)), 0);

describe('evidence of a block', () => {
  it('is what 60-digit arithmetic gives', () => {
    expect(evidenceOf([0, 0, 1, 0, 0, 2, 0, 1, 0, 0])).toBeCloseTo(-11.324484366065557, 12);
  });
  it('is the closed form of the Dirichlet compound multinomial and the multinomial, in whatever order the verbs came', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 100 }), (verbs) => {
        const counts = [0, 1, 2, 3].map((verb) => verbs.filter((one) => one === verb).length);
        const plain = counts.reduce((sum, count, verb) => sum + count * Math.log((others[verb] ?? 0) / (own[verb] ?? 0)), 0);
        const closed = urn(counts, COMMANDS.otherConcentration, others) - urn(counts, COMMANDS.ownConcentration, own);
        expect(evidenceOf(verbs)).toBeCloseTo(closed + COMMANDS.unigramWeight * plain, 8);
        expect(evidenceOf(verbs.toReversed())).toBeCloseTo(evidenceOf(verbs), 8);
      }),
    );
  });
  it('counts a burst of one verb less than as many different ones, and a hundred commands like ten proofs', () => {
    expect(evidenceOf([3, 3, 3, 3])).toBeLessThan(4 * evidenceOf([3]));
    expect(temperedNats(50, 100)).toBe(5);
    expect(temperedNats(5, 1)).toBe(5);
  });
});

describe('shares of verbs', () => {
  const groupsOf = (): readonly string[] => ['*', 'team'];
  const dayOf = (...typed: readonly (readonly [string, string, number])[]): Map<string, Map<string, number>> => {
    const tally = new Map<string, Map<string, number>>();
    for (const [verb, who, times] of typed) tally.set(verb, (tally.get(verb) ?? new Map<string, number>()).set(who, times));
    return tally;
  };
  const empty = { day: 0, verbs: new Map() };
  it('sum to less than 1, unseen verbs have some, and the peers pull towards themselves', () => {
    const merged = mergeVerbs(empty, new Map([[9, dayOf(['ls', 'a', 300], ['cat', 'b', 100])]]), 10, groupsOf);
    const shares = new VerbShares([merged.get('*'), { total: 256 * 1_000, values: new Map([['cat', 256 * 1_000]]) }]);
    expect(shares.of('ls').population).toBeCloseTo(300 / 420, 2);
    expect(shares.of('nc').population).toBeCloseTo(0.02 / 420, 6);
    expect(shares.of('cat').peers).toBeGreaterThan(shares.of('cat').population);
    expect(shares.of('ls').population + shares.of('cat').population).toBeLessThan(1);
  });
  it('do not depend on the order of what was typed, and no script outvotes the people', () => {
    const one = mergeVerbs(empty, new Map([[9, dayOf(['ls', 'a', 5], ['curl', 'script', 1_000_000])]]), 10, groupsOf);
    const other = mergeVerbs(empty, new Map([[9, dayOf(['curl', 'script', 1_000_000], ['ls', 'a', 5])]]), 10, groupsOf);
    expect([...one.get('*')!.values].sort()).toEqual([...other.get('*')!.values].sort());
    expect(one.get('*')?.values.get('curl')).toBe(256 * COMMANDS.identityDayCommands);
  });
  it('halve in thirty days and are forgotten', () => {
    const first = mergeVerbs(empty, new Map([[9, dayOf(['ls', 'a', 100])]]), 10, groupsOf);
    const later = mergeVerbs({ day: 10, verbs: first }, new Map(), 40, groupsOf);
    expect(later.get('*')?.values.get('ls')).toBe(256 * 50);
    expect(mergeVerbs({ day: 40, verbs: later }, new Map(), 800, groupsOf).size).toBe(0);
  });
});

describe('score of a session with commands', () => {
  it('keeps the order of the evidence from far below 0 to far above, and other events add to it', () => {
    fc.assert(
      fc.property(fc.integer({ min: -300, max: 150 }), (nats) => {
        expect(commandSessionScore([nats + 1], [])).toBeGreaterThan(commandSessionScore([nats], []));
      }),
    );
    expect(commandSessionScore([-40, 12, 3], [])).toBe(commandSessionScore([12], []));
    expect(commandSessionScore([2], [1e-5])).toBeGreaterThan(commandSessionScore([2], [0.5]));
    expect(commandSessionScore([0], [])).toBeCloseTo(9.516258, 5);
  });
});

const PEOPLE = 12;
const blocks = typedHistory(PEOPLE, 60, 3);
const organisation = organisationOf(Array.from({ length: PEOPLE }, (_, index) => ({ id: `p-${index}` })));
const line = newLine(organisation);
const assessments = replay(
  line,
  blocks.flatMap(({ events }) => events),
);
const b2 = (assessment: Assessment) => assessment.terms.find(({ feature }) => feature === COMMANDS_FEATURE);
const lastOf = new Map(assessments.map((assessment) => [assessment.eventUid, assessment]));
const test = blocks.slice(PEOPLE * 20);

/** Chance that an intruder's block stands above an own one. */
function auc(scores: readonly number[]): number {
  const of = (isIntruder: boolean): number[] => scores.filter((_, index) => test[index]?.isIntruder === isIntruder);
  let above = 0;
  for (const high of of(true)) for (const low of of(false)) above += high > low ? 1 : high === low ? 0.5 : 0;
  return above / (of(true).length * of(false).length);
}
/** Maxion & Townsend's naive Bayes with update, without gate. */
function naiveBayes(): number[] {
  const typed = new Map<string, Map<string, number>>([['*', new Map()]]);
  const total = (who: string): number => [...(typed.get(who)?.values() ?? [])].reduce((a, b) => a + b, 0);
  return blocks
    .map(({ who, verbs }) => {
      const mine = typed.get(who) ?? new Map<string, number>();
      typed.set(who, mine);
      const all = typed.get('*') ?? new Map<string, number>();
      const [ownTotal, allTotal] = [total(who), total('*')];
      const score = verbs.reduce((sum, verb) => {
        const n = mine.get(verb) ?? 0;
        return sum + Math.log(((all.get(verb) ?? 0) - n + 0.01) / (allTotal - ownTotal + 4)) - Math.log((n + 0.01) / (ownTotal + 4));
      }, 0);
      for (const verb of verbs) for (const counts of [mine, all]) counts.set(verb, (counts.get(verb) ?? 0) + 1);
      return score;
    })
    .slice(PEOPLE * 20);
}

describe('commands of a session', () => {
  it('tell an intruder from the person better than naive Bayes does', () => {
    const evidence = test.map(({ events }) => b2(lastOf.get(events.at(-1)?.uid ?? '')!)?.evidence ?? 0);
    expect(test.filter(({ isIntruder }) => isIntruder).length).toBeGreaterThan(20);
    const [ours, theirs] = [auc(evidence), auc(naiveBayes())];
    console.log(`AUC: ours ${ours.toFixed(3)}, naive Bayes ${theirs.toFixed(3)}`);
    expect(ours).toBeGreaterThan(0.95);
    expect(ours).toBeGreaterThan(theirs);
  });
  it('are judged by commands alone but for the first, which says when and from where', () => {
    const [first, second] = (blocks.at(-1)?.events ?? []).map(({ uid }) => lastOf.get(uid));
    expect(first?.terms.length).toBeGreaterThan(2);
    expect(second?.terms.map(({ feature }) => feature)).toEqual([COMMANDS_FEATURE]);
    expect(second?.stratum).toBe('human/commands');
  });
  it('say in words what is unusual and what is usual', () => {
    const strange = [...lastOf.values()].filter((assessment) => (b2(assessment)?.details?.commands?.unusual.length ?? 0) > 0).at(-1)!;
    expect(sentenceOf(b2(strange)!)).toMatch(/^Commands unlike this identity: prog\d+.*; usual: prog\d+ \d+ %/);
  });
  it('go on from stored state with the same bits, in the middle of a block too', () => {
    const profile = line.model.encodeProfile(line.profiles.get('p-0')!);
    const snapshot = line.model.decodeSnapshot(line.model.encodeSnapshot(line.snapshot));
    const straight = { ...line, profiles: new Map([['p-0', line.model.decodeProfile(profile)]]) };
    const stored = { ...line, snapshot, profiles: new Map([['p-0', line.model.decodeProfile(profile)]]) };
    for (let index = 0; index < 250; index += 1) {
      const event = aCommand('p-0', START + 61 * 86_400_000 + index * 1_000, `s-${index % 3}`, `prog${(index * 7) % 40}`);
      expect(step(stored, event)).toEqual(step(straight, event));
      stored.profiles.set('p-0', stored.model.decodeProfile(stored.model.encodeProfile(stored.profiles.get('p-0')!)));
    }
    expect(stored.model.encodeProfile(stored.profiles.get('p-0')!)).toBe(straight.model.encodeProfile(straight.profiles.get('p-0')!));
  });
  it('keep the state small, whatever is typed', () => {
    const noisy = { ...newLine(organisation), snapshot: line.snapshot };
    for (let index = 0; index < 5_000; index += 1) step(noisy, aCommand('p-1', START + index * 60_000, `s-${index % 40}`, `x${index}`));
    expect(noisy.model.encodeProfile(noisy.profiles.get('p-1')!).length).toBeLessThanOrEqual(MOST_PROFILE_BYTES);
  });
  it('alarm once a block, and an intruder is not learned', () => {
    const visited = newLine(organisation);
    replay(
      visited,
      blocks.slice(0, PEOPLE * 20).flatMap(({ events }) => events),
    );
    const attack = (day: number): Assessment[] =>
      Array.from({ length: 90 }, (_, index) =>
        step(visited, aCommand('p-2', START + (20 + day) * 86_400_000 + index * 1_000, `attack-${day}`, `evil${index % 9}`)),
      );
    const first = attack(0);
    expect(first.filter((assessment) => isAlarming(assessment, visited.snapshot)).length).toBe(1);
    // The session that was not finished is over after an hour without a command.
    step(visited, aCommand('p-2', START + 20 * 86_400_000 + 5 * HOUR_MS, 'own', 'prog0'));
    attack(1);
    attack(2);
    expect(b2(attack(8).at(-1)!)?.counts.person).toBe(0);
  });
});
