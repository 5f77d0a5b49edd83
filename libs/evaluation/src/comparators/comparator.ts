import type { AccessEvent } from '@keyward/events';

/** Somebody else's way to score the same events. It sees each event once, in order of time, located and resolved as the line sees it. */
export interface Comparator {
  readonly id: string;
  readonly title: string;
  /** Scores the event with what was known before it, then learns from it. */
  observe(event: AccessEvent, identity: string): void;
  /**
   * The day is over.
   *
   * @param day days since 1970-01-01 UTC
   * @returns a score above 0 for each identity that stood out; any scale, since only the order counts
   */
  closeDay(day: number): ReadonlyMap<string, number>;
}

/** Highest score of each identity on the day in hand. */
export class DayMaxima {
  #scores = new Map<string, number>();
  add(identity: string, score: number): void {
    if (score > (this.#scores.get(identity) ?? 0)) this.#scores.set(identity, score);
  }
  take(): ReadonlyMap<string, number> {
    const scores = this.#scores;
    this.#scores = new Map();
    return scores;
  }
}
