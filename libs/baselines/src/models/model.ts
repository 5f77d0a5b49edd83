import type { AccessEvent } from '@keyward/events';
import type { Organisation } from '@keyward/identity';
import type { Term, TermDetails } from '../assessment.js';
import { quantise } from '../combination.js';
import type { IdentityState } from '../identity-state.js';
import type { Observation } from '../observation.js';
import type { BehaviourParameters } from '../parameters.js';
import type { PeerChain, PopulationSnapshot } from '../population.js';

/** All that a model may look at: one event, and what was known before it. */
export interface Scene {
  readonly event: AccessEvent;
  readonly identity: string;
  readonly observation: Observation;
  /** Empty when the identity has been silent for too long. */
  readonly state: IdentityState;
  /** Turns a weight of `state` into a decayed number of events, as people count them. */
  readonly scale: number;
  /** The same in independent events: a day speaks with `eventsPerDay` at most. This is what probabilities are made of. */
  readonly say: number;
  readonly day: number;
  readonly chain: PeerChain;
  readonly snapshot: PopulationSnapshot;
  readonly organisation: Organisation;
  readonly params: BehaviourParameters;
  /** True for a service account: nobody sleeps, nobody travels. */
  readonly automated: boolean;
}

/** Something that scaled the evidence, and by how much; evidence is never deleted without a name. */
export type Factor = Term['factors'][number];

/** What a model says of an event. */
export interface Evaluation {
  /** The value, as a person would say it. Also its name where groups share news: the same thing must read the same for everybody. */
  readonly observed: string;
  /** Nats, before factors. */
  readonly evidence: number;
  /** Known reasons to believe it less (or more). */
  readonly factors: Term['factors'];
  readonly usual: Term['usual'];
  /** Decayed numbers of times the value was seen. */
  readonly counts: { readonly person: number; readonly peers: number; readonly all: number };
  /** n_u / (n_u + k1) */
  readonly confidence: number;
  /** Whole number of acts of the identity, decayed, that spoke of the feature. */
  readonly history: number;
  /** What only this model's sentence tells. */
  readonly details?: TermDetails | undefined;
}

/** A term while it is made: what a model says, and then what it is of the whole. */
export type DraftTerm = { -readonly [Key in keyof Term]: Term[Key] };

/** One kind of object for what all models say: who reads it need not ask each time which it is. @returns a term still without feature, p, share and counterfactual */
export const draftTerm = ({ observed, evidence, factors, usual, counts, confidence, history, details }: Evaluation): DraftTerm => ({
  feature: '',
  observed,
  usual,
  evidence,
  p: 1,
  share: 0,
  counts,
  confidence: quantise(confidence),
  factors,
  scoreWithout: 0,
  history,
  details,
});

/** Nothing to believe it less for; nothing usual. One list each, for nearly every term: nobody may add to it. */
export const NO_FACTORS: Factor[] = [];
export const NO_USUAL: Term['usual'] = [];
/** @returns a list of exact length: one that grows keeps room for sixteen more */
export const withFactor = (factors: Factor[], factor: Factor | undefined): Factor[] =>
  factor === undefined ? factors : factors.length === 0 ? [factor] : [...factors, factor];

/**
 * One feature of behaviour. A model is pure: it reads a scene and says how much the event is unlike the identity.
 * What is learned is not its business: levels, time bins and contexts are taught in one place for all models.
 * To add one: a file here, a line in `models/registry.ts`, and (if it counts something new) a level in `levels.ts`.
 */
export interface Model {
  readonly id: string;
  /** Whether two colleagues with the same `observed` did the same thing: then a roll-out explains it. */
  readonly comparable: boolean;
  /** @returns an evaluation; why the feature can't be judged for this event; or nothing, where the event is none of its business */
  evaluate(scene: Scene): DraftTerm | string | undefined;
  /** Says a term of this model in one sentence, without the factors: those are added for every model alike. */
  sentence(term: Term): string;
  /** Chance, without any calibration, of at least so much evidence from the identity itself. In (0, 1], not increasing. */
  priorP(evidence: number): number;
}

/**
 * For likelihood ratios: if LR has expectation 1 under "it is the identity", P(LR >= e^x) <= e^-x by Markov's inequality.
 * A safe p-value from the first event on.
 */
export const markovP = (evidence: number): number => (evidence <= 0 ? 1 : Math.exp(-evidence));
