import { dayOf, HOUR_MS, type AccessEvent, type Geo } from '@keyward/events';
import type { z } from 'zod';
import type { Assessment } from './assessment.js';
import type { Calibrator } from './calibration.js';
import { durationStep, LONGEST_GAP_DAYS, type Count } from './counts.js';
import {
  advanceCommands,
  blockOf,
  COMMAND_ACTIVITY,
  COMMANDS_FEATURE,
  commandVerbs,
  evaluateCommand,
  gateOf,
  type CommandScene,
} from './commands/command-model.js';
import { CommandState } from './commands/command-state.js';
import { firstEnd } from './feedback/feedback-state.js';
import { endVerdicts, heedVerdict } from './feedback/heed-verdict.js';
import { verdictsInForce, verdictsOn, type VerdictsInForce } from './feedback/verdicts-on.js';
import { IdentityState, type Lesson } from './identity-state.js';
import { assemble } from './explanation.js';
import { quantise } from './combination.js';
import { MODELS } from './models/registry.js';
import { foreignValues, isKnown } from './models/b5-first-uses.js';
import { draftTerm, markovP, type DraftTerm, type Model, type Scene } from './models/model.js';
import { clip, hash32, observe, sessionOf, type Observation } from './observation.js';
import { BehaviourParameters } from './parameters.js';
import { emptyContent, PopulationSnapshot, type ActivityTertile, type StratumKind } from './population.js';
import { placeOf, radiusOf } from './place.js';
import type { AssessInput, BehaviourModel, IdentityProfile, Snapshot } from './profile.js';
import { keepWithinBound } from './profile-bound.js';
import {
  approvalSeconds,
  givesRight,
  grantedMinutes,
  isFailedProof,
  isSignIn,
  movedBytes,
  privilegeUsed,
  takesSecret,
} from './privileged-act.js';
import { PopulationBuilder } from './snapshot-builder.js';
import { decodeSnapshot, encodeSnapshot, sealSnapshot } from './snapshot-codec.js';
import { readScale } from './statistics/decay.js';
import { shrink } from './statistics/moments.js';
import { binOfAct } from './bin-of-act.js';

/** A roll-out's surprise is multiplied by this (scoring.md section 5). */
const NEWS_FACTOR = 0.1;

/**
 * The behaviour model: what is usual for each identity, and how far an event is from it.
 *
 * @param overrides any of {@link BehaviourParameters}; the rest take their defaults
 * @throws ZodError when a parameter is out of range
 */
export function createBehaviourModel(overrides: z.input<typeof BehaviourParameters> = {}): BehaviourModel {
  const params = BehaviourParameters.parse(overrides);
  const empty = new IdentityState();
  return {
    emptyProfile: () => new IdentityState(),
    emptySnapshot: () => sealSnapshot(emptyContent(), params),
    assess: (input) => assess(input, params, empty),
    advance: (input, assessment) => {
      const state = stateOf(input.profile);
      const before = state.insertions();
      advance(input, assessment, state, params);
      if (state.insertions() !== before) keepWithinBound(state, gateOf(params));
    },
    heed: (profile, entry, organisation) => {
      const state = stateOf(profile);
      heedVerdict(state, entry, organisation, params);
      keepWithinBound(state, gateOf(params));
    },
    snapshotBuilder: (previous, organisation) => new PopulationBuilder(populationOf(previous), organisation, params),
    encodeProfile: (profile) => JSON.stringify(stateOf(profile)),
    decodeProfile: (text) => IdentityState.decode(text),
    encodeSnapshot: (snapshot) => encodeSnapshot(populationOf(snapshot)),
    decodeSnapshot: (text) => decodeSnapshot(text, params),
  };
}

