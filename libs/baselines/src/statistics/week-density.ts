import { KERNEL, RING, WIDE, WIDE_SHARE } from './week.js';

const BINS = 2 * RING;
const BINS_AN_HOUR = 4;
const WINDOW = 2 * WIDE + 1;
/** A ring with what stands before its first bin and behind its last one. */
const PADDED = RING + 2 * WIDE + 1;

/**
 * One identity's week, smoothed as {@link smoothWeekWide} does it (to the last bit) and mixed with its groups' week, in one pass without a list in between.
 * Scratch space: read one week, ask, read the next.
 */
export class WeekDensity {
  /** Weights by hour: 0 to 23 weekday, 24 to 47 weekend. */
  readonly hours = new Float64Array(BINS / BINS_AN_HOUR);
  /** Each ring padded with its own other end: no remainders to be taken. */
  readonly #padded = new Float64Array(2 * PADDED);

  read(week: { spread(each: (bin: number, weight: number) => void): void }): void {
    const { hours } = this;
    const padded = this.#padded;
    hours.fill(0);
    padded.fill(0);
    week.spread((bin, weight) => {
      const hour = bin >> 2;
      hours[hour] = (hours[hour] ?? 0) + weight;
      const ring = bin < RING ? 0 : 1;
      const quarter = bin - ring * RING;
      const at = ring * PADDED + WIDE + quarter;
      padded[at] = weight;
      if (quarter >= RING - WIDE) padded[at - RING] = weight;
      if (quarter <= WIDE) padded[at + RING] = weight;
    });
  }

  /**
   * @param bin 0 to 191 @param say what multiplies the weights @param pseudo what multiplies the groups' week
   * @param groups share of each bin in the groups' week
   * @returns the sum of the densities `smoothed x say + pseudo x groups` that are no greater than the bin's own
   */
  massNoDenser(bin: number, say: number, pseudo: number, groups: Float64Array): number {
    const padded = this.#padded;
    const place = bin < RING ? bin + WIDE : bin - RING + PADDED + WIDE;
    let around = 0;
    for (let at = place - WIDE; at <= place + WIDE; at += 1) around += padded[at] ?? 0;
    const here = smoothed(padded, place, around) * say + pseudo * (groups[bin] ?? 0);
    let mass = 0;
    for (let ring = 0; ring < 2; ring += 1) {
      const first = ring * PADDED + WIDE;
      const group = ring * RING;
      let window = 0;
      for (let at = first - WIDE; at <= first + WIDE; at += 1) window += padded[at] ?? 0;
      for (let quarter = 0; quarter < RING; quarter += 1) {
        const at = first + quarter;
        const density = smoothed(padded, at, window) * say + pseudo * (groups[group + quarter] ?? 0);
        // An addition each time: which bins are denser is nothing that a processor could foresee.
        mass += density <= here ? density : 0;
        // Weights are whole numbers: a sum that slides along is exact.
        window += (padded[at + WIDE + 1] ?? 0) - (padded[at - WIDE] ?? 0);
      }
    }
    return mass;
  }
}

const [BEFORE, HERE, AFTER] = KERNEL;
const smoothed = (padded: Float64Array, at: number, window: number): number =>
  (1 - WIDE_SHARE) * (BEFORE * (padded[at - 1] ?? 0) + HERE * (padded[at] ?? 0) + AFTER * (padded[at + 1] ?? 0)) +
  (WIDE_SHARE * window) / WINDOW;
