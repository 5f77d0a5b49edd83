/** Wall time, injected at the edge. What computes takes event time instead. */
export interface Clock {
  /** Epoch ms. */
  now(): number;
}
export const systemClock: Clock = { now: () => Date.now() };