function assess(input: AssessInput, params: BehaviourParameters, empty: IdentityState): Assessment {
  const { event, identity, organisation } = input;
  const snapshot = populationOf(input.snapshot);
  const state = withoutExpired(stateOf(input.profile), event.time);
  const chain = snapshot.chainOf(identity, organisation);
  const said = verdictsInForce(state.feedback, snapshot.feedback, chain.names, event.time);
  const commands = commandScene(input, state);
  const kind = kindOf(input);
  const commandStratum = STRATA[kind].commands;
  const judgedCommand = commands && judgeCommand(commands, snapshot, commandStratum, said, params);
  // What a session's commands say beyond themselves (when, from where, on what) its first one says for all of them.
  if (judgedCommand && blockOf(commands)) {
    const judged = [judgedCommand];
    return assemble({ event, identity, snapshot, stratum: commandStratum, judged, notEvaluated: WITHIN_A_SESSION });
  }
  const observation = observe(event);
  const day = dayOf(event.time);
  const trusted = state.isStale(day, params.resetAfterDays) ? empty : state;
  const stratum = STRATA[kind][snapshot.tertile(kind, trusted.activeDays === 0 ? 0 : trusted.lessons / trusted.activeDays)];
  const calibrators = snapshot.calibratorsOf(stratum);
  const scale = trusted.last < 0 ? 0 : readScale(day, trusted.base);
  const scene: Scene = {
    event,
    identity,
    observation,
    state: trusted,
    scale,
    say: trusted.lessons === 0 ? 0 : scale * Math.min(1, (params.eventsPerDay * trusted.activeDays) / trusted.lessons),
    day,
    chain,
    snapshot,
    organisation,
    params,
    automated: kind === 'service',
  };
  const judged: DraftTerm[] = [];
  const notEvaluated: { feature: string; why: string }[] = [];
  for (let place = 0; place < MODELS.length; place += 1) {
    const model = MODELS[place];
    if (!model) continue;
    const evaluation = observation.use === 'none' ? observation.why : model.evaluate(scene);
    if (typeof evaluation === 'string') notEvaluated.push(silence(model, place, evaluation));
    else if (evaluation) judged.push(judge(model, evaluation, scene, calibrators.at(place, model.id), said));
  }
  if (judgedCommand) judged.push(judgedCommand);
  return assemble({ event, identity, snapshot, stratum, judged, notEvaluated });
}

/** Why a feature said nothing: the same few reasons with every event, so one object for each. */
function silence({ id }: Model, place: number, why: string): Assessment['notEvaluated'][number] {
  const reasons = (SILENCE[place] ??= []);
  for (let at = 0; at < reasons.length; at += 1) {
    const reason = reasons[at];
    if (reason?.why === why) return reason;
  }
  const reason = { feature: id, why };
  reasons.push(reason);
  return reason;
}
/** By place of the model. */
const SILENCE: Assessment['notEvaluated'][] = [];

/** Names of strata, made once. */
const STRATA = {
  human: strataOf('human'),
  admin: strataOf('admin'),
  service: strataOf('service'),
} satisfies Record<StratumKind, unknown>;
function strataOf(kind: StratumKind): Readonly<Record<ActivityTertile | 'commands', string>> {
  return { low: `${kind}/low`, medium: `${kind}/medium`, high: `${kind}/high`, commands: `${kind}/${COMMAND_ACTIVITY}` };
}

const WITHIN_A_SESSION: Assessment['notEvaluated'] = [
  { feature: 'all others', why: 'Evaluated with the first command of the session, and when it was opened.' },
];
const NO_COMMANDS = new CommandState();

function commandScene({ event, organisation, identity, snapshot }: AssessInput, state: IdentityState): CommandScene | undefined {
  const verbs = event.actor && commandVerbs(event);
  if (!verbs) return undefined;
  const chain = populationOf(snapshot).chainOf(identity, organisation);
  return { event, verbs, state: state.commands ?? NO_COMMANDS, chain };
}

function judgeCommand(
  scene: CommandScene,
  snapshot: PopulationSnapshot,
  stratum: string,
  said: VerdictsInForce | undefined,
  params: BehaviourParameters,
): DraftTerm {
  const evaluation = evaluateCommand(scene);
  const weighed = said && verdictsOn(COMMANDS_FEATURE, evaluation, evaluation.evidence, {}, said, params);
  const evidence = quantise(weighed?.evidence ?? evaluation.evidence);
  const p = pOf(snapshot.calibrator(COMMANDS_FEATURE, stratum), evidence, markovP(evidence));
  const term = draftTerm(evaluation);
  term.feature = COMMANDS_FEATURE;
  term.evidence = evidence;
  term.p = p;
  if (weighed) term.factors = [...weighed.factors];
  return term;
}

