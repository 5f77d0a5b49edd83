import { UNIT } from '../statistics/decay.js';
import type { Traits } from './traits.js';

export interface Neighbour {
  readonly identity: string;
  /** Weighted overlap, in (0, 1], quantised to 1e-6. */
  readonly overlap: number;
}

/** Neighbours of one identity: more add the merely similar, fewer leave a team in pieces. */
const MOST_NEIGHBOURS = 20;
/** A quarter of what two people use, weighed by rarity, in common. Colleagues who share what everybody has stay far below. */
const LEAST_OVERLAP = 0.25;
/** What more than half of all use tells nobody apart. */
const GREATEST_SHARE = 0.5;
/** And what so many use does so little that comparing all pairs of them is not worth its time: n(n-1)/2. */
const MOST_HOLDERS = 400;

/**
 * Whom each identity is most like, by what they use: weighted Jaccard overlap `sum min / sum max` of tf-idf weights, `ln(1 + days) ln(N / n)`.
 * What one alone uses says nothing of whom he is like, and is left out on both sides; so is what more than half of all use.
 *
 * @param traits of all identities, those that need peers and those that can be some
 * @returns at most 20 for each, nearest first, ties by id; who has none is missing
 * @see P.-N. Tan, M. Steinbach, V. Kumar, "Introduction to Data Mining", extended Jaccard; K. Sparck Jones 1972 for idf
 */
export function neighboursOf(traits: ReadonlyMap<string, Traits>): ReadonlyMap<string, readonly Neighbour[]> {
  const identities = [...traits.keys()].sort(compare);
  const holdings = holdingsOf(identities, traits);
  const total = Float64Array.from(holdings, (own) => own.reduce((sum, { weight }) => sum + weight, 0));
  const found = new Map<string, readonly Neighbour[]>();
  const common = new Float64Array(identities.length);
  identities.forEach((identity, at) => {
    const touched: number[] = [];
    for (const { weight, holders } of holdings[at] ?? []) {
      for (const other of holders) {
        if (other.at === at) continue;
        if (common[other.at] === 0) touched.push(other.at);
        common[other.at] = (common[other.at] ?? 0) + Math.min(weight, other.weight);
      }
    }
    const near: Neighbour[] = [];
    for (const other of touched) {
      const shared = common[other] ?? 0;
      common[other] = 0;
      const overlap = quantise(shared / ((total[at] ?? 0) + (total[other] ?? 0) - shared));
      if (overlap >= LEAST_OVERLAP) near.push({ identity: identities[other] ?? '', overlap });
    }
    near.sort((a, b) => b.overlap - a.overlap || compare(a.identity, b.identity));
    if (near.length > 0) found.set(identity, near.slice(0, MOST_NEIGHBOURS));
  });
  return found;
}

interface Holder {
  /** Place in the list of identities. */
  readonly at: number;
  readonly weight: number;
}
interface Holding {
  readonly weight: number;
  /** All who have the trait, this one too. */
  readonly holders: readonly Holder[];
}

/** What of each identity's traits tells people apart, in the order of the traits' names: sums have the same bits from both ends. */
function holdingsOf(identities: readonly string[], traits: ReadonlyMap<string, Traits>): readonly (readonly Holding[])[] {
  const byTrait = new Map<string, { readonly at: number; readonly days: number }[]>();
  identities.forEach((identity, at) => {
    for (const [trait, weight] of traits.get(identity) ?? []) {
      const known = byTrait.get(trait);
      const held = { at, days: weight / UNIT };
      if (known) known.push(held);
      else byTrait.set(trait, [held]);
    }
  });
  const most = Math.min(MOST_HOLDERS, identities.length * GREATEST_SHARE);
  const holdings = identities.map((): Holding[] => []);
  for (const [, held] of [...byTrait].sort(([a], [b]) => compare(a, b))) {
    if (held.length < 2 || held.length > most) continue;
    const rarity = Math.log(identities.length / held.length);
    const holders = held.map(({ at, days }): Holder => ({ at, weight: rarity * Math.log1p(days) }));
    for (const { at, weight } of holders) holdings[at]?.push({ weight, holders });
  }
  return holdings;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** The same on every machine, whatever its libm does in the last bit. */
const quantise = (value: number): number => Math.round(value * 1e6) / 1e6;
