import { HALF_LIFE_DAYS, UNIT } from '../statistics/decay.js';

/** What tells whom somebody is like: resource, application or entitlement -> weight, in decay units. A day of use adds one unit. */
export type Traits = ReadonlyMap<string, number>;

/** Traits kept of one identity, heaviest first: what sets a job apart fits into fewer. Bounds the snapshot. */
export const MAX_TRAITS = 24;
/** An eighth of a day of use: one act three months ago. Less is forgotten. */
const LEAST_WEIGHT = UNIT / 8;

/** identity -> traits that it showed on the day */
export type TraitsOfDay = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Traits with one more day in them. Integers and fixed order: any order of counting gives the same.
 *
 * @param previous as of `from`; it fades by whole days with a half-life of 30
 * @param days day -> what was shown on it; each before `day`
 * @param day UTC day that begins
 */
export function mergeTraits(
  previous: ReadonlyMap<string, Traits>,
  from: number,
  days: ReadonlyMap<number, TraitsOfDay>,
  day: number,
): ReadonlyMap<string, Traits> {
  const faded = decay(day, from);
  const open = new Map<string, Map<string, number>>();
  for (const [identity, traits] of previous) {
    const kept = [...traits].map(([trait, weight]): [string, number] => [trait, Math.floor(weight * faded)]);
    open.set(identity, new Map(kept));
  }
  for (const [shownOn, shown] of days) {
    const weight = Math.round(UNIT * decay(day - 1, shownOn));
    for (const [identity, traits] of shown) {
      let own = open.get(identity);
      if (!own) open.set(identity, (own = new Map<string, number>()));
      for (const trait of traits) own.set(trait, (own.get(trait) ?? 0) + weight);
    }
  }
  const kept = [...open]
    .map(([identity, traits]): [string, Traits] => [identity, heaviest(traits)])
    .filter(([, traits]) => traits.size > 0);
  return new Map(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const decay = (day: number, since: number): number => 2 ** ((since - day) / HALF_LIFE_DAYS);

function heaviest(traits: ReadonlyMap<string, number>): Traits {
  const kept = [...traits].filter(([, weight]) => weight >= LEAST_WEIGHT);
  kept.sort(([a, aWeight], [b, bWeight]) => bWeight - aWeight || (a < b ? -1 : 1));
  return new Map(kept.slice(0, MAX_TRAITS));
}
