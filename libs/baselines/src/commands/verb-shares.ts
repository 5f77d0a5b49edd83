import type { PeerChain } from '../population.js';
import { UNIT } from '../statistics/decay.js';
import { COMMANDS } from './command-parameters.js';
import type { VerbCounts } from './verb-counts.js';

/** How common a verb is to everybody and to the peers; both in (0, 1). */
export interface CommonShare {
  readonly population: number;
  readonly peers: number;
}

const NOBODY: VerbCounts = { total: 0, values: new Map() };

/**
 * `p_pop(v) = (c(v) + t b) / (N + t)` with b = 1 / V for verbs that nobody used yet, then for each narrower group `p_g(v) = (c_g(v) + k p_wider(v)) / (n_g + k)`.
 * Of one snapshot and one chain of groups; each verb is computed once.
 */
export class VerbShares {
  readonly #groups: readonly VerbCounts[];
  readonly #known = new Map<string, CommonShare>();

  /** @param groups widest first: population, ..., most specific */
  constructor(groups: readonly (VerbCounts | undefined)[]) {
    this.#groups = groups.map((group) => group ?? NOBODY);
  }

  of(verb: string): CommonShare {
    let share = this.#known.get(verb);
    if (!share) this.#known.set(verb, (share = this.#compute(verb)));
    return share;
  }
  /** Decayed uses by everybody, and by the narrowest group. */
  counts(verb: string): { readonly all: number; readonly peers: number } {
    const of = (group: VerbCounts | undefined): number => Math.round((group?.values.get(verb) ?? 0) / UNIT);
    return { all: of(this.#groups[0]), peers: of(this.#groups.at(-1)) };
  }

  #compute(verb: string): CommonShare {
    const { unseenWeight, unseenVerbs, shrinkage } = COMMANDS;
    const [everybody = NOBODY, ...narrower] = this.#groups;
    const population = ((everybody.values.get(verb) ?? 0) / UNIT + unseenWeight / unseenVerbs) / (everybody.total / UNIT + unseenWeight);
    let peers = population;
    for (const group of narrower) peers = ((group.values.get(verb) ?? 0) / UNIT + shrinkage * peers) / (group.total / UNIT + shrinkage);
    return { population, peers };
  }
}

const shares = new WeakMap<PeerChain, VerbShares>();

/** A chain is of one snapshot. */
export function verbSharesOf(chain: PeerChain): VerbShares {
  let known = shares.get(chain);
  if (!known) shares.set(chain, (known = new VerbShares(chain.verbs)));
  return known;
}
