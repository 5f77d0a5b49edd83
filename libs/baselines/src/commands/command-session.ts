import { quantise } from '../combination.js';
import { sessionNats } from '../session-score.js';

/** Half the width of the bend of {@link commandSessionScore}, nats. */
const BEND = 2;

/**
 * How alarming a session with commands is, 0 to 100: the evidence of its strangest block and that of its other events, added.
 *
 * A session without commands has evidence of 0 or more. Commands also speak for the person, so their evidence may be below 0, and the order there matters to
 * whoever ranks sessions: `x' = (x + sqrt(x^2 + 4)) / 2` is x far above 0, 1 at 0, and never reaches 0; `score = 100 (1 - exp(-x' / 10))` as everywhere.
 *
 * @param blockNats evidence of each block at its last command, in nats, at least one @param ps p of the events that are not commands alone
 * @returns (0, 100), quantised to 1e-6: strictly increasing in the evidence between about -900 and 170 nats
 */
export function commandSessionScore(blockNats: readonly number[], ps: readonly number[]): number {
  const sum = Math.max(...blockNats) + sessionNats(ps);
  return quantise(100 * (1 - Math.exp(-(sum + Math.hypot(sum, BEND)) / 20)));
}
