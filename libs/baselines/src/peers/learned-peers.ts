import type { Organisation } from '@keyward/identity';
import { z } from 'zod';
import type { Level } from '../levels.js';
import { learnPeers } from './learn-peers.js';
import { mergeTraits, type Traits } from './traits.js';

/** What a snapshot knows of people's likeness; absent where everybody who acts has a declared group. */
export interface LearnedPeers {
  /** Of everybody who has used something lately, by id. */
  readonly traits: ReadonlyMap<string, Traits>;
  /** identity -> learned group, of those for whom none is declared. */
  readonly groups: ReadonlyMap<string, string>;
}

/** What is asked of a day's tally. */
interface DayOfUse {
  readonly levels: ReadonlyMap<Level, ReadonlyMap<string, ReadonlyMap<string, number>>>;
  readonly identities: ReadonlyMap<string, unknown>;
}

/** Levels whose values tell what somebody's work is. */
const TELLING = ['res', 'app', 'ent'] as const satisfies readonly Level[];
/** Identities whose traits are kept, those with most first: a few hundred bytes each. */
const MOST_IDENTITIES = 20_000;

/** Every identity belongs to its kind; that alone is no peer group. */
const isDeclared = (group: string | undefined): group is string => group !== undefined && !group.startsWith('kind:');

/** Most specific first: declared groups, else what was learned in their place. Never empty. */
export function peerGroupsOf(identity: string, organisation: Organisation, learned: LearnedPeers | undefined): readonly string[] {
  const declared = organisation.peerGroups(identity);
  const group = learned?.groups.get(identity);
  return group === undefined || isDeclared(declared[0]) ? declared : [group, ...declared];
}

/**
 * The next snapshot's peers. Nothing is kept while everybody has a declared group.
 *
 * @param from day of the previous snapshot @param days closed days, each before `day`
 */
export function nextPeers(
  previous: LearnedPeers | undefined,
  from: number,
  days: ReadonlyMap<number, DayOfUse>,
  day: number,
  organisation: Organisation,
): LearnedPeers | undefined {
  const declaredGroup = (identity: string): string | undefined => {
    const [group] = organisation.peerGroups(identity);
    return isDeclared(group) ? group : undefined;
  };
  const isNeeded = [...days.values()].some((tally) =>
    [...tally.identities.keys()].some((identity) => declaredGroup(identity) === undefined),
  );
  if (!previous && !isNeeded) return undefined;
  const shown = new Map([...days].map(([shownOn, tally]) => [shownOn, traitsShown(tally)]));
  const traits = busiest(mergeTraits(previous?.traits ?? new Map<string, Traits>(), from, shown, day));
  if (![...traits.keys()].some((identity) => declaredGroup(identity) === undefined)) return undefined;
  return { traits, groups: learnPeers({ traits, declaredGroup, previous: previous?.groups ?? new Map<string, string>() }) };
}

function traitsShown({ levels }: DayOfUse): ReadonlyMap<string, ReadonlySet<string>> {
  const shown = new Map<string, Set<string>>();
  for (const level of TELLING) {
    for (const [value, identities] of levels.get(level) ?? []) {
      for (const identity of identities.keys()) {
        let own = shown.get(identity);
        if (!own) shown.set(identity, (own = new Set()));
        own.add(`${level}:${value}`);
      }
    }
  }
  return shown;
}

function busiest(traits: ReadonlyMap<string, Traits>): ReadonlyMap<string, Traits> {
  if (traits.size <= MOST_IDENTITIES) return traits;
  const weightOf = (own: Traits): number => [...own.values()].reduce((sum, weight) => sum + weight, 0);
  const ranked = [...traits].map(([identity, own]) => ({ identity, own, weight: weightOf(own) }));
  ranked.sort((a, b) => b.weight - a.weight || (a.identity < b.identity ? -1 : 1));
  return new Map(
    ranked
      .slice(0, MOST_IDENTITIES)
      .map(({ identity, own }): [string, Traits] => [identity, own])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** As a snapshot is stored. */
export const PeersWire = z.object({ t: z.record(z.string(), z.record(z.string(), z.number().int())), g: z.record(z.string(), z.string()) });

export const peersToWire = ({ traits, groups }: LearnedPeers): z.infer<typeof PeersWire> => ({
  t: Object.fromEntries(
    [...traits].map(([identity, own]) => [identity, Object.fromEntries([...own].sort(([a], [b]) => (a < b ? -1 : 1)))]),
  ),
  g: Object.fromEntries(groups),
});
export const peersFromWire = ({ t, g }: z.infer<typeof PeersWire>): LearnedPeers => ({
  traits: new Map(Object.entries(t).map(([identity, own]) => [identity, new Map(Object.entries(own))])),
  groups: new Map(Object.entries(g)),
});
