import { createHash } from 'node:crypto';
import { neighboursOf, type Neighbour } from './neighbours.js';
import type { Traits } from './traits.js';

/** Members a learned group begins with: fewer are a coincidence. */
const LEAST_MEMBERS = 5;
/** And with how many it goes on: one who leaves for a week must not scatter the others. */
const KEPT_MEMBERS = 3;
/** So much more must speak for another group than for the one somebody is in: what is near a border stays where it is. */
const STAY = 1.25;
/** Rounds of label propagation. Communities settle in about five; what has not by then is at a border. */
const MOST_ROUNDS = 12;
const PREFIX = 'learned:';

export interface PeerLearning {
  /** Of everybody: declared members are whom the others may turn out to be like. */
  readonly traits: ReadonlyMap<string, Traits>;
  /** The most specific declared group of an identity; undefined when nobody has declared one: only then is it given a learned one. */
  readonly declaredGroup: (identity: string) => string | undefined;
  /** What was learned in the snapshot before: names go on, and so does membership where nothing speaks against it. */
  readonly previous: ReadonlyMap<string, string>;
}

/**
 * Peer groups of those for whom nobody has declared any, from what they use: label propagation over the graph of nearest neighbours. Labels begin as
 * what they were, those of declared groups are fixed, and identities take their turn in the order of their ids: the same input gives the same groups.
 *
 * A group is a declared one whose members somebody is like, or a new one, `learned:<hash of its founder>`, with at least five members (three, once it is
 * there). Who is like nobody gets none: his parents (kind, everybody) speak for him.
 *
 * @returns identity -> group, of undeclared identities only, by id
 * @see U. N. Raghavan, R. Albert, S. Kumara, "Near linear time algorithm to detect community structures", Phys. Rev. E 76, 2007; with fixed labels: X. Zhu, Z. Ghahramani 2002
 */
export function learnPeers({ traits, declaredGroup, previous }: PeerLearning): ReadonlyMap<string, string> {
  const neighbours = neighboursOf(traits);
  const labels = new Map<string, string>();
  const open: string[] = [];
  for (const identity of [...neighbours.keys()].sort()) {
    const declared = declaredGroup(identity);
    if (declared === undefined) open.push(identity);
    labels.set(identity, declared ?? previous.get(identity) ?? nameFor(identity));
  }
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    let moved = 0;
    for (const identity of open) {
      const present = labels.get(identity) ?? '';
      const next = strongest(neighbours.get(identity) ?? [], labels, present);
      if (next === present) continue;
      labels.set(identity, next);
      moved += 1;
    }
    if (moved === 0) break;
  }
  return largeEnough(open, labels, new Set(previous.values()));
}

/** The label that most overlap speaks for; ties go to the present one, then to the first by name. */
function strongest(near: readonly Neighbour[], labels: ReadonlyMap<string, string>, present: string): string {
  const votes = new Map<string, number>();
  for (const { identity, overlap } of near) {
    const label = labels.get(identity);
    if (label !== undefined) votes.set(label, (votes.get(label) ?? 0) + overlap);
  }
  let best = present;
  let most = (votes.get(present) ?? 0) * STAY;
  for (const label of [...votes.keys()].sort()) {
    const vote = votes.get(label) ?? 0;
    if (vote > most) [best, most] = [label, vote];
  }
  return best;
}

function largeEnough(
  open: readonly string[],
  labels: ReadonlyMap<string, string>,
  known: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const members = new Map<string, number>();
  for (const label of labels.values()) members.set(label, (members.get(label) ?? 0) + 1);
  return new Map(
    open.flatMap((identity): [string, string][] => {
      const label = labels.get(identity) ?? '';
      const least = known.has(label) ? KEPT_MEMBERS : LEAST_MEMBERS;
      return (members.get(label) ?? 0) >= least ? [[identity, label]] : [];
    }),
  );
}

/** Of its founder: stays when he leaves. */
const nameFor = (identity: string): string => PREFIX + createHash('sha256').update(identity).digest('hex').slice(0, 12);
