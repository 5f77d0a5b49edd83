import { isoDay } from '@keyward/events';
import { intelligence } from '../models/backoff.js';
import type { Evaluation, Factor } from '../models/model.js';
import type { Observation } from '../observation.js';
import type { BehaviourParameters } from '../parameters.js';
import type { FeedbackState } from './feedback-state.js';
import { likenessOf } from './likeness.js';
import { covers, type Likeness, type Mark } from './mark.js';
import type { PopulationFeedback } from './population-feedback.js';

/** What is left of the evidence of something that was accepted: a tenth, whatever and however many verdicts say so. Never nothing. */
export const ACCEPTED_FACTOR = 0.1;
/** How many times more often attackers than everybody show what one confirmed attack showed: as for Tor. */
const LIFT_OF_ONE = 50;
const GREATEST_LIFT = 200;
/** Features whose values attackers bring along. Of the others (an hour, a target, an amount) the next attack need not have any. */
const BROUGHT_ALONG = new Set(['A1_network', 'A2_device']);

/** Who has said something about what this identity does, at an instant of event time. */
export interface VerdictsInForce {
  readonly own: FeedbackState | undefined;
  readonly shared: PopulationFeedback | undefined;
  /** Peer groups of the identity, closest first. */
  readonly groups: readonly string[];
  readonly at: number;
}

/** @returns undefined when nobody has said anything: the usual case, and the cheap one */
export function verdictsInForce(
  own: FeedbackState | undefined,
  shared: PopulationFeedback | undefined,
  groups: readonly string[],
  at: number,
): VerdictsInForce | undefined {
  return own === undefined && shared === undefined ? undefined : { own, shared, groups, at };
}

export interface Weighed {
  readonly evidence: number;
  readonly factors: readonly Factor[];
}

interface Said {
  readonly by: string;
  readonly since: number;
  readonly until: number;
}

/**
 * What verdicts make of a feature's evidence: raised where a confirmed attack had the same network or device (`(1 - e) p_pop + e p_intel`, at most
 * ln(1 - e + 200 e) nats), else a tenth of it where somebody accepted the same thing. The newest word about the identity itself counts first.
 *
 * @param evidence after the other factors, in nats @returns undefined when no verdict speaks of it
 */
export function verdictsOn(
  feature: string,
  evaluation: Pick<Evaluation, 'observed' | 'details'>,
  evidence: number,
  values: Observation['values'],
  { own, shared, groups, at }: VerdictsInForce,
  { intelligenceShare }: Pick<BehaviourParameters, 'intelligenceShare'>,
): Weighed | undefined {
  const likeness = likenessOf(feature, evaluation, values);
  if (!likeness) return undefined;
  const speaksOf = (mark: Mark): boolean => mark.f === feature && covers(mark, likeness);
  const newest = own?.findLast(({ a: since, z: until, m: marks }) => since <= at && at < until && marks.some(speaksOf));
  if (newest?.i === 'benign') return accepted(evidence, { by: newest.n, since: newest.a, until: newest.z }, '');
  const isOwn = newest !== undefined;
  if (shared && !isOwn)
    for (const group of groups) {
      const said = shared.acceptedIn(group, feature, likeness, at);
      if (said) return accepted(evidence, said, ` for ${group}`);
    }
  if (!BROUGHT_ALONG.has(feature)) return undefined;
  return raised(evidence, likeness, shared?.attacksWith(feature, likeness, at) ?? 0, isOwn, intelligenceShare);
}

const accepted = (evidence: number, { by, since, until }: Said, forWhom: string): Weighed | undefined =>
  evidence <= 0
    ? undefined
    : {
        evidence: evidence * ACCEPTED_FACTOR,
        factors: [{ name: `accepted${forWhom} by ${by} on ${isoDay(since)}, until ${isoDay(until)}`, factor: ACCEPTED_FACTOR }],
      };

function raised(evidence: number, { like }: Likeness, attacks: number, isOwn: boolean, share: number): Weighed | undefined {
  const confirmed = Math.max(attacks, isOwn ? 1 : 0);
  if (confirmed === 0) return undefined;
  const nats = intelligence(share, Math.min(GREATEST_LIFT, confirmed * LIFT_OF_ONE));
  // For reading only: the nats are what counts.
  const factor = evidence > 0 ? Math.round((100 * (evidence + nats)) / evidence) / 100 : 1;
  const name = `${like} was seen in ${confirmed === 1 ? 'a confirmed attack' : `${confirmed} confirmed attacks`} (+ ${nats.toFixed(1)} nats)`;
  return { evidence: evidence + nats, factors: [{ name, factor }] };
}
