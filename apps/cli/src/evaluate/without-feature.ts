import type { ScoredDay } from '@keyward/evaluation';
import { DayEvidence, type Act, type TalliedEvent } from './day-evidence.js';
import { dayScores } from './day-scores.js';
import { dayKey } from './named-causes.js';
import type { RuleFindings } from './rule-findings.js';

/** `2026-01-05` */
const DAY_LENGTH = 10;

/** What is read of a row. */
interface Row extends TalliedEvent {
  readonly identity: string;
  readonly day: string;
}

/**
 * Rankings with one feature off each: a day's reasons without it; with all of them it is the score of `risk.ndjson`. No second run is needed, since nearly
 * nothing else depends on one feature (what is learned does, a little: gating looks at the whole p).
 */
export class WithoutFeature {
  readonly #rules: RuleFindings;
  readonly #groupsOf: (identity: string) => readonly string[];
  /** With all features. */
  readonly #whole: ScoredDay[] = [];
  readonly #scores = new Map<string, ScoredDay[]>();
  #day: string | undefined;
  #identities = new Map<string, DayEvidence>();

  /** @param groupsOf peer groups of an identity */
  constructor(rules: RuleFindings, groupsOf: (identity: string) => readonly string[]) {
    this.#rules = rules;
    this.#groupsOf = groupsOf;
  }

  /** @param row in order of days */
  add(row: Row): void {
    if (row.day !== this.#day) this.#close();
    this.#day = row.day;
    let evidence = this.#identities.get(row.identity);
    if (!evidence) this.#identities.set(row.identity, (evidence = new DayEvidence()));
    evidence.add(row);
  }

  /** @returns the whole ranking, and by feature the one without it */
  end(): { readonly whole: readonly ScoredDay[]; readonly without: ReadonlyMap<string, readonly ScoredDay[]> } {
    this.#close();
    // Days of which only rules say something are the same in every ranking.
    const known = new Set(this.#whole.map(dayKey));
    for (const [key] of this.#rules) {
      if (known.has(key)) continue;
      const [day, identity] = [key.slice(0, DAY_LENGTH), key.slice(DAY_LENGTH + 1)];
      for (const scores of [this.#whole, ...this.#scores.values()]) this.#add(scores, day, new Map([[identity, []]]));
    }
    return { whole: this.#whole, without: this.#scores };
  }

  #close(): void {
    const day = this.#day;
    if (day === undefined) return;
    const acts = new Map([...this.#identities].map(([identity, evidence]) => [identity, [...evidence]]));
    // A feature that is met for the first time was no part of any day before.
    for (const { feature } of [...acts.values()].flat(2)) if (!this.#scores.has(feature)) this.#scores.set(feature, [...this.#whole]);
    this.#add(this.#whole, day, acts);
    for (const [feature, scores] of this.#scores) this.#add(scores, day, acts, feature);
    this.#identities = new Map();
  }

  #add(to: ScoredDay[], day: string, acts: ReadonlyMap<string, readonly Act[]>, without?: string): void {
    for (const [identity, score] of dayScores(day, acts, this.#rules, this.#groupsOf, without)) to.push({ identity, day, score });
  }
}
