import type { CompiledRule, SodIndex, SodMitigation, SodRule } from './compile.js';
import { mitigates, type SodSubject } from './mitigation.js';

/** An entitlement that an identity has, and how that is known. */
export interface HeldEntitlement {
  /** `<system>:<kind>:<name>` */
  readonly entitlement: string;
  /** Epoch ms; 0: since before the history begins. */
  readonly since: number;
  /** Epoch ms of its last instant; absent: standing. */
  readonly until?: number;
  /** Uid of the event it was learned from, or `context`. */
  readonly via: string;
  /** May be activated, is not active: counts for `assigned`, never for `overlapping`. */
  readonly eligible?: boolean;
}

/** One step of a witness path: which entitlement gives which duty. */
export interface Witness {
  readonly function: string;
  readonly held: HeldEntitlement;
}
export interface HeldConflict {
  readonly rule: SodRule;
  /** One step a function, in the rule's order. */
  readonly witness: readonly Witness[];
  /** The mitigation that covers it now; a mitigated conflict is no finding. */
  readonly mitigation: SodMitigation | undefined;
}

/**
 * Conflicts among what an identity has at an instant: of `assigned` rules (could do: held, or eligible for it) and
 * `overlapping` ones (may do now: active at the same time). A single entitlement that gives both duties is a conflict too.
 *
 * @param held what has ended at the instant, or begins after it, does not count
 * @param at epoch ms, event time
 * @param newest entitlement that a witness path should show where it can: the one that completed it
 */
export function conflictsOfEntitlements(
  index: SodIndex,
  held: readonly HeldEntitlement[],
  at: number,
  subject: SodSubject,
  newest?: string,
): readonly HeldConflict[] {
  const has = held.filter(({ since, until }) => since <= at && (until === undefined || until >= at));
  const conflicts: HeldConflict[] = [];
  for (const compiled of index.held) {
    const counted = compiled.rule.when === 'overlapping' ? has.filter(({ eligible }) => eligible !== true) : has;
    const witness = witnessOf(compiled, counted, newest);
    if (witness) conflicts.push({ rule: compiled.rule, witness, mitigation: mitigationOf(compiled, subject, at) });
  }
  return conflicts;
}

function witnessOf(compiled: CompiledRule, held: readonly HeldEntitlement[], newest: string | undefined): readonly Witness[] | undefined {
  const path: Witness[] = [];
  for (const duty of compiled.functions) {
    const giving = held.filter(({ entitlement }) => duty.grants(entitlement));
    const best = giving.toSorted((a, b) => byPreference(a, b, newest))[0];
    if (!best) return undefined;
    path.push({ function: duty.name, held: best });
  }
  return path;
}

/** The newest one first, then what is active, then what is held longest; the name settles ties, so that the path is always the same. */
function byPreference(a: HeldEntitlement, b: HeldEntitlement, newest: string | undefined): number {
  const isNewest = Number(b.entitlement === newest) - Number(a.entitlement === newest);
  const isActive = Number(a.eligible === true) - Number(b.eligible === true);
  return isNewest || isActive || a.since - b.since || (a.entitlement < b.entitlement ? -1 : Number(a.entitlement > b.entitlement));
}

export const mitigationOf = (compiled: CompiledRule, subject: SodSubject, at: number): SodMitigation | undefined =>
  compiled.mitigations.find(({ mitigation, span }) => mitigates(mitigation, span, subject, at))?.mitigation;
