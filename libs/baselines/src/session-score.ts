import { nats, quantise } from './combination.js';

/** Ranks that count; what the 33rd could add is below half a percent of the first. */
const RANKS = 32;

/**
 * How alarming a session is as a whole, 0 to 100, from the p of its events.
 *
 * `e = sum over k of max(0, -ln(p_(k) n / k)) / k^1.5`, `score = 100 (1 - exp(-e / 10))`: the k-th smallest of n is measured against k/n, what chance
 * alone would make it (Simes' correction). So the worst of a thousand ordinary events is as unremarkable as the only one of a single-event session, one
 * very unlikely event stands out of any crowd, and several unlikely ones add up, steeply weighed: events of a session resemble each other.
 *
 * @param ps p of each event, in any order; events without evaluation count as 1 @returns [0, 100], 0 for no events; quantised to 1e-6
 * @see Simes, "An Improved Bonferroni Procedure for Multiple Tests of Significance", Biometrika 73(3), 1986
 */
export const sessionScore = (ps: readonly number[]): number => quantise(100 * (1 - Math.exp(-sessionNats(ps) / 10)));

/** The `e` of {@link sessionScore}. @returns nats, >= 0 */
export function sessionNats(ps: readonly number[]): number {
  const sorted = [...ps].sort((a, b) => a - b);
  let evidence = 0;
  for (let index = 0; index < Math.min(RANKS, sorted.length); index += 1)
    evidence += nats(((sorted[index] ?? 1) * sorted.length) / (index + 1)) * (index + 1) ** -1.5;
  return evidence;
}
