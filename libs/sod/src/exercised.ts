import { HOUR_MS, type AccessEvent } from '@keyward/events';
import { z } from 'zod';
import { objectsOf, type CompiledRule, type SodIndex, type SodMitigation, type SodRule } from './compile.js';
import { mitigationOf } from './held.js';
import type { SodSubject } from './mitigation.js';

/** Acts kept a function of a `sameObject` rule: enough for a batch run over a few dozen objects, a few kilobytes at worst. */
const MAX_ACTS = 32;
const MAX_OBJECTS = 4;
/** Names can be as long as a vendor likes; a longer one is compared by its first characters. */
const MAX_NAME_CHARACTERS = 160;

const Act = z.object({ at: z.number(), uid: z.string(), objects: z.array(z.string()) });
type Act = z.infer<typeof Act>;

/** What an identity has done of the duties in `exercised` rules: rule id -> function -> acts, oldest first. Plain JSON, bounded. */
export const ExerciseState = z.record(z.string(), z.record(z.string(), z.array(Act)));
export type ExerciseState = z.infer<typeof ExerciseState>;

export interface ExercisedConflict {
  readonly rule: SodRule;
  /** One step a function, in the rule's order: which event did it, when. */
  readonly witness: readonly { readonly function: string; readonly eventUid: string; readonly at: number }[];
  /** What both were done to; undefined for rules about any object. */
  readonly object: string | undefined;
  readonly mitigation: SodMitigation | undefined;
}

/**
 * Conflicts that this act completes: it does one duty of a rule, and the others were done by the same identity within the rule's window
 * (to the same object where the rule says so). One act alone is never a conflict, even if it counts for two duties.
 *
 * @param state what was done before: must not contain the event
 */
export function exercisedConflicts(
  index: SodIndex,
  state: ExerciseState,
  event: AccessEvent,
  subject: SodSubject,
): readonly ExercisedConflict[] {
  if (index.exercised.length === 0 || event.outcome !== 'success') return [];
  return index.exercised.flatMap((compiled) => {
    const done = compiled.functions.filter((duty) => duty.isExercisedBy(event)).map(({ name }) => name);
    if (done.length === 0) return [];
    const objects = compiled.rule.sameObject ? actOf(event).objects : [undefined];
    for (const object of objects) {
      const witness = witnessOf(compiled, state[compiled.rule.id] ?? {}, event, done, object);
      if (witness) return [{ rule: compiled.rule, witness, object, mitigation: mitigationOf(compiled, subject, event.time) }];
    }
    return [];
  });
}

function witnessOf(
  { rule, functions }: CompiledRule,
  acts: Readonly<Record<string, readonly Act[]>>,
  event: AccessEvent,
  done: readonly string[],
  object: string | undefined,
): ExercisedConflict['witness'] | undefined {
  const windowMs = rule.windowHours * HOUR_MS;
  const earlier = (name: string): Act | undefined =>
    (acts[name] ?? []).findLast(
      (act) => act.uid !== event.uid && Math.abs(event.time - act.at) <= windowMs && (object === undefined || act.objects.includes(object)),
    );
  const now = { uid: event.uid, at: event.time };
  const others = functions.filter(({ name }) => !done.includes(name));
  // An act that counts for every duty needs an earlier one for at least one of them.
  const shared = others.length === 0 ? functions.find(({ name }) => earlier(name))?.name : undefined;
  if (others.length === 0 && shared === undefined) return undefined;
  const steps = functions.map(({ name }) => {
    const act = done.includes(name) && name !== shared ? now : earlier(name);
    return act && { function: name, eventUid: act.uid, at: act.at };
  });
  const found = steps.flatMap((step) => step ?? []);
  return found.length === functions.length ? found : undefined;
}

/** @returns the state with the act in it; the same object when it is no duty of any rule */
export function advanceExercise(index: SodIndex, state: ExerciseState, event: AccessEvent): ExerciseState {
  if (index.exercised.length === 0 || event.outcome !== 'success') return state;
  let next = state;
  for (const { rule, functions } of index.exercised) {
    const done = functions.filter((duty) => duty.isExercisedBy(event));
    if (done.length === 0) continue;
    const acts = { ...next[rule.id] };
    for (const { name } of done) acts[name] = withAct(acts[name] ?? [], event, rule);
    next = { ...next, [rule.id]: acts };
  }
  return next === state ? state : withoutUnknownRules(index, next);
}

function withAct(acts: readonly Act[], event: AccessEvent, rule: SodRule): Act[] {
  const windowMs = rule.windowHours * HOUR_MS;
  const recent = acts.filter((act) => event.time - act.at <= windowMs && act.uid !== event.uid);
  return [...recent, actOf(event)].toSorted((a, b) => a.at - b.at || (a.uid < b.uid ? -1 : 1)).slice(rule.sameObject ? -MAX_ACTS : -1);
}

const actOf = (event: AccessEvent): Act => ({
  at: event.time,
  uid: event.uid,
  objects: objectsOf(event)
    .slice(0, MAX_OBJECTS)
    .map((name) => name.slice(0, MAX_NAME_CHARACTERS)),
});

/** A rule that was taken out of the policy leaves nothing behind. */
function withoutUnknownRules(index: SodIndex, state: ExerciseState): ExerciseState {
  const known = new Set(index.exercised.map(({ rule }) => rule.id));
  return Object.fromEntries(Object.entries(state).filter(([id]) => known.has(id)));
}
