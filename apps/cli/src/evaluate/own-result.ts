import { COMMANDS_FEATURE, dayReasonOf } from '@keyward/baselines';
import { CalibrationTable, mondayOf, type AlarmedDay, type Label, type RaisedAlert, type ScoredDay } from '@keyward/evaluation';
import type { z } from 'zod';
import type { TalliedEvent } from './day-evidence.js';
import { NamedCauses, dayKey } from './named-causes.js';
import { AlertLine, AssessmentLine, FindingLine, RiskLine, resultLines } from './result-lines.js';
import type { RuleFindings } from './rule-findings.js';
import { WithoutFeature } from './without-feature.js';

export interface OwnDay extends ScoredDay {
  /** When the day was most alarming. */
  readonly time: string;
  /** The strongest reason, in words. */
  readonly reason: string | undefined;
}

/** What the line said of a history. */
export interface OwnResult {
  readonly days: readonly OwnDay[];
  /** Of findings of rules alone, behaviour left out. */
  readonly ruleDays: readonly ScoredDay[];
  readonly rules: RuleFindings;
  /** By feature: the ranking without it. */
  readonly withoutFeature: ReadonlyMap<string, readonly ScoredDay[]>;
  readonly named: NamedCauses;
  readonly calibration: CalibrationTable;
  readonly alerts: readonly RaisedAlert[];
  /** Identity-days with a finding of unusual behaviour, once each. */
  readonly alarmed: readonly AlarmedDay[];
  readonly events: number;
}

/** Only the first command of a session is evaluated beyond its commands. */
const WITHIN_A_SESSION = 'all others';
function commandOf({ terms, notEvaluated, source, session = '' }: z.infer<typeof AssessmentLine>): TalliedEvent['command'] {
  const position = terms.find(({ feature }) => feature === COMMANDS_FEATURE)?.details?.commands?.position;
  if (position === undefined) return undefined;
  return { session: `${source}:${session}`, position, isWithin: notEvaluated.some(({ feature }) => feature === WITHIN_A_SESSION) };
}

const dayOf = (time: string): string => time.slice(0, 10);
/** Week of an instant as a number that {@link CalibrationTable} can order: epoch ms of its Monday. */
export const weekOf = (time: string): number => Date.parse(`${mondayOf(dayOf(time))}T00:00:00Z`);

/** Reads the files that `replay` wrote into `folder`. @param groupsOf peer groups of an identity */
export async function readOwnResult(
  folder: string,
  { labels, evaluatedFrom }: { readonly labels: readonly Label[]; readonly evaluatedFrom: string },
  groupsOf: (identity: string) => readonly string[],
): Promise<OwnResult> {
  const days: OwnDay[] = [];
  for await (const { day, time, identity, score, top } of resultLines(folder, 'risk', RiskLine))
    days.push({ day, time, identity, score, reason: top[0] });

  const named = new NamedCauses(labels);
  const ruleDays = new Map<string, ScoredDay>();
  const rules = new Map<string, { detection: string; p: number }[]>();
  const behaviour = new Set<string>();
  const alarmed = new Map<string, AlarmedDay>();
  for await (const { detection, kind, identity, time, p, dedupeKey } of resultLines(folder, 'findings', FindingLine)) {
    if (kind === 'behaviour') {
      behaviour.add(detection);
      const day = { identity, day: dayOf(time) };
      if (!alarmed.has(dayKey(day))) alarmed.set(dayKey(day), { ...day, feature: dedupeKey.slice(dedupeKey.indexOf(':') + 1) });
      continue;
    }
    const day = { identity, day: dayOf(time) };
    const key = dayKey(day);
    rules.set(key, [...(rules.get(key) ?? []), { detection, p }]);
    const score = -Math.log(Math.max(p, 1e-30));
    if (score > (ruleDays.get(key)?.score ?? 0)) ruleDays.set(key, { ...day, score });
    named.finding(day, detection, p);
  }

  const calibration = new CalibrationTable();
  const ablation = new WithoutFeature(rules, groupsOf);
  let events = 0;
  for await (const line of resultLines(folder, 'assessments', AssessmentLine)) {
    const { source, time, identity, p } = line;
    const terms = line.terms.map(dayReasonOf);
    events += 1;
    const [first] = terms;
    if (!first || dayOf(time) < evaluatedFrom) continue;
    ablation.add({ identity, day: dayOf(time), p, terms, command: commandOf(line) });
    named.event(source, time, identity, first.feature, p);
    if (!named.isAttack(source, time, identity)) calibration.add(weekOf(time), p);
  }

  const alerts: RaisedAlert[] = [];
  for await (const { time, identity, detections } of resultLines(folder, 'alerts', AlertLine))
    alerts.push({ identity, day: dayOf(time), isBehaviour: detections.some((detection) => behaviour.has(detection)) });
  const withoutFeature = ablation.end().without;
  return {
    days,
    ruleDays: [...ruleDays.values()],
    rules,
    withoutFeature,
    named,
    calibration,
    alerts,
    alarmed: [...alarmed.values()],
    events,
  };
}