/** Finishes what a model said: evidence after factors and verdicts, and its p. */
function judge(model: Model, term: DraftTerm, scene: Scene, calibrator: Calibrator, said: VerdictsInForce | undefined): DraftTerm {
  const { snapshot, chain, day } = scene;
  const news =
    model.comparable && term.counts.person === 0 && snapshot.content.news.size > 0
      ? snapshot.newsFor(chain.names, `${model.id}|${term.observed}`, day)
      : undefined;
  if (news)
    term.factors = [...term.factors, { name: `new for ${news.identities} of ${news.of} in ${news.group} on one day`, factor: NEWS_FACTOR }];
  let { evidence } = term;
  // Factors explain surprise away; what is usual already needs no excuse.
  if (evidence > 0) for (const { factor } of term.factors) evidence *= factor;
  const weighed = said && verdictsOn(model.id, term, evidence, scene.observation.values, said, scene.params);
  if (weighed) {
    term.factors = [...term.factors, ...weighed.factors];
    ({ evidence } = weighed);
  }
  term.feature = model.id;
  term.evidence = quantise(evidence);
  term.p = pOf(calibrator, term.evidence, model.priorP(term.evidence));
  return term;
}

/**
 * Counted p of the evidence, never below what the model itself answers for: that hardly anybody shows a little of a thing makes it rare, not suspicious.
 * Without evidence 1: an act that speaks for the identity, though less than others do, is no reason for doubt.
 */
function pOf(calibrator: Calibrator, evidence: number, prior: number): number {
  return evidence <= 0 ? 1 : Math.max(prior, calibrator.p(evidence, prior));
}

function advance(input: AssessInput, assessment: Assessment, state: IdentityState, params: BehaviourParameters): void {
  const { event, identity, organisation } = input;
  endVerdicts(state, event.time);
  if (learnCommand(input, assessment, state, params)) return;
  const observation = observe(event);
  if (isFailedProof(event)) state.windows.fail(event.time);
  if (observation.use === 'none') return;
  const automated = kindOf(input) === 'service';
  const day = dayOf(event.time);
  if (observation.use === 'habit' && state.isStale(day, params.resetAfterDays)) state.forget();
  if (observation.deliberate || automated || observation.target !== undefined)
    countAct(state, input, observation, assessment.p <= params.neverLearnBelowP, params);
  if (observation.use !== 'habit') return;
  releaseHeld(state, event.time, params);
  const lesson: Draft<Lesson> = {
    at: event.time,
    values: observation.values,
    bin: observation.deliberate || automated ? binOfAct(event, identity, organisation) : undefined,
    counts: undefined,
    privilege: undefined,
  };
  measure(lesson, state, event, day);
  if (isSignIn(event)) state.windows.succeed();
  const teaches = assessment.p > params.learnAboveP;
  if (teaches) state.learn(lesson, day);
  else if (assessment.p > params.neverLearnBelowP) state.hold(lesson, params.holdCapacity);
  const { net } = observation.values;
  if (net !== undefined) {
    const geo = event.src?.geo;
    state.visit(
      {
        net,
        at: event.time,
        lat: geo?.lat,
        lon: geo?.lon,
        radiusKm: geo && radiusOf(geo),
        place: placeOf(geo) === undefined ? undefined : nameOf(geo),
        dev: observation.values.dev,
        session: sessionOf(event),
        kind: event.src?.networkKind,
      },
      day,
      teaches,
    );
  }
}

/** @returns undefined when nothing names the place */
function nameOf(geo: Geo | undefined): string | undefined {
  const name = geo?.city ?? geo?.region;
  const whole = name === undefined || geo?.country === undefined ? (name ?? geo?.country) : `${name}, ${geo.country}`;
  return whole === undefined ? undefined : clip(whole);
}

/**
 * Everything deliberate counts, all that a service does, and of background acts what they reach for; an hour or day with an act that must never teach teaches
 * what would have been about usual at most.
 */
function countAct(state: IdentityState, input: AssessInput, observation: Observation, isOdd: boolean, params: BehaviourParameters): void {
  const { event } = input;
  const firstUses =
    state.last >= 0 && isKnown(state, readScale(dayOf(event.time), state.base))
      ? foreignValues({ observation, state, chain: populationOf(input.snapshot).chainOf(input.identity, input.organisation) })
      : [];
  const deliberate = observation.deliberate || kindOf(input) === 'service';
  const act = { at: event.time, target: observation.target, secret: takesSecret(event), grant: givesRight(event), firstUses, deliberate };
  state.windows.add(act, isOdd, (count, value, day, isOddWindow) => {
    state.learnCount(count, isOddWindow ? Math.min(value, aboutUsual(state, count, day, input, params)) : value, day);
  });
}

