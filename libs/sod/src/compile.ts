import type { AccessEvent } from '@keyward/events';
import { mitigationSpan, type MitigationSpan } from './mitigation.js';
import type { SodPolicy } from './policy.js';
import { compileWildcard, matchesAnything, type Matches } from './wildcard.js';

export type SodRule = SodPolicy['rules'][number];
export type SodMitigation = SodPolicy['mitigations'][number];

/** A function (a duty) with its patterns compiled. */
export interface CompiledFunction {
  readonly name: string;
  readonly grants: Matches;
  readonly isExercisedBy: (event: AccessEvent) => boolean;
}
export interface CompiledRule {
  readonly rule: SodRule;
  /** In the rule's order, each once; functions the policy does not define are never satisfied. */
  readonly functions: readonly CompiledFunction[];
  readonly mitigations: readonly { readonly mitigation: SodMitigation; readonly span: MitigationSpan }[];
}
/** A policy ready to be asked. Immutable. */
export interface SodIndex {
  readonly policy: SodPolicy;
  /** Rules about what an identity has (`assigned`, `overlapping`). */
  readonly held: readonly CompiledRule[];
  /** Rules about what it does (`exercised`). */
  readonly exercised: readonly CompiledRule[];
  /** True when the entitlement gives a duty of some `held` rule: any other can't complete a conflict. */
  isDuty(entitlement: string): boolean;
}

const NEVER: Omit<CompiledFunction, 'name'> = { grants: () => false, isExercisedBy: () => false };
const compiled = new WeakMap<SodPolicy, SodIndex>();

/** Compiles once a policy: the same object gives the same index. */
export function compileSod(policy: SodPolicy): SodIndex {
  const known = compiled.get(policy);
  if (known) return known;
  const functions = new Map(Object.keys(policy.functions).map((name) => [name, compileFunction(policy, name)]));
  const rules = policy.rules.map((rule): CompiledRule => ({
    rule,
    functions: [...new Set(rule.functions)].map((name) => functions.get(name) ?? { name, ...NEVER }),
    mitigations: policy.mitigations
      .filter((mitigation) => mitigation.rule === rule.id)
      .map((mitigation) => ({ mitigation, span: mitigationSpan(mitigation) })),
  }));
  const held = rules.filter(({ rule }) => rule.when !== 'exercised');
  const duties = new Set(held.flatMap((rule) => rule.functions));
  const index: SodIndex = {
    policy,
    held,
    exercised: rules.filter(({ rule }) => rule.when === 'exercised'),
    isDuty: (entitlement) => [...duties].some((duty) => duty.grants(entitlement)),
  };
  compiled.set(policy, index);
  return index;
}

function compileFunction(policy: SodPolicy, name: string): CompiledFunction {
  const written = policy.functions[name];
  const grants = (written?.entitlements ?? []).map(compileWildcard);
  const activities = (written?.activities ?? []).map((activity) => ({
    source: compileWildcard(activity.source),
    action: compileWildcard(activity.action),
    object: matchesAnything(activity.object) ? undefined : compileWildcard(activity.object),
  }));
  return {
    name,
    grants: (entitlement) => grants.some((matches) => matches(entitlement)),
    isExercisedBy: (event) =>
      activities.some(
        ({ source, action, object }) =>
          source(event.source) && action(event.code) && (object === undefined || namesOf(event).some((text) => object(text))),
      ),
  };
}

/** What an event acted on, as two events on one thing would both name it: lower case, each once. */
export function objectsOf(event: AccessEvent): readonly string[] {
  const names = [
    event.resource?.name,
    event.resource?.id,
    event.target?.name,
    event.target?.id,
    event.credential?.account,
    event.privilege?.entitlement,
  ];
  return [...new Set(names.flatMap((name) => (name ? [name.toLowerCase()] : [])))];
}

/** ... and the machine it stands on, which a pattern may name but which two acts may share by chance. */
const namesOf = (event: AccessEvent): readonly string[] =>
  event.resource?.host === undefined ? objectsOf(event) : [...objectsOf(event), event.resource.host];
