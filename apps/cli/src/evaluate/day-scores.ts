import { DayReasons, SharedReasons } from '@keyward/baselines';
import type { Act } from './day-evidence.js';
import { dayKey } from './named-causes.js';
import type { RuleFindings } from './rule-findings.js';

/**
 * Scores of one day as `replay` gives them, for whoever was active.
 *
 * @param rules findings of rules on all days @param without a feature that is left out of every act
 */
export function dayScores(
  day: string,
  acts: ReadonlyMap<string, readonly Act[]>,
  rules: RuleFindings,
  groupsOf: (identity: string) => readonly string[],
  without?: string,
): ReadonlyMap<string, number> {
  const days = new Map<string, DayReasons>();
  for (const [identity, own] of acts) {
    const reasons = new DayReasons();
    for (const act of own) reasons.addAct(without === undefined ? act : act.filter(({ feature }) => feature !== without));
    for (const { detection, p } of rules.get(dayKey({ identity, day })) ?? []) reasons.addRule(detection, p);
    days.set(identity, reasons);
  }
  const shared = new SharedReasons(days, groupsOf);
  return new Map([...days].map(([identity, reasons]) => [identity, reasons.score((key) => shared.has(identity, key))]));
}
