import { nats, quantise, rankWeight, rankWeightedSum, weightOfEvidence } from './combination.js';
import type { Term } from './assessment.js';
import { SHARED_FACTOR, sharedKeyOf } from './shared-reasons.js';

/** One feature of an act, as a day is ranked by it. */
export interface DayReason {
  readonly feature: string;
  readonly p: number;
  /** Under which name it may turn out to be colleagues' too, see `sharedKeyOf`. */
  readonly sharedKey?: string | undefined;
}
/** Of a term as it was scored. */
export const dayReasonOf = (term: Pick<Term, 'feature' | 'observed' | 'p' | 'counts'>): DayReason => ({
  feature: term.feature,
  p: term.p,
  sharedKey: sharedKeyOf(term),
});

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
  /** Acts of which a reason weighs less when colleagues had it too (docs/adr/0037): few, so they are kept until the day is over. */
  readonly #shareable: (readonly DayReason[])[] = [];
  #worst = 0;

  /** @param terms of one act of the day, each feature once, in any order */
  addAct(terms: readonly DayReason[]): void {
    if (terms.some(({ sharedKey }) => sharedKey !== undefined)) this.#shareable.push(terms);
    else this.#worst = Math.max(this.#worst, take(this.#looks, terms));
  }

  /** @param p of a finding that is no score: it was not looked for in every act */
  addRule(detection: string, p: number): void {
    this.#rules.set(detection, Math.min(p, this.#rules.get(detection) ?? 1));
  }

  /** Names of what colleagues may have done on the same day. */
  shareable(): ReadonlySet<string> {
    return new Set(this.#shareable.flatMap((terms) => terms.flatMap(({ sharedKey }) => (sharedKey === undefined ? [] : [sharedKey]))));
  }

  /**
   * @param isShared whether colleagues did the same: a third of the evidence is left then
   * @returns [0, 100], 0 for no reasons; quantised to 1e-6. The same in any order.
   */
  score(isShared: (key: string) => boolean = () => false): number {
    const looks = new Map([...this.#looks].map(([feature, ps]): [string, number[]] => [feature, [...ps]]));
    let worst = this.#worst;
    for (const act of this.#shareable)
      worst = Math.max(
        worst,
        take(
          looks,
          act.map((term) => (term.sharedKey !== undefined && isShared(term.sharedKey) ? { ...term, p: term.p ** SHARED_FACTOR } : term)),
        ),
      );
    const reasons = rankWeighted([...looks.values()].map((ps) => weightOfEvidence(natsOf(ps))));
    const rules = [...this.#rules.values()].map((p) => weightOfEvidence(nats(p)));
    return quantise(100 * (1 - Math.exp(-rankWeighted([(reasons + worst) / 2, ...rules]) / 10)));
  }
}

/** Adds an act to the looks of each feature. @returns what it weighs by itself */
function take(looks: Map<string, number[]>, terms: readonly DayReason[]): number {
  for (const { feature, p } of terms) {
    const ps = looks.get(feature);
    if (ps) ps.push(p);
    else looks.set(feature, [p]);
  }
  return rankWeightedSum(terms.map(({ p }) => p).sort((a, b) => a - b));
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
