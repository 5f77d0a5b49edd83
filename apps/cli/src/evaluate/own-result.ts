import { CalibrationTable, mondayOf, type IdentityDay, type Label, type ScoredDay } from '@keyward/evaluation';
import { WithoutFeature } from './without-feature.js';
import { AlertLine, AssessmentLine, FindingLine, RiskLine, resultLines } from './result-lines.js';

export interface OwnDay extends ScoredDay {
  /** When the day was most alarming. */
  readonly time: string;
  /** The strongest reason, in a sentence. */
  readonly reason: string | undefined;
}
/** What the line said first of something that was done. */
export interface Named {
  readonly name: string;
  readonly p: number;
}

/** What the line said of a history. */
export interface OwnResult {
  readonly days: readonly OwnDay[];
  /** Of findings of rules alone, behaviour left out. */
  readonly ruleDays: readonly ScoredDay[];
  /** By `<day> <identity>`: p of the findings of rules. */
  readonly ruleP: ReadonlyMap<string, readonly number[]>;
  /** By feature: the ranking without it. */
  readonly withoutFeature: ReadonlyMap<string, readonly ScoredDay[]>;
  /** By label id: the feature or detection of its most unlikely event. */
  readonly named: ReadonlyMap<string, Named>;
  readonly calibration: CalibrationTable;
  /** UTC days, one for each alert. */
  readonly behaviourAlertDays: readonly string[];
  readonly alertDays: readonly string[];
  readonly events: number;
}

const dayOf = (time: string): string => time.slice(0, 10);
const eventKey = (source: string, time: string): string => `${source} ${time}`;

/** Reads the files that `replay` wrote into `folder`. */
export async function readOwnResult(folder: string, labels: readonly Label[], evaluatedFrom: string): Promise<OwnResult> {
  const days: OwnDay[] = [];
  for await (const { day, time, identity, score, top } of resultLines(folder, 'risk', RiskLine))
    days.push({ day, time, identity, score, reason: top[0] });

  const labelsOfEvent = new Map<string, string[]>();
  for (const { id, events } of labels)
    for (const { source, time } of events) {
      const key = eventKey(source, time);
      labelsOfEvent.set(key, [...(labelsOfEvent.get(key) ?? []), id]);
    }
  const labelsOfDay = new Map<string, string[]>();
  for (const label of labels) for (const day of label.days) labelsOfDay.set(keyOf(day), [...(labelsOfDay.get(keyOf(day)) ?? []), label.id]);
  const named = new Map<string, Named>();
  const name = (ids: readonly string[] | undefined, what: string, p: number): void => {
    for (const id of ids ?? []) if (p < (named.get(id)?.p ?? Infinity)) named.set(id, { name: what, p });
  };

  const rules = new Map<string, ScoredDay>();
  const ruleP = new Map<string, number[]>();
  const behaviour = new Set<string>();
  for await (const { detection, kind, identity, time, p } of resultLines(folder, 'findings', FindingLine)) {
    if (kind === 'behaviour') {
      behaviour.add(detection);
      continue;
    }
    const day = { identity, day: dayOf(time) };
    ruleP.set(keyOf(day), [...(ruleP.get(keyOf(day)) ?? []), p]);
    const score = -Math.log(Math.max(p, 1e-30));
    if (score > (rules.get(keyOf(day))?.score ?? 0)) rules.set(keyOf(day), { ...day, score });
    name(labelsOfDay.get(keyOf(day)), detection, p);
  }

  const attackEvents = new Set(
    labels.filter(({ label }) => label === 'attack').flatMap(({ events }) => events.map(({ source, time }) => eventKey(source, time))),
  );
  const calibration = new CalibrationTable();
  const ablation = new WithoutFeature(ruleP);
  let events = 0;
  for await (const { source, time, identity, p, terms } of resultLines(folder, 'assessments', AssessmentLine)) {
    events += 1;
    const [first] = terms;
    if (!first || dayOf(time) < evaluatedFrom) continue;
    ablation.add({ identity, day: dayOf(time), p, terms });
    const key = eventKey(source, time);
    name(labelsOfEvent.get(key), first.feature, p);
    if (!attackEvents.has(key)) calibration.add(Date.parse(`${mondayOf(dayOf(time))}T00:00:00Z`), p);
  }

  const alertDays: string[] = [];
  const behaviourAlertDays: string[] = [];
  for await (const { time, detections } of resultLines(folder, 'alerts', AlertLine)) {
    alertDays.push(dayOf(time));
    if (detections.some((detection) => behaviour.has(detection))) behaviourAlertDays.push(dayOf(time));
  }
  return {
    days,
    ruleDays: [...rules.values()],
    ruleP,
    withoutFeature: ablation.end(),
    named,
    calibration,
    behaviourAlertDays,
    alertDays,
    events,
  };
}
const keyOf = ({ identity, day }: IdentityDay): string => `${day} ${identity}`;
