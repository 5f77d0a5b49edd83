import type { Level } from '../levels.js';
import { UNIT } from '../statistics/decay.js';
import type { Scene } from './model.js';
import { peerShare } from './shared-values.js';

/**
 * Surprise at a value that the identity never showed, in nats: `-ln [P(new | u) P(v | new)]`, `P(new | u) = (t + d K) / (t + n)` (Pitman-Yor), and
 * `P(v | new)` the chance that a peer shows it, shrunk to the population. An explorer's tenth new value is cheap, a clerk's first is not, a colleague's
 * tool explains itself.
 *
 * @param firstUses K, decayed number of values that were new once @param history n, decayed number of observations
 * @see Pitman & Yor, Annals of Probability 25(2), 1997; scoring.md section 2
 */
export function surpriseAtNew(scene: Scene, level: Level, value: string, firstUses: number, history: number): number {
  const { concentration, discount } = scene.params;
  const fresh = Math.min(1, (concentration + discount * firstUses) / (concentration + history));
  return -Math.log(fresh * shareOf(scene, level, value));
}

/** The product of two uniform p-values is at most s with chance s (1 - ln s). */
export const noveltyP = (evidence: number): number => (evidence <= 0 ? 1 : Math.min(1, Math.exp(-evidence) * (1 + evidence)));

/** P(v | new): the population's share of observations with the value, then that of each narrower group; in (0, 1]. Nothing known anywhere: 1, since then all is new. */
function shareOf({ chain, params }: Scene, level: Level, value: string): number {
  let share = 1;
  chain.counts.forEach(({ levels }, depth) => {
    const { total, values } = levels[level];
    const weight = values.get(value) ?? 0;
    const t = params.populationShrinkage;
    share = depth === 0 ? (weight / UNIT + t) / (total / UNIT + t) : peerShare(weight, total, share, params);
  });
  return Math.min(1, share);
}
