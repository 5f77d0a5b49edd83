import { dayOf, HOUR_MS } from '@keyward/events';
import type { Organisation } from '@keyward/identity';
import { commandVerbs } from '../commands/command-model.js';
import type { IdentityState, Lesson } from '../identity-state.js';
import { AT } from '../level-tables.js';
import { observe, type Observation } from '../observation.js';
import type { BehaviourParameters } from '../parameters.js';
import { weekBin } from '../statistics/week.js';
import { absorb, putBack, takeOut, withdraw } from './absorb.js';
import { MAX_MARKS, MAX_VERDICTS, type VerdictInForce } from './feedback-state.js';
import { marksOf } from './likeness.js';
import { covers, nameOf, type Mark } from './mark.js';
import type { VerdictEntry, VerdictExample } from './verdict.js';

/** Different acts of one verdict that are absorbed. */
const MAX_LESSONS = 8;
/** A block of commands ends some time after the command that alarmed. */
const BLOCK_ENDS_MS = HOUR_MS;

interface Read {
  readonly example: VerdictExample;
  readonly observation: Observation;
  readonly lesson: Lesson;
  readonly marks: readonly Mark[];
}

/**
 * Takes a verdict into the profile that it is about.
 *
 * - benign: the events' values are absorbed as five acts, and its marks damp later evidence (see `verdictsOn`)
 * - malicious: lessons on hold are disputed and never learned, learned ones are taken out, and its marks raise later evidence
 * - one that undoes another: what that one added is taken out, what it took out is put back, and its marks are gone
 *
 * A verdict that is known already, or expired when it was given, changes nothing.
 */
export function heedVerdict(state: IdentityState, entry: VerdictEntry, organisation: Organisation, params: BehaviourParameters): void {
  const { verdict, examples, identity } = entry;
  endVerdicts(state, verdict.at);
  if (verdict.undoes !== undefined) {
    end(state, ({ u }) => u === verdict.undoes, true);
    return;
  }
  if (verdict.expiresAt <= verdict.at || state.feedback?.some(({ u }) => u === verdict.uid)) return;
  const read = examples.map((example) => readExample(example, identity, organisation));
  const inForce: VerdictInForce = {
    u: verdict.uid,
    i: verdict.kind,
    a: verdict.at,
    z: verdict.expiresAt,
    n: verdict.author,
    m: distinctMarks(read.flatMap(({ marks }) => marks)),
    ...(verdict.kind === 'benign' ? accept(state, read, verdict.at, params) : reject(state, read, verdict.at, params)),
  };
  const oldest = state.feedback?.length === MAX_VERDICTS ? state.feedback[0] : undefined;
  if (oldest) end(state, (other) => other === oldest, false);
  state.feedback = [...(state.feedback ?? []), inForce];
}

/** Ends what has expired at an instant of event time: what a benign verdict taught goes with it, so that the same act is strange again. */
export function endVerdicts(state: IdentityState, now: number): void {
  if (state.feedback !== undefined) end(state, ({ z: expires }) => expires <= now, false);
}

/** @param isUndone a malicious verdict that merely expires was still right: what it took out stays out */
function end(state: IdentityState, isOver: (verdict: VerdictInForce) => boolean, isUndone: boolean): void {
  const over = state.feedback?.filter(isOver) ?? [];
  if (over.length === 0) return;
  const left = state.feedback?.filter((verdict) => !over.includes(verdict)) ?? [];
  state.feedback = left.length === 0 ? undefined : left;
  for (const { i: kind, c: change, d: waiting = [] } of over) {
    if (kind === 'malicious' && !isUndone) continue;
    if (change) (kind === 'benign' ? withdraw : putBack)(state, change);
    state.held = [...state.held, ...waiting].toSorted((a, b) => a.at - b.at);
  }
}

function accept(
  state: IdentityState,
  read: readonly Read[],
  at: number,
  { eventsPerDay, resetAfterDays }: BehaviourParameters,
): Pick<VerdictInForce, 'c' | 'd'> {
  // What was on hold for it needs no waiting any more, and would count twice.
  const waiting = state.held.filter((held) => read.some((one) => isOf(held, one)));
  state.held = state.held.filter((held) => !waiting.includes(held));
  if (state.isStale(dayOf(at), resetAfterDays)) return {};
  return { c: absorb(state, distinctLessons(read), dayOf(at), eventsPerDay), ...kept(waiting) };
}

