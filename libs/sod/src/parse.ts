import { mitigationSpan } from './mitigation.js';
import { SodPolicy } from './policy.js';

/** A policy without rules finds nothing. */
export const EMPTY_SOD_POLICY: SodPolicy = { functions: {}, rules: [], mitigations: [] };

export type ParsedSod =
  | { readonly kind: 'policy'; readonly policy: SodPolicy }
  /** Each problem says where it is and what is wrong. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** Reads `sod.json`. A policy with a mistake is refused as a whole: half a policy would look like a clean organisation. */
export function parseSod(text: string): ParsedSod {
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (error) {
    return { kind: 'invalid', problems: [`not JSON: ${error instanceof Error ? error.message : 'unreadable'}`] };
  }
  const parsed = SodPolicy.safeParse(value);
  if (!parsed.success) {
    return { kind: 'invalid', problems: parsed.error.issues.map((issue) => `${issue.path.join('.') || '(policy)'}: ${issue.message}`) };
  }
  const problems = [...functionProblems(parsed.data), ...ruleProblems(parsed.data), ...mitigationProblems(parsed.data)];
  return problems.length === 0 ? { kind: 'policy', policy: parsed.data } : { kind: 'invalid', problems };
}

function functionProblems(policy: SodPolicy): string[] {
  return Object.entries(policy.functions).flatMap(([name, duty]) => {
    const at = `functions.${name}`;
    const problems = duty.entitlements.flatMap((pattern, index) => entitlementProblem(`${at}.entitlements.${index}`, pattern));
    for (const [index, activity] of duty.activities.entries()) {
      for (const field of ['source', 'action', 'object'] as const) {
        if (activity[field].trim() === '') problems.push(`${at}.activities.${index}.${field}: is empty; write "*" for anything`);
      }
    }
    if (duty.entitlements.length === 0 && duty.activities.length === 0) problems.push(`${at}: has neither entitlements nor activities`);
    return problems;
  });
}

function entitlementProblem(at: string, pattern: string): string[] {
  if (pattern.trim() === '') return [`${at}: is empty`];
  if (!pattern.includes('*') && pattern.split(':').length < 3) return [`${at}: "${pattern}" is not <system>:<kind>:<name>`];
  return [];
}

function ruleProblems(policy: SodPolicy): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const [index, rule] of policy.rules.entries()) {
    const at = `rules.${index} (${rule.id})`;
    if (seen.has(rule.id)) problems.push(`${at}: another rule has this id`);
    seen.add(rule.id);
    if (new Set(rule.functions).size < 2) problems.push(`${at}: needs two different functions`);
    for (const name of new Set(rule.functions)) {
      const duty = Object.hasOwn(policy.functions, name) ? policy.functions[name] : undefined;
      if (!duty) problems.push(`${at}: names the function "${name}", which the policy does not define`);
      else if (rule.when === 'exercised' && duty.activities.length === 0) {
        problems.push(`${at}: "${name}" has no activities, so it can never be exercised`);
      } else if (rule.when !== 'exercised' && duty.entitlements.length === 0) {
        problems.push(`${at}: "${name}" has no entitlements, so it can never be ${rule.when}`);
      }
    }
  }
  return problems;
}

function mitigationProblems(policy: SodPolicy): string[] {
  const rules = new Set(policy.rules.map(({ id }) => id));
  return policy.mitigations.flatMap((mitigation, index) => {
    const at = `mitigations.${index}`;
    const problems: string[] = [];
    if (!rules.has(mitigation.rule)) problems.push(`${at}: names the rule "${mitigation.rule}", which the policy does not define`);
    if (mitigation.identity === undefined && mitigation.group === undefined) problems.push(`${at}: names neither an identity nor a group`);
    const { isReadable, from, until } = mitigationSpan(mitigation);
    if (!isReadable) problems.push(`${at}: "from" or "to" is no date (2026-01-31) and no ISO 8601 instant`);
    else if (from && until && from.at >= until.at) problems.push(`${at}: ends before it begins`);
    return problems;
  });
}
