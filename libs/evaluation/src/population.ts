import type { Label } from './labels.js';
import type { LabelRows } from './metrics/recall-at-budget.js';
import { seededRandom } from './random.js';

/** One identity on one UTC day with activity. */
export interface IdentityDay {
  readonly identity: string;
  /** `2026-01-05` */
  readonly day: string;
}
export interface ScoredDay extends IdentityDay {
  readonly score: number;
}

const keyOf = ({ identity, day }: IdentityDay): string => `${day} ${identity}`;

/**
 * What every ranking is measured on: all identity-days with activity from the first evaluated day on, and what is true of each. Days that an attack merely
 * touched (the thirty-nine accounts of a spray that did not open) are left out: an alert there is neither right nor wrong.
 */
export class Population {
  readonly rows: readonly IdentityDay[];
  /** By row: 1 for a day of an attack. */
  readonly positive: Uint8Array<ArrayBuffer>;
  /** By row: index of its person. */
  readonly personOf: Uint32Array<ArrayBuffer>;
  readonly people: readonly string[];
  readonly days: readonly string[];
  readonly attacks: readonly Label[];
  readonly lookAlikes: readonly Label[];
  readonly attackRows: LabelRows;
  readonly lookAlikeRows: LabelRows;
  readonly #rowOf = new Map<string, number>();
  readonly #tieBreak: Float64Array<ArrayBuffer>;

  /** @param active identity-days with activity, in any order @param fromDay first evaluated day, UTC: those before are for learning */
  constructor(active: Iterable<IdentityDay>, labels: readonly Label[], fromDay: string) {
    const attacks = labels.filter(({ label, days }) => label === 'attack' && days.some(({ day }) => day >= fromDay));
    const isAttack = new Set(labels.filter(({ label }) => label === 'attack').flatMap(({ days }) => days.map(keyOf)));
    const touched = new Set(labels.flatMap((label) => label.touched.map(keyOf)).filter((key) => !isAttack.has(key)));
    const rows = new Map<string, IdentityDay>();
    // A day of an attack on which a system saw nothing still has to be found: it stands in the list for everybody.
    for (const row of [...labels.filter(({ label }) => label === 'attack').flatMap(({ days }) => days), ...active]) {
      const key = keyOf(row);
      if (row.day >= fromDay && !touched.has(key)) rows.set(key, { identity: row.identity, day: row.day });
    }
    this.rows = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    this.people = [...new Set(this.rows.map(({ identity }) => identity))].sort();
    this.days = [...new Set(this.rows.map(({ day }) => day))].sort();
    const people = new Map(this.people.map((identity, index) => [identity, index]));
    this.personOf = Uint32Array.from(this.rows, ({ identity }) => people.get(identity) ?? 0);
    for (const [index, row] of this.rows.entries()) this.#rowOf.set(keyOf(row), index);
    this.attacks = attacks;
    this.lookAlikes = labels.filter(({ label, days }) => label === 'benign' && days.some((day) => this.#rowOf.has(keyOf(day))));
    this.attackRows = this.#labelRows(this.attacks);
    this.lookAlikeRows = this.#labelRows(this.lookAlikes);
    this.positive = new Uint8Array(this.rows.length);
    for (const row of this.attackRows.ofRow.keys()) this.positive[row] = 1;
    const random = seededRandom('ties');
    this.#tieBreak = Float64Array.from(this.rows, () => random());
  }

  /** @returns scores by row; 0 where the ranking has none @param days an identity-day that stands twice counts with its highest score */
  scores(days: Iterable<ScoredDay>): Float64Array<ArrayBuffer> {
    const scores = new Float64Array(this.rows.length);
    for (const day of days) {
      const row = this.#rowOf.get(keyOf(day));
      if (row !== undefined) scores[row] = Math.max(scores[row] ?? 0, day.score);
    }
    return scores;
  }

  /**
   * Where one attack concerns two identities on a day (who gave a right and who got it), an alert on either is right and one is enough: the one that the
   * ranking puts first counts, the other is left out of it.
   *
   * @returns rows, most alarming first; ties in an order that is random, but the same for every ranking
   */
  order(scores: ArrayLike<number>): Uint32Array<ArrayBuffer> {
    const all = this.#everyRow(scores);
    const met = new Set<string>();
    return all.filter((row) => {
      const attacks = this.attackRows.ofRow.get(row);
      if (!attacks) return true;
      const day = this.rows[row]?.day ?? '';
      const isNew = attacks.some((attack) => !met.has(`${attack} ${day}`));
      for (const attack of attacks) met.add(`${attack} ${day}`);
      return isNew;
    });
  }

  #everyRow(scores: ArrayLike<number>): Uint32Array<ArrayBuffer> {
    const score = (row: number): number => scores[row] ?? 0;
    return Uint32Array.from(this.rows.keys()).sort((a, b) => score(b) - score(a) || (this.#tieBreak[a] ?? 0) - (this.#tieBreak[b] ?? 0));
  }

  /** Rows that a budget allows over all evaluated days. @param alertsPerThousand alerts per 1000 identities and day */
  budgetRows(alertsPerThousand: number, people: number = this.people.length): number {
    return Math.floor((alertsPerThousand / 1_000) * people * this.days.length);
  }

  /** Person of a label, or undefined when he has no row. */
  personIndex(identity: string): number | undefined {
    const index = this.people.indexOf(identity);
    return index === -1 ? undefined : index;
  }

  #labelRows(labels: readonly Label[]): LabelRows {
    const ofRow = new Map<number, number[]>();
    for (const [index, { days }] of labels.entries()) {
      for (const day of days) {
        const row = this.#rowOf.get(keyOf(day));
        if (row === undefined) continue;
        const list = ofRow.get(row);
        if (list) list.push(index);
        else ofRow.set(row, [index]);
      }
    }
    return { ofRow, count: labels.length };
  }
}
