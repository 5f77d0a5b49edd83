import { HOUR_MS, dayOf, type AccessEvent } from '@keyward/events';
import type { Assessment, TermDetails } from '../assessment.js';
import { quantise } from '../combination.js';
import type { Evaluation } from '../models/model.js';
import { shortMark } from '../observation.js';
import type { BehaviourParameters } from '../parameters.js';
import type { PeerChain } from '../population.js';
import { temperedNats, verbEvidence } from './block-evidence.js';
import { COMMANDS } from './command-parameters.js';
import type { CommandState, Gate, OpenBlock } from './command-state.js';
import { verbsOf } from './verb.js';
import { verbSharesOf } from './verb-shares.js';

export const COMMANDS_FEATURE = 'B2_commands';
/** Commands have histograms of their own: there are a thousand times as many as sign-ins, and they are judged by one feature. */
export const COMMAND_ACTIVITY = 'commands';
/** Below so many nats nothing in a block is worth naming. */
const WORTH_NAMING = 2;
const MOST_NAMED = 3;

export interface CommandScene {
  readonly event: AccessEvent;
  readonly verbs: readonly string[];
  readonly state: CommandState;
  readonly chain: PeerChain;
}

/** @returns the verbs of a command; undefined for an event that is none */
export const commandVerbs = (event: AccessEvent): readonly string[] | undefined =>
  event.class === 'process_activity' && event.command !== undefined ? verbsOf(event.command) : undefined;

/** Whether an assessment is of a command within its session: judged by B2 alone. */
export const isCommandOnly = ({ stratum }: Pick<Assessment, 'stratum'>): boolean => stratum.endsWith(`/${COMMAND_ACTIVITY}`);

/** One session of the identity; commands without any are one stream for each source. */
export const sessionKey = ({ source, session }: AccessEvent): string => `${source}:${shortMark(session?.uid ?? '')}`;

/** The block that the command belongs to; undefined when it is the first of its session, or the first after a break. */
export const blockOf = ({ event, state }: Pick<CommandScene, 'event' | 'state'>): OpenBlock | undefined =>
  state.openBlock(sessionKey(event), event.time);

/**
 * B2: how much more the commands of a session, up to this one, look like somebody else's than like the identity's own. Evidence in nats of the block's
 * likelihood ratio, tempered; see `verbEvidence` for the formula.
 */
export function evaluateCommand(scene: CommandScene): Evaluation {
  const { event, verbs, state, chain } = scene;
  const day = dayOf(event.time);
  const shares = verbSharesOf(chain);
  const block = blockOf(scene);
  const nats = natsOf(scene);
  const size = (block?.size ?? 0) + verbs.length;
  const sum = nats.reduce((total, one) => total + one, (block?.nats ?? 0) + (block?.carried ?? state.carriedAt(event.time)));
  const evidence = quantise(temperedNats(sum, size));
  const observed = strangest(verbs, nats);
  const history = state.total(day);
  const details: TermDetails = {
    commands: { position: size, leastP: block?.leastP ?? 1, unusual: evidence < WORTH_NAMING ? [] : unusualIn(block, verbs, nats) },
  };
  return {
    observed,
    evidence,
    factors: [],
    usual: state.usual(),
    counts: { person: Math.round(state.count(observed, day)), ...shares.counts(observed) },
    confidence: history / (history + COMMANDS.shrinkage),
    history: Math.round(history),
    details,
  };
}

/** Adds the command to its block. @param p that it was given */
export function advanceCommands(scene: CommandScene, p: number, params: BehaviourParameters): void {
  const { event, verbs, state } = scene;
  const gate = gateOf(params);
  const nats = natsOf(scene);
  state.settle(event.time, params.holdHours * HOUR_MS, params.resetAfterDays, gate);
  state.add(sessionKey(event), event.time, verbs, nats, p, gate);
}

/**
 * By the likelihood ratio's own bound `P(LR >= e^x) <= e^-x`, not by the calibrated p: where one block in a hundred is an intruder's, calibration would call
 * him usual, and he would be learned.
 */
export const gateOf =
  ({ learnAboveP, neverLearnBelowP }: BehaviourParameters): Gate =>
  (nats) =>
    nats < -Math.log(learnAboveP) ? 'now' : nats < -Math.log(neverLearnBelowP) ? 'later' : 'never';

/** What each verb of the command adds to its block. */
function natsOf({ event, verbs, state, chain }: CommandScene): readonly number[] {
  const block = state.openBlock(sessionKey(event), event.time);
  const shares = verbSharesOf(chain);
  const day = dayOf(event.time);
  const total = state.total(day);
  return verbs.map((verb, index) => {
    const { population, peers } = shares.of(verb);
    const own = (state.count(verb, day) + COMMANDS.shrinkage * peers) / (total + COMMANDS.shrinkage);
    let seen = block?.verbs.get(verb)?.times ?? 0;
    for (let before = 0; before < index; before += 1) if (verbs[before] === verb) seen += 1;
    return verbEvidence({ others: population, own }, seen, (block?.size ?? 0) + index);
  });
}

const strangest = (verbs: readonly string[], nats: readonly number[]): string => {
  let best = 0;
  for (let index = 1; index < verbs.length; index += 1) if ((nats[index] ?? 0) > (nats[best] ?? 0)) best = index;
  return verbs[best] ?? '';
};

/** The verbs that speak most for somebody else, strongest first. */
function unusualIn(
  block: OpenBlock | undefined,
  verbs: readonly string[],
  nats: readonly number[],
): { readonly verb: string; readonly times: number }[] {
  const all = new Map(block?.verbs);
  verbs.forEach((verb, index) => {
    const known = all.get(verb);
    all.set(verb, { times: (known?.times ?? 0) + 1, nats: (known?.nats ?? 0) + (nats[index] ?? 0) });
  });
  return [...all]
    .filter(([, { nats: added }]) => added > 0)
    .sort(([a, { nats: aNats }], [b, { nats: bNats }]) => bNats - aNats || (a < b ? -1 : 1))
    .slice(0, MOST_NAMED)
    .map(([verb, { times }]) => ({ verb, times }));
}
