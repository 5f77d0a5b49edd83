import { dayScore } from '@keyward/baselines';
import type { ScoredDay } from '@keyward/evaluation';

/** What is read of a row: its p, and the score each term's absence would leave. */
interface Row {
  readonly identity: string;
  readonly day: string;
  readonly p: number;
  readonly terms: readonly { readonly feature: string; readonly scoreWithout: number }[];
}

/** Stands beside the features: the ranking with all of them, tallied as the others are. */
export const ALL_FEATURES = 'any feature left out';

/**
 * Rankings with one feature off each, from the counterfactual that stands in every term: no second run is needed, since nearly nothing else depends on one
 * feature (what is learned does, a little: gating looks at the whole p).
 */
export class WithoutFeature {
  readonly #ruleP: ReadonlyMap<string, readonly number[]>;
  readonly #scores = new Map<string, ScoredDay[]>();
  #day: string | undefined;
  #rows: Row[] = [];

  /** @param ruleP by `<day> <identity>`: p of the findings of rules */
  constructor(ruleP: ReadonlyMap<string, readonly number[]>) {
    this.#ruleP = ruleP;
  }

  /** @param row in order of days */
  add(row: Row): void {
    if (row.day !== this.#day) this.#close();
    this.#day = row.day;
    this.#rows.push(row);
  }

  /** @returns by feature */
  end(): ReadonlyMap<string, readonly ScoredDay[]> {
    this.#close();
    return this.#scores;
  }

  #close(): void {
    const day = this.#day;
    if (day === undefined) return;
    const features = [
      ...new Set([ALL_FEATURES, ...this.#scores.keys(), ...this.#rows.flatMap(({ terms }) => terms.map(({ feature }) => feature))]),
    ];
    const identities = new Map<string, Row[]>();
    for (const row of this.#rows) {
      const rows = identities.get(row.identity);
      if (rows) rows.push(row);
      else identities.set(row.identity, [row]);
    }
    for (const feature of features) {
      const days = this.#scores.get(feature) ?? [];
      for (const [identity, rows] of identities) {
        const ps = rows.flatMap((row) => pWithout(row, feature));
        days.push({ identity, day, score: dayScore([...ps, ...(this.#ruleP.get(`${day} ${identity}`) ?? [])]) });
      }
      this.#scores.set(feature, days);
    }
    this.#rows = [];
  }
}

/** @returns nothing when the feature was all that could be evaluated */
function pWithout({ p, terms }: Row, feature: string): readonly number[] {
  const own = terms.find((term) => term.feature === feature);
  if (!own) return [p];
  // score = 100 (1 - exp(ln(p) / 10))
  return terms.length === 1 ? [] : [(1 - own.scoreWithout / 100) ** 10];
}
