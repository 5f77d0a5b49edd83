import type { Tally } from '../day-tally.js';
import { HALF_LIFE_DAYS, UNIT } from '../statistics/decay.js';
import { COMMANDS } from './command-parameters.js';
import type { VerbCounts, VerbPopulation } from './verb-counts.js';

/** An eighth of a command: one three months ago. Less is forgotten. */
const LEAST_WEIGHT = UNIT / 8;

interface OpenCounts {
  total: number;
  readonly values: Map<string, number>;
}

/**
 * What everybody's commands are on a day, from the population of an earlier day and the days between. Integer sums only: any order of events gives the same.
 *
 * @param days day -> verb -> identity -> uses @param groupsOf groups of an identity, the population among them
 */
export function mergeVerbs(
  previous: { readonly day: number; readonly verbs: VerbPopulation },
  days: ReadonlyMap<number, Tally>,
  day: number,
  groupsOf: (identity: string) => readonly string[],
): VerbPopulation {
  const open = new Map<string, OpenCounts>();
  const faded = 2 ** ((previous.day - day) / HALF_LIFE_DAYS);
  for (const [name, { total, values }] of previous.verbs) {
    const kept: OpenCounts = { total: Math.floor(total * faded), values: new Map() };
    for (const [verb, weight] of values) kept.values.set(verb, Math.floor(weight * faded));
    open.set(name, kept);
  }
  for (const [eventDay, tally] of days) {
    const unit = UNIT * 2 ** ((eventDay - (day - 1)) / HALF_LIFE_DAYS);
    const typed = commandsOf(tally);
    for (const [verb, identities] of tally)
      for (const [identity, times] of identities) {
        const all = typed.get(identity) ?? times;
        const weight = Math.round(unit * times * Math.min(1, COMMANDS.identityDayCommands / all));
        for (const name of groupsOf(identity)) add(open, name, verb, weight);
      }
  }
  return new Map([...open].map(([name, counts]): [string, VerbCounts] => [name, trim(counts)]).filter(([, { total }]) => total > 0));
}

/** identity -> commands of the day */
function commandsOf(tally: Tally): ReadonlyMap<string, number> {
  const typed = new Map<string, number>();
  for (const identities of tally.values())
    for (const [identity, times] of identities) typed.set(identity, (typed.get(identity) ?? 0) + times);
  return typed;
}

function add(open: Map<string, OpenCounts>, name: string, verb: string, weight: number): void {
  let counts = open.get(name);
  if (!counts) open.set(name, (counts = { total: 0, values: new Map() }));
  counts.total += weight;
  counts.values.set(verb, (counts.values.get(verb) ?? 0) + weight);
}

function trim({ total, values }: OpenCounts): VerbCounts {
  const kept = [...values].filter(([, weight]) => weight >= LEAST_WEIGHT);
  if (kept.length > COMMANDS.verbsPerGroup) {
    kept.sort(([a, aWeight], [b, bWeight]) => bWeight - aWeight || (a < b ? -1 : 1));
    kept.length = COMMANDS.verbsPerGroup;
  }
  return { total, values: new Map(kept) };
}
