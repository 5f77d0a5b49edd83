import { nats, quantise, rankWeight, weightOfEvidence } from './combination.js';

/**
 * What made an identity's day alarming: each feature once, by its acts of the whole day together, and each rule once.
 *
 * A trip's thirty acts from one new network are one reason and not thirty; a new network, a new application and a right out of the peers' order are three,
 * whether one act showed them or three. `E = sum over i of w_(i) / sqrt(i)`, `score = 100 (1 - exp(-E / 10))`, with w the {@link weightOfEvidence} of
 * `e_f = max over k of -ln(p_(k) sqrt(n / k))`: n acts that were looked at count as sqrt(n) looks, since acts of one day resemble each other (all of them
 * independent would be n looks: Simes, Biometrika 73(3), 1986; all of them the same act would be one).
 */
export class DayReasons {
  readonly #looks = new Map<string, number[]>();
  readonly #rules = new Map<string, number>();

  /** @param p of the feature at one act of the day */
  add(feature: string, p: number): void {
    const looks = this.#looks.get(feature);
    if (looks) looks.push(p);
    else this.#looks.set(feature, [p]);
  }

  /** @param p of a finding that is no score: it was not looked for in every act */
  addRule(detection: string, p: number): void {
    this.#rules.set(detection, Math.min(p, this.#rules.get(detection) ?? 1));
  }

  /** @returns [0, 100], 0 for no reasons; quantised to 1e-6. The same in any order. */
  score(): number {
    const weights: number[] = [];
    for (const ps of this.#looks.values()) weights.push(weightOfEvidence(natsOf(ps)));
    for (const p of this.#rules.values()) weights.push(weightOfEvidence(nats(p)));
    let evidence = 0;
    for (const [index, weight] of weights.sort((a, b) => b - a).entries()) evidence += weight * rankWeight(index);
    return quantise(100 * (1 - Math.exp(-evidence / 10)));
  }
}

function natsOf(ps: readonly number[]): number {
  let most = 0;
  const sorted = [...ps].sort((a, b) => a - b);
  for (const [index, p] of sorted.entries()) most = Math.max(most, nats(p) - Math.log(sorted.length / (index + 1)) / 2);
  return most;
}
