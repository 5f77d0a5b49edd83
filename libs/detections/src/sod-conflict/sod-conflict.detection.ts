import { DAY_MS, HOUR_MS, type Severity } from '@keyward/events';
import { isSubject } from '@keyward/identity';
import {
  ExerciseState,
  advanceExercise,
  compileSod,
  conflictsOfEntitlements,
  exercisedConflicts,
  type ExercisedConflict,
  type HeldConflict,
  type SodSubject,
} from '@keyward/sod';
import { z } from 'zod';
import { isPassive } from '../acts.js';
import { defineDetection, type DetectionInput, type Observation } from '../detection.js';
import { factsAfter, grantAfter } from '../outlook.js';
import { duration, entitlementName, moment, nameOf } from '../words.js';
import { heldEntitlements } from './held-entitlements.js';

const State = z.object({
  done: ExerciseState,
  /** Conflict -> when it was last reported. */
  reported: z.record(z.string(), z.number()),
});
type State = z.infer<typeof State>;

const Params = z.strictObject({
  /** A role that is activated each morning completes an `assigned` conflict each morning: once a month is enough to say it. */
  repeatAssignedDays: z.number().nonnegative().default(30),
});
type Params = z.infer<typeof Params>;
type Input = DetectionInput<State, Params>;

const MAX_REPORTED = 64;
/** Floors by what the policy's author thinks of the rule; SoD risk decays over 30 days, so these weigh long. */
const P_BY_SEVERITY: Readonly<Record<Severity, number>> = { informational: 0.1, low: 1e-2, medium: 1e-3, high: 1e-4, critical: 1e-5 };

export const sodConflict = defineDetection<State, Params>({
  id: 'sod_conflict',
  title: 'Segregation of duties broken',
  kind: 'sod',
  severity: 'high',
  attack: ['T1098'],
  ledger: 'identity',
  p: P_BY_SEVERITY.high,
  params: Params,
  state: State,
  initial: () => ({ done: {}, reported: {} }),

  evaluate(input) {
    const found = observationsOf(input);
    return found.length === 0 ? undefined : found.map(({ observation }) => observation);
  },

  advance(input) {
    const { event, part, state, sod } = input;
    const done = part === 'actor' && !isPassive(event) ? advanceExercise(compileSod(sod), state.done, event) : state.done;
    const found = observationsOf(input);
    if (found.length === 0) return done === state.done ? state : { ...state, done };
    const reported = { ...state.reported, ...Object.fromEntries(found.map(({ key }) => [key, event.time])) };
    const kept = Object.entries(reported).toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
    return { done, reported: Object.fromEntries(kept.slice(-MAX_REPORTED)) };
  },
});

interface Found {
  readonly key: string;
  readonly observation: Observation;
}

function observationsOf(input: Input): readonly Found[] {
  if (input.sod.rules.length === 0) return [];
  return [...(isChangeOfRights(input) ? completedByGrant(input) : []), ...(input.part === 'actor' ? completedByAct(input) : [])];
}

function isChangeOfRights({ event, part }: Input): boolean {
  const change = event.privilege?.change;
  const gives = change === 'granted' || change === 'activated' || change === 'extended';
  return gives && event.outcome === 'success' && isSubject(event, part);
}

const subjectOf = ({ organisation, identity, event }: Input): SodSubject => ({
  identity,
  groups: organisation.groupsOf(identity),
  utcOffsetMinutes: organisation.utcOffsetMinutes(identity, event.time),
});

/** Conflicts that hold once the right is there and did not hold before, or held only as something that might be activated. */
function completedByGrant(input: Input): readonly Found[] {
  const { event, facts, organisation, identity, sod, state, params } = input;
  const entitlement = event.privilege?.entitlement;
  if (entitlement === undefined) return [];
  const index = compileSod(sod);
  if (!index.isDuty(entitlement)) return [];
  // A right that is given for later is judged by what it meets when it begins.
  const at = Math.max(event.time, event.privilege?.startsAt ?? event.time);
  const subject = subjectOf(input);
  const before = conflictsOfEntitlements(index, heldEntitlements(facts, organisation, identity, at), at, subject);
  const knownKeys = new Set(before.map(strengthKey));
  const after = conflictsOfEntitlements(index, heldEntitlements(factsAfter(input), organisation, identity, at), at, subject, entitlement);
  const grantUids = [grantAfter(input)?.uid].filter((uid) => uid !== undefined);
  return after
    .filter((conflict) => conflict.mitigation === undefined && !knownKeys.has(strengthKey(conflict)))
    .flatMap((conflict) => {
      const key = `${conflict.rule.id}:${conflict.witness.map(({ held }) => held.entitlement).join('+')}:${isActive(conflict) ? 'active' : 'eligible'}`;
      const reportedAt = state.reported[key];
      const isRepeat =
        conflict.rule.when === 'assigned' && reportedAt !== undefined && event.time - reportedAt < params.repeatAssignedDays * DAY_MS;
      return isRepeat ? [] : [{ key, observation: describeHeld(input, conflict, entitlement, grantUids) }];
    });
}

