import { LEVELS, type Level } from '../levels.js';
import { UNIT } from '../statistics/decay.js';
import type { BehaviourParameters } from '../parameters.js';
import type { Scene } from './model.js';

/** Probabilities and counts of one value, for each level from the finest to the coarsest. */
export interface BackoffResult {
  /** ln p_population - ln p_person of the finest value, in nats: how much more everybody than the identity explains it. */
  readonly logRatio: number;
  /** Coarsest level at which the identity never showed the value; undefined when even the finest is known. */
  readonly newLevel: Level | undefined;
  /** Decayed events of the identity that spoke of this feature. */
  readonly history: number;
}

/**
 * Back-off categorical with Dirichlet shrinkage: person -> peer groups -> population, and finest -> coarsest value, with the discount of Pitman-Yor.
 *
 * `p_pop(v) = (c(v) + t p_pop(parent) b(v)) / (N + t)`; for each group, widest first, `p_g(v) = (c_g(v) + k2 p_wider(v)) / (n_g + k2)`;
 * `p_u(v) = (max(c_u(v) - d, 0) + (k1 + D) p_u(parent) p_g(v | parent)) / (n_u + k1)`, with D the discounted mass: a person with many values expects more new ones.
 *
 * @param levels finest first; the event must have a value for each
 * @see scoring.md section 2; Teh, "A Hierarchical Bayesian Language Model based on Pitman-Yor Processes", ACL 2006, equation 8
 */
export function backoff(scene: Scene, levels: readonly Level[]): BackoffResult {
  const { params, state, scale, say, chain } = scene;
  let parentPopulation = 1;
  let parentGroup = 1;
  let parentPerson = 1;
  let newLevel: Level | undefined;
  let history = 0;
  for (let index = levels.length - 1; index >= 0; index -= 1) {
    const level = levels[index] ?? 'net';
    const value = scene.observation.values[level] ?? '';

    const all = chain.counts[0]?.levels[level];
    const total = (all?.total ?? 0) / UNIT;
    const t = params.populationShrinkage;
    const population = ((all?.values.get(value) ?? 0) / UNIT + t * parentPopulation * LEVELS[level].childShare) / (total + t);

    let group = population;
    for (let depth = 1; depth < chain.counts.length; depth += 1) {
      const table = chain.counts[depth]?.levels[level];
      if (!table) continue;
      group = peerShare(table.values.get(value) ?? 0, table.total, group, params);
    }

    const table = state.tables[level];
    const seen = table.get(value) * say;
    const independent = table.total * say;
    history = table.total * scale;
    const discounted = Math.min(table.size * params.discount, independent);
    const conditional = Math.min(1, group / parentGroup);
    const person =
      (Math.max(0, seen - params.discount) + (params.personShrinkage + discounted) * parentPerson * conditional) /
      (independent + params.personShrinkage);
    if (seen === 0) newLevel ??= level;

    parentPopulation = population;
    parentGroup = group;
    parentPerson = person;
  }
  return { logRatio: Math.log(parentPopulation / parentPerson), newLevel, history };
}

/**
 * `p_g(v) = (c_g(v) + k2 p_wider(v)) / (n_g + k2)`, with at most `peerEvents` events' worth of say.
 * @param weight of the value, in decay units @param total of the group @param wider share in the next wider group
 */
export function peerShare(weight: number, total: number, wider: number, params: BehaviourParameters): number {
  const events = total / UNIT;
  if (events === 0) return wider;
  const say = Math.min(events, params.peerEvents);
  return ((weight / total) * say + params.peerShrinkage * wider) / (say + params.peerShrinkage);
}

/**
 * The attacker's side of the ratio: `p_att = (1 - e) p_pop + e p_intel`, with `p_intel = lift x p_pop`.
 * @param lift how many times more often attackers than everybody show the value @returns nats to add, at least ln(1 - e)
 */
export const intelligence = (share: number, lift: number): number => Math.log(1 - share + share * lift);

/** Usual values of one level with their shares, at most 3. */
export function usualOf({ state }: Scene, level: Level): { value: string; share: number }[] {
  const table = state.tables[level];
  if (table.total === 0) return [];
  return table.top(3).map(({ value, weight }) => ({ value, share: Math.min(1, Math.round((weight / table.total) * 1e4) / 1e4) }));
}

/** Decayed counts of the event's value at a level: person, most specific peer group, all. Rounded to a tenth. */
export function countsOf({ state, scale, chain, observation }: Scene, level: Level): { person: number; peers: number; all: number } {
  const value = observation.values[level] ?? '';
  const tenth = (count: number): number => Math.round(count * 10) / 10;
  const weight = state.tables[level].get(value);
  return {
    // What was seen is never told as 0.
    person: weight === 0 ? 0 : Math.max(0.1, tenth(weight * scale)),
    peers: chain.counts.length > 1 ? tenth((chain.counts.at(-1)?.levels[level].values.get(value) ?? 0) / UNIT) : 0,
    all: tenth((chain.counts[0]?.levels[level].values.get(value) ?? 0) / UNIT),
  };
}

/** @param weight what the identity's history of the feature weighs, in decay units @returns n_u / (n_u + k1) */
export const confidenceOf = ({ params, say }: Scene, weight: number): number => (weight * say) / (weight * say + params.personShrinkage);