function reject(state: IdentityState, read: readonly Read[], at: number, params: BehaviourParameters): Pick<VerdictInForce, 'c' | 'd'> {
  const disputed = state.held.filter((held) => read.some((one) => isOf(held, one)));
  state.held = state.held.filter((held) => !disputed.includes(held));
  const learned = read.filter((one) => wasLearned(one, disputed, at, params));
  const commands = read.filter(({ example: { event } }) => commandVerbs(event) !== undefined);
  if (commands.length > 0) {
    const times = commands.map(({ example: { event } }) => event.time);
    state.commands?.dispute(Math.min(...times), Math.max(...times) + BLOCK_ENDS_MS);
  }
  const change = state.isStale(dayOf(at), params.resetAfterDays)
    ? undefined
    : takeOut(
        state,
        learned.map(({ lesson, example }) => [lesson, dayOf(example.event.time)] as const),
      );
  // Nobody travels from where only the intruder was.
  for (const { observation } of read) forgetContext(state, observation.values.net);
  return {
    ...(change && { c: change }),
    ...kept(disputed),
  };
}

const kept = (lessons: readonly Lesson[]): Pick<VerdictInForce, 'd'> =>
  lessons.length === 0 ? {} : { d: lessons.map((lesson) => ({ ...lesson, values: { ...lesson.values } })) };

/** At once above 0.01; after the hold, unless it was still waiting; never at or below 1e-4. */
function wasLearned({ example, observation, lesson }: Read, disputed: readonly Lesson[], at: number, params: BehaviourParameters): boolean {
  if (observation.use !== 'habit' || example.p <= params.neverLearnBelowP) return false;
  if (example.p > params.learnAboveP) return true;
  return at - example.event.time > params.holdHours * HOUR_MS && !disputed.some((held) => held.at === lesson.at);
}

function forgetContext(state: IdentityState, net: string | undefined): void {
  if (net === undefined || state.tables.get(AT.net, net) > 0) return;
  const at = state.contexts.findIndex((context) => context.net === net);
  if (at >= 0) state.contexts.splice(at, 1);
}

function readExample(example: VerdictExample, identity: string, organisation: Organisation): Read {
  const { event } = example;
  const observation = observe(event);
  const automated = example.stratum.startsWith('service/');
  const bin = observation.deliberate || automated ? weekBin(event.time, organisation.utcOffsetMinutes(identity, event.time)) : undefined;
  const marks = marksOf(example, observation.values, bin);
  const counts = Object.fromEntries(marks.flatMap(({ k }) => (k ? [k] : [])));
  return {
    example,
    observation,
    marks,
    lesson: { at: event.time, values: observation.values, bin, ...(Object.keys(counts).length > 0 && { counts }) },
  };
}

const isOf = (held: Lesson, { lesson }: Read): boolean =>
  held.at === lesson.at && held.values.net === lesson.values.net && held.values.res === lesson.values.res;

/** One of each thing: the widest of a count, all verbs of commands together. */
export function distinctMarks(marks: readonly Mark[]): Mark[] {
  const distinct: Mark[] = [];
  for (const mark of marks) {
    const at = distinct.findIndex(
      (other) => other.f === mark.f && other.l === mark.l && (!mark.l.startsWith('@') || covers(other, likenessOfMark(mark))),
    );
    const known = distinct[at];
    if (!known) distinct.push(mark);
    else if (mark.v) distinct[at] = { ...known, v: [...new Set([...(known.v ?? []), ...mark.v])].toSorted() };
    else if (mark.l.startsWith('#') && (mark.m ?? 0) > (known.m ?? 0)) distinct[at] = mark;
  }
  return distinct.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)).slice(0, MAX_MARKS);
}
const likenessOfMark = ({ l, m }: Mark): { like: string; measure: number | undefined } => ({ like: l, measure: m });

/** An act that came twenty times is one thing that is accepted, not twenty. */
function distinctLessons(read: readonly Read[]): Lesson[] {
  const distinct = new Map<string, Lesson>();
  for (const { lesson, observation } of read)
    if (observation.use === 'habit') {
      const key = JSON.stringify([Object.entries(lesson.values).toSorted(), lesson.bin === undefined ? -1 : Math.floor(lesson.bin / 4)]);
      if (!distinct.has(key)) distinct.set(key, lesson);
    }
  return [...distinct.values()].slice(0, MAX_LESSONS);
}
