import type { BehaviourParameters } from './parameters.js';
import { fitParetoTail, paretoSurvival, type ParetoTail } from './statistics/generalised-pareto.js';

/** Width of a bin, in nats. */
export const BIN_NATS = 0.2;
const LOWEST_BIN = -100;
const HIGHEST_BIN = 300; // 60 nats: p = 1e-26

/** @param evidence in nats @returns the bin that contains it: [bin, bin + 1) x 0.2 nats */
export const binOf = (evidence: number): number => Math.min(HIGHEST_BIN, Math.max(LOWEST_BIN, Math.floor(evidence / BIN_NATS)));

/** Counts by bin. */
export type Histogram = ReadonlyMap<number, number>;

/**
 * Turns evidence into a p-value: the share of the stratum's recent events with at least so much of it.
 * Inside the bins by linear interpolation, beyond the 99th percentile by a generalised Pareto tail of the same bins;
 * blended with the uncalibrated p as `priorObservations` pseudo-events, so that it starts with the prior and ends with the data.
 * Monotone: more evidence never gives a larger p.
 */
export class Calibrator {
  readonly #count: number;
  /** Events in the bin or above it, from {@link #lowest} to {@link #highest}. */
  readonly #survival: Float64Array;
  readonly #highest: number;
  readonly #lowest: number;
  readonly #threshold: number;
  readonly #tailShare: number;
  readonly #tail: ParetoTail;
  readonly #prior: number;

  constructor(histogram: Histogram, params: BehaviourParameters) {
    const bins = [...histogram.keys()].sort((a, b) => a - b);
    this.#lowest = bins[0] ?? 0;
    this.#highest = bins.at(-1) ?? 0;
    let above = 0;
    let threshold = this.#highest + 1;
    let tailCount = 0;
    let total = 0;
    for (const bin of bins) total += histogram.get(bin) ?? 0;
    this.#count = total;
    this.#prior = params.priorObservations;
    this.#survival = new Float64Array(this.#highest - this.#lowest + 1);
    for (let bin = this.#highest; bin >= this.#lowest; bin -= 1) {
      above += histogram.get(bin) ?? 0;
      this.#survival[bin - this.#lowest] = above;
      if (above <= total * (1 - params.tailQuantile)) {
        threshold = bin;
        tailCount = above;
      }
    }
    // In bin order: a decoded histogram lists its bins otherwise, and the sums must have the same bits.
    let sum = 0;
    let squares = 0;
    for (const bin of bins) {
      if (bin < threshold) continue;
      const count = histogram.get(bin) ?? 0;
      const excess = (bin - threshold + 0.5) * BIN_NATS;
      sum += count * excess;
      squares += count * excess * excess;
    }
    this.#threshold = threshold;
    this.#tail = fitParetoTail(tailCount, sum, squares, params.tailPriorExceedances);
    // One more than was seen, where nothing was: what never happened in N events has p of about 1/N at the edge, not 0.
    this.#tailShare = total === 0 ? 0 : Math.max(tailCount, Math.min(1, total * (1 - params.tailQuantile))) / total;
  }

  /** Events the histogram holds. */
  get count(): number {
    return this.#count;
  }

  /** @param prior uncalibrated p of the same evidence @returns p in (0, 1] */
  p(evidence: number, prior: number): number {
    if (this.#count === 0) return prior;
    return (this.#count * this.#empirical(evidence) + this.#prior * prior) / (this.#count + this.#prior);
  }

  /** @param share in (0, 1) @returns what this share of the events reach or pass, in nats; between bin edges by linear interpolation */
  quantile(share: number): number {
    const wanted = this.#count * share;
    for (let bin = this.#lowest; bin <= this.#highest; bin += 1) {
      const from = this.#survival[bin - this.#lowest] ?? 0;
      const to = this.#survival[bin + 1 - this.#lowest] ?? 0;
      if (to <= wanted) return (bin + (from > to ? Math.min(1, Math.max(0, (from - wanted) / (from - to))) : 0)) * BIN_NATS;
    }
    return (this.#highest + 1) * BIN_NATS;
  }

  #empirical(evidence: number): number {
    const bin = Math.floor(evidence / BIN_NATS);
    if (bin < this.#lowest) return 1;
    if (bin >= this.#threshold) return this.#tailShare * paretoSurvival(this.#tail, evidence - this.#threshold * BIN_NATS);
    const from = this.#survival[bin - this.#lowest] ?? 0;
    const to = bin + 1 >= this.#threshold ? this.#tailShare * this.#count : (this.#survival[bin + 1 - this.#lowest] ?? 0);
    const inside = evidence / BIN_NATS - bin;
    return Math.max(this.#tailShare, (from + (to - from) * inside) / this.#count);
  }
}