const isActive = (conflict: HeldConflict): boolean => conflict.witness.every(({ held }) => held.eligible !== true);
/** A conflict that becomes active is new even if it was possible before; one that was active is never completed again. */
const strengthKey = (conflict: HeldConflict): string => `${conflict.rule.id}:${isActive(conflict) ? 'active' : 'eligible'}`;

function describeHeld(input: Input, conflict: HeldConflict, entitlement: string, grantUids: readonly string[]): Observation {
  const { rule, witness } = conflict;
  const duties = witness.map((step) => step.function);
  const when = isActive(conflict)
    ? rule.when === 'overlapping'
      ? 'at the same time'
      : 'together'
    : 'together (some only eligible so far)';
  return {
    sentence:
      `${nameOf(input.organisation, input.identity)} now has ${listOf(duties)} ${when}, which "${rule.name ?? rule.id}" forbids: ` +
      `${entitlementName(entitlement)} completed it.`,
    observed: { rule: rule.id, when: rule.when, functions: duties, entitlement, witness: witness.map(({ held }) => held.entitlement) },
    eventUids: witness.map(({ held }) => held.via).filter((via) => !via.startsWith('context') && via !== input.event.uid),
    severity: rule.severity,
    p: P_BY_SEVERITY[rule.severity],
    grantUids,
    explanation: witness.map(({ function: duty, held }) => {
      const since = held.since === 0 ? 'since before the history begins' : `since ${moment(held.since)}`;
      const source = held.via.startsWith('context') ? 'from the organisation context' : `from event ${held.via}`;
      const until = held.until === undefined ? '' : ` until ${moment(held.until)}`;
      return `"${duty}" through ${held.entitlement}: ${held.eligible === true ? 'eligible' : 'held'} ${since}${until}, learned ${source}.`;
    }),
    dedupeKey: `sod:${rule.id}`,
  };
}

/** Conflicts that the act completes, each once a window and object. */
function completedByAct(input: Input): readonly Found[] {
  const { event, state, sod } = input;
  if (isPassive(event)) return [];
  return exercisedConflicts(compileSod(sod), state.done, event, subjectOf(input)).flatMap((conflict) => {
    const key = `${conflict.rule.id}@${conflict.object ?? '*'}`;
    const reportedAt = state.reported[key];
    const isRepeat = reportedAt !== undefined && event.time - reportedAt < conflict.rule.windowHours * HOUR_MS;
    return conflict.mitigation !== undefined || isRepeat ? [] : [{ key, observation: describeExercised(input, conflict) }];
  });
}

function describeExercised({ event, organisation, identity }: Input, conflict: ExercisedConflict): Observation {
  const { rule, witness, object } = conflict;
  const duties = witness.map((step) => step.function);
  const first = Math.min(...witness.map(({ at }) => at));
  return {
    sentence:
      `${nameOf(organisation, identity)} did ${listOf(duties)} within ${duration(event.time - first)}` +
      `${object === undefined ? '' : `, both on ${object}`}, which "${rule.name ?? rule.id}" keeps apart.`,
    observed: {
      rule: rule.id,
      when: rule.when,
      functions: duties,
      windowHours: rule.windowHours,
      ...(object !== undefined && { object }),
    },
    eventUids: witness.toSorted((a, b) => a.at - b.at).map(({ eventUid }) => eventUid),
    severity: rule.severity,
    p: P_BY_SEVERITY[rule.severity],
    explanation: witness.map(
      ({ function: duty, eventUid, at }) =>
        `"${duty}" on ${moment(at)}${eventUid === event.uid ? ' (this event)' : ` (event ${eventUid})`}.`,
    ),
    dedupeKey: `sod:${rule.id}`,
  };
}

const listOf = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).map(quote).join(', ')} and ${quote(names.at(-1) ?? '')}`;
const quote = (name: string): string => `"${name}"`;
