/** Nominal p-values that are looked at. */
export const NOMINAL_P: readonly number[] = [0.1, 0.03, 0.01, 0.003, 1e-3, 3e-4, 1e-4];

export interface CalibrationRow {
  readonly nominal: number;
  /** Share of the events whose p was at or below the nominal one: equal to it when p means what it says. */
  readonly observed: number;
  readonly events: number;
}

/** Counts events by their p-value, week by week, and says how often each nominal p came true. Benign events only: an attack should be unlikely. */
export class CalibrationTable {
  readonly #weeks = new Map<number, { events: number; readonly below: number[] }>();

  /** @param week any whole number: rows are given for each and for all @param p of one event, in (0, 1] */
  add(week: number, p: number): void {
    let tally = this.#weeks.get(week);
    if (!tally) this.#weeks.set(week, (tally = { events: 0, below: NOMINAL_P.map(() => 0) }));
    tally.events += 1;
    for (let index = 0; index < NOMINAL_P.length; index += 1) {
      if (p > (NOMINAL_P[index] ?? 0)) break;
      tally.below[index] = (tally.below[index] ?? 0) + 1;
    }
  }

  get weeks(): readonly number[] {
    return [...this.#weeks.keys()].sort((a, b) => a - b);
  }

  /** @param week undefined: all weeks together */
  rows(week?: number): readonly CalibrationRow[] {
    const tallies = [...this.#weeks].filter(([key]) => week === undefined || key === week).map(([, tally]) => tally);
    const events = tallies.reduce((sum, tally) => sum + tally.events, 0);
    return NOMINAL_P.map((nominal, index) => ({
      nominal,
      events,
      observed: events === 0 ? NaN : tallies.reduce((sum, { below }) => sum + (below[index] ?? 0), 0) / events,
    }));
  }
}
