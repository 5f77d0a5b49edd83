import { DayReasons } from '@keyward/baselines';
import type { ScoredDay } from '@keyward/evaluation';
import type { RuleFindings } from './rule-findings.js';

/** What is read of a row. */
interface Row {
  readonly identity: string;
  readonly day: string;
  readonly terms: readonly { readonly feature: string; readonly p: number }[];
}

/** Stands beside the features: the ranking with all of them, tallied as the others are. */
export const ALL_FEATURES = 'any feature left out';

/**
 * Rankings with one feature off each: a day's reasons without it. No second run is needed, since nearly nothing else depends on one feature (what is learned
 * does, a little: gating looks at the whole p).
 */
export class WithoutFeature {
  readonly #rules: RuleFindings;
  readonly #scores = new Map<string, ScoredDay[]>();
  #day: string | undefined;
  #rows: Row[] = [];

  constructor(rules: RuleFindings) {
    this.#rules = rules;
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
    const features = new Set([
      ALL_FEATURES,
      ...this.#scores.keys(),
      ...this.#rows.flatMap(({ terms }) => terms.map(({ feature }) => feature)),
    ]);
    const identities = new Map<string, Row[]>();
    for (const row of this.#rows) {
      const rows = identities.get(row.identity);
      if (rows) rows.push(row);
      else identities.set(row.identity, [row]);
    }
    for (const feature of features) {
      const days = this.#scores.get(feature) ?? [];
      for (const [identity, rows] of identities) {
        const reasons = new DayReasons();
        for (const { terms } of rows) for (const term of terms) if (term.feature !== feature) reasons.add(term.feature, term.p);
        for (const { detection, p } of this.#rules.get(`${day} ${identity}`) ?? []) reasons.addRule(detection, p);
        days.push({ identity, day, score: reasons.score() });
      }
      this.#scores.set(feature, days);
    }
    this.#rows = [];
  }
}