/** Four standard deviations above the mean: a baseline that must grow gets there in days, a single burst moves it little. */
function aboutUsual(state: IdentityState, count: Count, day: number, input: AssessInput, params: BehaviourParameters): number {
  const chain = populationOf(input.snapshot).chainOf(input.identity, input.organisation);
  const scale = state.last < 0 ? 0 : readScale(day, state.base);
  const { mean, square } = shrink(state.counts[count], scale, chain.expected[count], params.personShrinkage);
  return Math.ceil(mean + 4 * Math.sqrt(Math.max(mean, square - mean * mean)));
}

type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

/** Adds what the event measures by itself. */
function measure(lesson: Draft<Lesson>, state: IdentityState, event: AccessEvent, day: number): void {
  const minutes = grantedMinutes(event);
  const used = privilegeUsed(event);
  const fail = isSignIn(event) ? state.windows.failuresBefore(event.time) : undefined;
  const approval = approvalSeconds(event);
  const bytes = movedBytes(event);
  let gap: number | undefined;
  if (used !== undefined) {
    lesson.privilege = hash32(used);
    const last = state.useOf(lesson.privilege)?.last;
    if (last !== undefined && day > last) gap = Math.min(LONGEST_GAP_DAYS, day - last);
  }
  if (fail === undefined && minutes === undefined && approval === undefined && bytes === undefined && gap === undefined) return;
  const counts: Partial<Record<Count, number>> = {};
  if (fail !== undefined) counts.fail = fail;
  if (minutes !== undefined) counts.dur = durationStep(minutes);
  if (approval !== undefined) counts.lat = durationStep(approval);
  if (bytes !== undefined) counts.qty = durationStep(bytes);
  if (gap !== undefined) counts.gap = gap;
  lesson.counts = counts;
}

/** @returns true when there is nothing else to learn: the command is not the first of its session */
function learnCommand(input: AssessInput, assessment: Assessment, state: IdentityState, params: BehaviourParameters): boolean {
  const scene = commandScene(input, state);
  if (!scene) return false;
  const isWithin = blockOf(scene) !== undefined;
  state.commands ??= new CommandState();
  // The first command alarms as the event that it is; unless it is the command that made it alarm, what its block showed begins with the second.
  const saysCommand = isWithin || assessment.terms[0]?.feature === COMMANDS_FEATURE;
  advanceCommands({ ...scene, state: state.commands }, saysCommand ? assessment.p : 1, params);
  return isWithin;
}

/** The state as it is once expired verdicts have ended. Only the first event after an end meets one that has not. */
function withoutExpired(state: IdentityState, now: number): IdentityState {
  if (state.feedback === undefined || firstEnd(state.feedback) > now) return state;
  const settled = IdentityState.decode(JSON.stringify(state));
  endVerdicts(settled, now);
  return settled;
}

/** Lessons that nobody disputed for 72 hours are learned, with the weight of the day on which they happened. */
function releaseHeld(state: IdentityState, now: number, { holdHours }: BehaviourParameters): void {
  const ripe = now - holdHours * HOUR_MS;
  if (!state.held.some((lesson) => lesson.at <= ripe)) return;
  const due = state.held.filter((lesson) => lesson.at <= ripe);
  state.held = state.held.filter((lesson) => lesson.at > ripe);
  for (const lesson of due) state.learn(lesson, dayOf(lesson.at));
}

function kindOf({ identity, organisation, event }: AssessInput): StratumKind {
  const record = organisation.identity(identity);
  if (record === undefined) return event.actor?.kind === 'service' ? 'service' : event.actor?.kind === 'admin' ? 'admin' : 'human';
  if (record.kind === 'service') return 'service';
  return record.privileged || record.kind !== 'human' ? 'admin' : 'human';
}

/** @throws TypeError when the profile was not made by this lib: a bug in the wiring */
function stateOf(profile: IdentityProfile): IdentityState {
  if (profile instanceof IdentityState) return profile;
  throw new TypeError('a profile must come from emptyProfile() or decodeProfile()');
}

/** @throws TypeError when the snapshot was not made by this lib: a bug in the wiring */
export function populationOf(snapshot: Snapshot): PopulationSnapshot {
  if (snapshot instanceof PopulationSnapshot) return snapshot;
  throw new TypeError('a snapshot must come from emptySnapshot(), decodeSnapshot() or a builder');
}
