import { averagePrecision, precisionRecallCurve, type CurvePoint } from './metrics/average-precision.js';
import { bootstrap, intervalOf, type Interval } from './metrics/bootstrap.js';
import { precisionAtK, reachedWithin, shareOf } from './metrics/recall-at-budget.js';
import { rocAuc } from './metrics/roc-auc.js';
import type { Population, ScoredDay } from './population.js';

/** Alerts per 1000 identities and day at which recall is reported. */
export const BUDGETS: readonly number[] = [1, 5, 10, 50];
/** The budget of the aims. */
export const MAIN_BUDGET = 10;

/** One way to rank identity-days: ours, or a comparator. */
export interface Contestant {
  readonly id: string;
  readonly title: string;
  readonly days: readonly ScoredDay[];
}

export interface Measured {
  readonly id: string;
  readonly title: string;
  readonly averagePrecision: Interval;
  readonly rocAuc: number;
  /** By budget of {@link BUDGETS}: share of the attacks with at least one day within it. */
  readonly recall: readonly Interval[];
  /** Share of the attacks of each difficulty within the main budget. */
  readonly byDifficulty: readonly { readonly difficulty: number; readonly recall: Interval }[];
  /** Of the rows within the main budget. */
  readonly precision: number;
  /** Share of the look-alikes with a day within the main budget. */
  readonly lookAlikes: Interval;
  /** Average precision of the first contestant less this one's, on the same resamples. */
  readonly lead: Interval;
  /** Average precision of the first contestant divided by this one's. */
  readonly ratio: Interval;
  readonly curve: readonly CurvePoint[];
  /** Share of attacks reached, for budgets from 0.5 to 100. */
  readonly recallCurve: readonly { readonly budget: number; readonly recall: number }[];
  /** By attack and by look-alike: 1 when it is within the main budget. */
  readonly attacksReached: Uint8Array<ArrayBuffer>;
  readonly lookAlikesReached: Uint8Array<ArrayBuffer>;
  /** By attack: place of its most alarming day in the ranking, from 1. */
  readonly attackRanks: readonly number[];
}

const RECALL_CURVE_BUDGETS: readonly number[] = [0.5, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100];

interface Prepared {
  readonly contestant: Contestant;
  readonly scores: Float64Array<ArrayBuffer>;
  readonly order: Uint32Array<ArrayBuffer>;
}
interface Figures {
  readonly averagePrecision: number;
  readonly recall: readonly number[];
  readonly byDifficulty: readonly number[];
  readonly lookAlikes: number;
}

/**
 * Measures all contestants on one population, with intervals from one bootstrap over people that all of them share.
 *
 * @param contestants the first is the one that the others are compared with
 */
export function measure(
  population: Population,
  contestants: readonly Contestant[],
  options: { readonly resamples: number; readonly seed: string },
): readonly Measured[] {
  const prepared = contestants.map((contestant): Prepared => {
    const scores = population.scores(contestant.days);
    return { contestant, scores, order: population.order(scores) };
  });
  const attackPeople = population.attacks.map(({ identity }) => population.personIndex(identity));
  const lookAlikePeople = population.lookAlikes.map(({ identity }) => population.personIndex(identity));
  const difficulties = [...new Set(population.attacks.flatMap(({ difficulty }) => difficulty ?? []))].sort((a, b) => a - b);
  const everybody = new Uint16Array(population.people.length).fill(1);
  const figuresOf = (drawn: Uint16Array<ArrayBuffer>): readonly Figures[] => {
    const weights = Uint16Array.from(population.personOf, (person) => drawn[person] ?? 0);
    const attackWeights = attackPeople.map((person) => (person === undefined ? 1 : (drawn[person] ?? 0)));
    const lookAlikeWeights = lookAlikePeople.map((person) => (person === undefined ? 1 : (drawn[person] ?? 0)));
    const ofDifficulty = difficulties.map((own) =>
      attackWeights.map((weight, attack) => (population.attacks[attack]?.difficulty === own ? weight : 0)),
    );
    return prepared.map(({ scores, order }) => ({
      averagePrecision: averagePrecision(order, scores, population.positive, weights),
      recall: BUDGETS.map((budget) =>
        shareOf(reachedWithin(order, population.attackRows, population.budgetRows(budget), weights), attackWeights),
      ),
      byDifficulty: shares(reachedWithin(order, population.attackRows, population.budgetRows(MAIN_BUDGET), weights), ofDifficulty),
      lookAlikes: shareOf(reachedWithin(order, population.lookAlikeRows, population.budgetRows(MAIN_BUDGET), weights), lookAlikeWeights),
    }));
  };
  const whole = figuresOf(everybody);
  const resampled = bootstrap(population.people.length, options.resamples, options.seed, figuresOf);
  const across = (index: number, read: (own: Figures, first: Figures) => number): Interval => {
    const value = (figures: readonly Figures[]): number => {
      const own = figures[index];
      const first = figures[0];
      return own && first ? read(own, first) : NaN;
    };
    return intervalOf(value(whole), resampled.map(value));
  };
  const budgetRows = population.budgetRows(MAIN_BUDGET);
  return prepared.map(({ contestant, scores, order }, index) => ({
    id: contestant.id,
    title: contestant.title,
    averagePrecision: across(index, (own) => own.averagePrecision),
    rocAuc: rocAuc(order, scores, population.positive),
    recall: BUDGETS.map((_, at) => across(index, (own) => own.recall[at] ?? NaN)),
    byDifficulty: difficulties.map((difficulty, at) => ({ difficulty, recall: across(index, (own) => own.byDifficulty[at] ?? NaN) })),
    precision: precisionAtK(order, population.positive, budgetRows),
    lookAlikes: across(index, (own) => own.lookAlikes),
    lead: across(index, (own, first) => first.averagePrecision - own.averagePrecision),
    ratio: across(index, (own, first) => first.averagePrecision / own.averagePrecision),
    curve: precisionRecallCurve(order, scores, population.positive),
    recallCurve: RECALL_CURVE_BUDGETS.map((budget) => ({
      budget,
      recall: shareOf(reachedWithin(order, population.attackRows, population.budgetRows(budget))),
    })),
    attacksReached: reachedWithin(order, population.attackRows, budgetRows),
    lookAlikesReached: reachedWithin(order, population.lookAlikeRows, budgetRows),
    attackRanks: bestRanks(order, population),
  }));
}

const shares = (reached: ArrayLike<number>, weightings: readonly (readonly number[])[]): readonly number[] =>
  weightings.map((weights) => shareOf(reached, weights));

function bestRanks(order: Uint32Array<ArrayBuffer>, { attackRows }: Population): readonly number[] {
  const ranks = Array<number>(attackRows.count).fill(Infinity);
  for (const [place, row] of order.entries())
    for (const attack of attackRows.ofRow.get(row) ?? []) ranks[attack] = Math.min(ranks[attack] ?? Infinity, place + 1);
  return ranks;
}
