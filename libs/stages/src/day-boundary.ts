import { dayOf } from '@keyward/events';
import { UnavailableError, sleep, type Clock, type Logger, type Mark, type Metrics } from '@keyward/runtime';
import type { DayStore } from './ports.js';

export interface DayBoundaryDeps {
  readonly store: DayStore;
  /** All partitions of `access.events`, whoever reads them. */
  readonly partitions: () => Promise<readonly number[]>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

const LOOK_AGAIN_MS = 100;
/** After so long the stage gives its batch back for a moment, so that a reader which is to give its partitions away gets to do so. */
const HOLD_MS = 5_000;
/** A worker that does not come this far in a minute is not coming: scores with a snapshot that lacks its last rows are better than none. */
const GIVE_UP_MS = 60_000;

/**
 * Nobody scores a day before the rows of all earlier days are stored, by whichever worker: the snapshot of the day is made of them. So it is the same
 * snapshot for one worker and for eight. Our own partitions are aligned by the reader; this is about the others.
 */
export class DayBoundary {
  readonly #deps: DayBoundaryDeps;
  #own = new Set<number>();
  #all: readonly number[] | undefined;
  /** Newest day that has begun. */
  #begun = -Infinity;
  readonly #reached = new Map<number, number>();
  #waitingSince: number | undefined;

  constructor(deps: DayBoundaryDeps) {
    this.#deps = deps;
  }

  assigned(partitions: readonly number[]): void {
    this.#own = new Set(partitions);
    this.#begun = -Infinity;
    this.#reached.clear();
    this.#waitingSince = undefined;
  }

  /**
   * The reader hands over items of `day`: it has done so with all earlier ones of our partitions, and their rows are stored.
   * @throws UnavailableError `assess.waits_for_day` while other workers' rows of earlier days are missing: to be asked again
   */
  async begin(day: number): Promise<void> {
    if (day <= this.#begun) return;
    const { clock, logger, metrics, signal } = this.#deps;
    await this.#reach([...this.#own], day);
    const until = clock.now() + HOLD_MS;
    for (;;) {
      const missing = await this.#missing(day);
      if (missing.length === 0) break;
      this.#waitingSince ??= clock.now();
      if (clock.now() - this.#waitingSince >= GIVE_UP_MS) {
        metrics.counter('keyward_assess_days_forced_total', 'Days that began before every partition had stored the days before').inc();
        logger.warn({ day, partitions: missing }, 'begins a day although partitions of other workers have not come so far');
        break;
      }
      if (clock.now() >= until) {
        throw new UnavailableError('assess.waits_for_day', 'Other workers have not stored all rows of the days before yet', {
          context: { day, partitions: missing.join(' ') },
        });
      }
      await sleep(LOOK_AGAIN_MS, signal);
    }
    this.#begun = day;
    this.#waitingSince = undefined;
  }

  /** All items up to these marks are handled, and their rows stored. */
  async reached(marks: readonly Mark[]): Promise<void> {
    const byDay = new Map<number, number[]>();
    for (const { input, reach } of marks) {
      const day = dayOf(reach);
      byDay.set(day, [...(byDay.get(day) ?? []), Number(input.slice(input.lastIndexOf('/') + 1))]);
    }
    for (const [day, partitions] of byDay) await this.#reach(partitions, day);
  }

  async #reach(partitions: readonly number[], day: number): Promise<void> {
    const fresh = partitions.filter((partition) => day > (this.#reached.get(partition) ?? -1));
    if (fresh.length === 0) return;
    await this.#deps.store.reached(fresh, day);
    for (const partition of fresh) this.#reached.set(partition, day);
  }

  async #missing(day: number): Promise<readonly number[]> {
    this.#all ??= await this.#deps.partitions();
    const others = this.#all.filter((partition) => !this.#own.has(partition));
    if (others.length === 0) return [];
    const days = await this.#deps.store.days();
    return others.filter((partition) => (days.get(partition) ?? -1) < day);
  }
}
