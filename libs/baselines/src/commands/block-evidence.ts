import { COMMANDS } from './command-parameters.js';

/** What is expected of a verb: the share of it in anybody's commands, and in the identity's own. Both in (0, 1]. */
export interface VerbShare {
  readonly others: number;
  readonly own: number;
}

/**
 * What the next verb of a block adds to the evidence that somebody else types, in nats; positive speaks for somebody else.
 *
 * The sum over a block is `ln p(c | s_o p_others) - ln p(c | s_u p_own)` of the Dirichlet compound multinomial,
 * `ln p(c | a) = lnG(s) - lnG(s + n) + sum_v [lnG(c_v + a_v) - lnG(a_v)]`, `a = s p`, plus a share of the same ratio of plain multinomials. It is taken verb by
 * verb, as a Polya urn: `p(next = v) = (a_v + c_v) / (s + n)`, so that no gamma function is needed, and each command knows what it added.
 *
 * @param seen c_v, how often the block has the verb already
 * @param before n, verbs of the block already
 * @see Madsen, Kauchak, Elkan, "Modeling Word Burstiness Using the Dirichlet Distribution", ICML 2005
 */
export function verbEvidence({ others, own }: VerbShare, seen: number, before: number): number {
  const { otherConcentration: so, ownConcentration: su, unigramWeight } = COMMANDS;
  const urn = Math.log(((so * others + seen) * (su + before)) / ((so + before) * (su * own + seen)));
  return urn + unigramWeight * Math.log(others / own);
}

/**
 * Evidence of a block as a likelihood ratio that can be believed: commands follow from each other (one does not type `make` a hundred times for a hundred
 * reasons), so n of them speak like the square root of n. Of one command it is the ratio itself.
 *
 * @param sum of `verbEvidence`, with what was carried over @param verbs n >= 1 @returns nats
 */
export const temperedNats = (sum: number, verbs: number): number => sum / Math.sqrt(Math.max(1, verbs));
