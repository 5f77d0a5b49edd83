import { AT } from '../level-tables.js';
import type { Term } from '../assessment.js';
import type { Level } from '../levels.js';
import type { Scene } from './model.js';
import { sharedValue, type SharedValue } from './shared-values.js';

/** Probabilities and counts of one value, for each level from the finest to the coarsest. */
export interface BackoffResult {
  /** ln p_population - ln p_person of the finest value, in nats: how much more everybody than the identity explains it. */
  readonly logRatio: number;
  /** Coarsest level at which the identity never showed the value; undefined when even the finest is known. */
  readonly newLevel: Level | undefined;
  /** Decayed events of the identity that spoke of this feature. */
  readonly history: number;
  /** What the groups say of the finest value and its parents. */
  readonly finest: SharedValue;
}

/**
 * Back-off categorical with Dirichlet shrinkage: person -> peer groups -> population, and finest -> coarsest value, with the discount of Pitman-Yor.
 *
 * `p_pop(v) = (c(v) + t p_pop(parent) b(v)) / (N + t)`; for each group, widest first, `p_g(v) = (c_g(v) + k2 p_wider(v)) / (n_g + k2)`;
 * `p_u(v) = (max(c_u(v) - d, 0) + (k1 + D) p_u(parent) p_g(v | parent)) / (n_u + k1)`, with D the discounted mass: a person with many values expects more new ones.
 *
 * @param levels finest first @param values of the event, one of each level
 * @see scoring.md section 2; Teh, "A Hierarchical Bayesian Language Model based on Pitman-Yor Processes", ACL 2006, equation 8
 */
export function backoff(scene: Scene, levels: readonly Level[], values: readonly string[]): BackoffResult {
  const finest = sharedValue(scene.chain, levels, values, scene.params);
  if (last.scene !== scene) last = { scene, results: [] };
  for (const result of last.results) if (result.finest === finest) return result;
  const result = compute(scene, finest);
  last.results.push(result);
  return result;
}

/** Of one event: what the device says of the network is asked of the device again. */
let last: { readonly scene: Scene | undefined; readonly results: BackoffResult[] } = { scene: undefined, results: [] };

function compute({ params, state, scale, say }: Scene, finest: SharedValue): BackoffResult {
  const { tables } = state;
  let parentPerson = 1;
  let newLevel: Level | undefined;
  let history = 0;
  for (const { level, at, value, conditional } of finest.line) {
    const total = tables.total(at);
    const seen = tables.get(at, value) * say;
    const independent = total * say;
    history = total * scale;
    const discounted = Math.min(tables.size(at) * params.discount, independent);
    parentPerson =
      (Math.max(0, seen - params.discount) + (params.personShrinkage + discounted) * parentPerson * conditional) /
      (independent + params.personShrinkage);
    if (seen === 0) newLevel ??= level;
  }
  return { logRatio: Math.log(finest.population / parentPerson), newLevel, history, finest };
}

/**
 * The attacker's side of the ratio: `p_att = (1 - e) p_pop + e p_intel`, with `p_intel = lift x p_pop`.
 * @param lift how many times more often attackers than everybody show the value @returns nats to add, at least ln(1 - e)
 */
export const intelligence = (share: number, lift: number): number => Math.log(1 - share + share * lift);

/** Usual values of one level with their shares, at most 3. */
export const usualOf = ({ state }: Scene, level: Level): Term['usual'] => state.tables.usual(AT[level]);

/**
 * Decayed counts of a value of the event: person, most specific peer group, all. Rounded to a tenth.
 * @param finest of the feature @param level of it or of one of its parents
 */
export function countsOf({ state, scale }: Scene, finest: SharedValue, level: Level): { person: number; peers: number; all: number } {
  let shared = finest;
  while (shared.level !== level && shared.parent) shared = shared.parent;
  const weight = state.tables.get(shared.at, shared.value);
  return {
    // What was seen is never told as 0.
    person: weight === 0 ? 0 : Math.max(0.1, Math.round(weight * scale * 10) / 10),
    peers: shared.peers,
    all: shared.all,
  };
}

/** Of a value without parents. */
export function countsOfSingle(scene: Scene, levels: readonly [Level], value: string): { person: number; peers: number; all: number } {
  return countsOf(scene, sharedValue(scene.chain, levels, [value], scene.params), levels[0]);
}

/** @param weight what the identity's history of the feature weighs, in decay units @returns n_u / (n_u + k1) */
export const confidenceOf = ({ params, say }: Scene, weight: number): number => (weight * say) / (weight * say + params.personShrinkage);
