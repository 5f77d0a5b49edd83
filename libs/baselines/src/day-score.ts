import { nats, quantise, rankWeight, rankWeightedSum, weightOfEvidence } from './combination.js';

/**
 * What made an identity's day alarming: its most alarming act, its distinct reasons, and each rule once.
 *
 * Reasons: each feature once, by its acts of the whole day together. A trip's thirty acts from one new network are one reason and not thirty; a new network, a
 * new application and a right out of the peers' order are three, in whatever acts they showed. `E = sum over i of w_(i) / sqrt(i)`, with w the
 * {@link weightOfEvidence} of `e_f = max over k of -ln(p_(k) sqrt(n / k))`: n acts that were looked at count as sqrt(n) looks, since acts of one day resemble
 * each other (all of them independent would be n looks: Simes, Biometrika 73(3), 1986; all of them the same act would be one).
 *
 * What alarms is one act, so the day's behaviour is the mean of E and the sum S of the act that alarms most. That and the rules' weights combine by rank again,
 * `score = 100 (1 - exp(-total / 10))`.
 */
export class DayReasons {
  readonly #looks = new Map<string, number[]>();
  readonly #rules = new Map<string, number>();
  #worst = 0;

  /** @param terms of one act of the day, each feature once, in any order */
  addAct(terms: readonly { readonly feature: string; readonly p: number }[]): void {
    for (const { feature, p } of terms) {
      const looks = this.#looks.get(feature);
      if (looks) looks.push(p);
      else this.#looks.set(feature, [p]);
    }
    this.#worst = Math.max(this.#worst, rankWeightedSum(terms.map(({ p }) => p).sort((a, b) => a - b)));
  }

  /** @param p of a finding that is no score: it was not looked for in every act */
  addRule(detection: string, p: number): void {
    this.#rules.set(detection, Math.min(p, this.#rules.get(detection) ?? 1));
  }

  /** @returns [0, 100], 0 for no reasons; quantised to 1e-6. The same in any order. */
  score(): number {
    const reasons = rankWeighted([...this.#looks.values()].map((ps) => weightOfEvidence(natsOf(ps))));
    const rules = [...this.#rules.values()].map((p) => weightOfEvidence(nats(p)));
    return quantise(100 * (1 - Math.exp(-rankWeighted([(reasons + this.#worst) / 2, ...rules]) / 10)));
  }
}

function rankWeighted(weights: number[]): number {
  let sum = 0;
  for (const [index, weight] of weights.sort((a, b) => b - a).entries()) sum += weight * rankWeight(index);
  return sum;
}

function natsOf(ps: readonly number[]): number {
  let most = 0;
  const sorted = [...ps].sort((a, b) => a - b);
  for (const [index, p] of sorted.entries()) most = Math.max(most, nats(p) - Math.log(sorted.length / (index + 1)) / 2);
  return most;
}
