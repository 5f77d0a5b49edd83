import { DayReasons } from '@keyward/baselines';
import type { ScoredDay } from '@keyward/evaluation';
import { DayEvidence, type Act, type TalliedEvent } from './day-evidence.js';
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
  /** With all features. */
  readonly #whole: ScoredDay[] = [];
  readonly #scores = new Map<string, ScoredDay[]>();
  #day: string | undefined;
  #identities = new Map<string, DayEvidence>();

  constructor(rules: RuleFindings) {
    this.#rules = rules;
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
      for (const scores of [this.#whole, ...this.#scores.values()])
        scores.push({ identity, day, score: this.#scoreOf(key, [], undefined) });
    }
    return { whole: this.#whole, without: this.#scores };
  }

  #close(): void {
    const day = this.#day;
    if (day === undefined) return;
    const days = [...this.#identities].map(([identity, evidence]): [string, readonly Act[]] => [identity, [...evidence]]);
    // A feature that is met for the first time was no part of any day before.
    for (const [, acts] of days)
      for (const { feature } of acts.flat()) if (!this.#scores.has(feature)) this.#scores.set(feature, [...this.#whole]);
    for (const [identity, acts] of days) {
      const score = (feature?: string): ScoredDay => ({ identity, day, score: this.#scoreOf(`${day} ${identity}`, acts, feature) });
      this.#whole.push(score());
      for (const [feature, scores] of this.#scores) scores.push(score(feature));
    }
    this.#identities = new Map();
  }

  #scoreOf(key: string, acts: readonly Act[], without: string | undefined): number {
    const reasons = new DayReasons();
    for (const act of acts) reasons.addAct(act.filter(({ feature }) => feature !== without));
    for (const { detection, p } of this.#rules.get(key) ?? []) reasons.addRule(detection, p);
    return reasons.score();
  }
}
