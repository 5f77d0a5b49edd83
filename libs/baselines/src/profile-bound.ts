import type { Gate } from './commands/command-state.js';
import type { IdentityState } from './identity-state.js';

/** Bytes of a stored profile at most, without what people said of its alerts. */
export const MOST_PROFILE_BYTES = 8_192;
/** Once it is larger it is cut to this: not again with each new value. */
const AFTER_A_CUT = 7_400;
/** What numbers with more digits than most can add: counters of a service that acts a thousand times a day, places with twelve decimals. */
const RESERVE = 160;
/** Of it, commands keep so much where other things are too large as well. */
const COMMANDS_SHARE = 1_400;
/** Acts on hold that are given up last. */
const LESSONS_KEPT = 2;

/**
 * Forgets what says least until the profile fits: blocks of commands and verbs beyond their share, acts on hold beyond two, then whatever value was seen least,
 * then all else. A function of the profile alone, and called with each event that brings something new: whoever folds the same events forgets the same.
 *
 * @param gate what a block of commands that is ended early may teach
 */
export function keepWithinBound(state: IdentityState, gate: Gate): void {
  if (state.roughBytes() <= MOST_PROFILE_BYTES - RESERVE) return;
  for (const forget of FORGETTING) while (state.roughBytes() > AFTER_A_CUT && forget(state, gate));
}

/** Each forgets one thing. @returns false when there is none */
const FORGETTING: readonly ((state: IdentityState, gate: Gate) => boolean)[] = [
  ({ commands }, gate) => commands !== undefined && commands.roughBytes() > COMMANDS_SHARE && commands.forgetLeast(gate),
  (state) => state.held.length > LESSONS_KEPT && dropOldestLesson(state),
  ({ tables }) => tables.forgetLightest(2),
  (state) => state.held.length > 0 && dropOldestLesson(state),
  ({ commands }, gate) => commands?.forgetLeast(gate) ?? false,
  ({ contexts }) => contexts.length > 1 && contexts.pop() !== undefined,
  (state) => state.forgetOldestPrivilege(),
  ({ week }) => week.forgetLightest(),
  ({ tables }) => tables.forgetLightest(1),
  ({ contexts }) => contexts.pop() !== undefined,
];

function dropOldestLesson(state: IdentityState): boolean {
  state.held = state.held.slice(1);
  return true;
}
