import { DAY_MS, dayOf } from '@keyward/events';
import type { Organisation } from '@keyward/identity';
import { binOf, type Histogram } from '../calibration.js';
import { worstBin } from '../day-tally.js';
import { identityHash } from '../day-tally.js';
import { LEVEL_NAMES } from '../levels.js';
import { observe } from '../observation.js';
import type { BehaviourParameters } from '../parameters.js';
import { placeOf } from '../place.js';
import { COLD_IDENTITY_DAYS, EVERYBODY, IDENTITY_DAYS, type PopulationContent, type Visitors } from '../population.js';
import { HALF_LIFE_DAYS, UNIT } from '../statistics/decay.js';
import { weekBin } from '../statistics/week.js';
import { distinctMarks } from './heed-verdict.js';
import { marksOf } from './likeness.js';
import { MAX_STANDING, type FeedbackContent, type StandingVerdict } from './population-feedback.js';
import { strangest, type VerdictEntry, type VerdictExample } from './verdict.js';

/** A verdict may be stored so many days after the snapshot of its day was built (a worker that was away), and still be counted, once. */
export const LATE_VERDICT_DAYS = 2;

/**
 * What a snapshot makes of the verdicts that were given before its day: those in force stand in it; the events of a malicious one leave counts, calibration and
 * shared networks, and come back when it is undone.
 *
 * @param content counted without verdicts @param before what the snapshot before it held @param entries in any order; those given on or after the day wait
 */
export function countVerdicts(
  content: PopulationContent,
  before: FeedbackContent | undefined,
  entries: readonly VerdictEntry[],
  organisation: Organisation,
  params: BehaviourParameters,
): PopulationContent {
  const { day } = content;
  if (before === undefined && entries.length === 0) return content;
  const heard = new Map(before?.heard);
  const standing = new Map(
    (before?.standing ?? []).filter(({ z: until }) => until > day * DAY_MS).map((verdict) => [keyOf(verdict), verdict]),
  );
  const groupsOf = (identity: string): readonly string[] => organisation.peerGroups(identity);
  let counted = content;
  const inOrder = entries.toSorted((a, b) => a.verdict.at - b.verdict.at || (nameOfEntry(a) < nameOfEntry(b) ? -1 : 1));
  for (const entry of inOrder) {
    const { verdict, identity, examples } = entry;
    const given = entry.countsFrom ?? dayOf(verdict.at);
    if (given >= day || heard.has(nameOfEntry(entry))) continue;
    heard.set(nameOfEntry(entry), given);
    const who = identityHash(identity);
    const undone = verdict.undoes === undefined ? undefined : standing.get(`${verdict.undoes} ${who}`);
    if (undone) standing.delete(keyOf(undone));
    if (verdict.kind === 'malicious') {
      const sign = verdict.undoes === undefined ? -1 : 1;
      const days = new Set<number>();
      for (const example of strangest(examples)) {
        const isWorst = !days.has(dayOf(example.event.time));
        days.add(dayOf(example.event.time));
        counted = countExample(counted, { example, isWorst }, identity, sign, groupsOf, organisation, params);
      }
    }
    if (verdict.undoes !== undefined || verdict.expiresAt <= day * DAY_MS) continue;
    const stands: StandingVerdict = {
      u: verdict.uid,
      i: verdict.kind,
      s: verdict.scope,
      a: verdict.at,
      z: verdict.expiresAt,
      n: verdict.author,
      w: who,
      g: [...groupsOf(identity)],
      m: distinctMarks(examples.flatMap((example) => marksOfExample(example, identity, organisation))),
    };
    standing.set(keyOf(stands), stands);
  }
  const kept = [...standing.values()].toSorted((a, b) => a.a - b.a || (keyOf(a) < keyOf(b) ? -1 : 1)).slice(-MAX_STANDING);
  const sortedHeard = [...heard].filter(([, given]) => given >= day - 1 - LATE_VERDICT_DAYS).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return kept.length === 0 && sortedHeard.length === 0 ? counted : { ...counted, feedback: { standing: kept, heard: sortedHeard } };
}

const keyOf = ({ u, w }: StandingVerdict): string => `${u} ${w}`;
const nameOfEntry = ({ verdict, ledger, key }: VerdictEntry): string => `${verdict.uid} ${ledger}:${key}`;

function marksOfExample(example: VerdictExample, identity: string, organisation: Organisation) {
  const { event } = example;
  const { values, deliberate } = observe(event);
  const bin = deliberate ? weekBin(event.time, organisation.utcOffsetMinutes(identity, event.time)) : undefined;
  return marksOf(example, values, bin);
}

/** Takes one event out of what was counted (-1), or puts it back (+1). Only what is still there can be taken. */
function countExample(
  content: PopulationContent,
  { example, isWorst }: { readonly example: VerdictExample; readonly isWorst: boolean },
  identity: string,
  sign: 1 | -1,
  groupsOf: (identity: string) => readonly string[],
  organisation: Organisation,
  params: BehaviourParameters,
): PopulationContent {
  const { event, p } = example;
  const eventDay = dayOf(event.time);
  if (eventDay >= content.day) return content;
  const days = recalibrated(content, example, isWorst, sign);
  const observation = observe(event);
  if (observation.use !== 'habit' || p <= params.neverLearnBelowP) return { ...content, days };
  const weight = sign * Math.round(UNIT * 2 ** ((eventDay - (content.day - 1)) / HALF_LIFE_DAYS));
  const groups = new Map(content.groups);
  const bin = observation.deliberate ? weekBin(event.time, organisation.utcOffsetMinutes(identity, event.time)) : undefined;
  for (const name of new Set([EVERYBODY, ...groupsOf(identity)])) {
    const group = groups.get(name);
    if (!group) continue;
    const levels = { ...group.levels };
    for (const level of LEVEL_NAMES) {
      const value = observation.values[level];
      const known = value === undefined ? undefined : levels[level].values.get(value);
      if (value === undefined || (known === undefined && sign < 0)) continue;
      const after = Math.max(0, (known ?? 0) + weight);
      const values = new Map(levels[level].values);
      if (after === 0) values.delete(value);
      else values.set(value, after);
      levels[level] = { total: Math.max(0, levels[level].total + after - (known ?? 0)), values };
    }
    const time = bin === undefined ? group.time : group.time.map((here, index) => (index === bin ? Math.max(0, here + weight) : here));
    groups.set(name, { ...group, levels, time });
  }
  const who = identityHash(identity);
  const place = placeOf(event.src?.geo);
  return {
    ...content,
    days,
    groups,
    networks: visited(content.networks, observation.values.net, who, eventDay, sign),
    places: visited(content.places, place, who, eventDay, sign),
  };
}

/** The day's histograms without (or again with) the event's evidence, and the identity's day where this event was its worst. */
function recalibrated(
  content: PopulationContent,
  { event, terms, stratum, p }: VerdictExample,
  isWorst: boolean,
  sign: 1 | -1,
): PopulationContent['days'] {
  const day = dayOf(event.time);
  const histograms = content.days.get(day);
  if (!histograms) return content.days;
  const changed = new Map<string, Histogram>(histograms);
  const move = (key: string, bin: number): void => {
    const bins = new Map(changed.get(key));
    const after = Math.max(0, (bins.get(bin) ?? 0) + sign);
    if (after === 0) bins.delete(bin);
    else bins.set(bin, after);
    changed.set(key, bins);
  };
  for (const term of terms) move(`${term.feature}|${stratum}`, binOf(term.evidence));
  const cold = `${COLD_IDENTITY_DAYS}|${EVERYBODY}`;
  const worst = changed.has(cold) ? cold : `${IDENTITY_DAYS}|${EVERYBODY}`;
  const bin = worstBin(p);
  if (isWorst && (sign > 0 || (changed.get(worst)?.get(bin) ?? 0) > 0)) move(worst, bin);
  return new Map(content.days).set(day, changed);
}

function visited(visitors: Visitors, where: string | undefined, who: string, day: number, sign: 1 | -1): Visitors {
  const known = where === undefined ? undefined : visitors.get(where);
  if (where === undefined || (known === undefined && sign < 0)) return visitors;
  const others = (known ?? []).filter(([identity, seen]) => !(identity === who && seen === day));
  const after: (readonly [string, number])[] = sign > 0 ? [...others, [who, day] as const] : others;
  const changed = new Map(visitors);
  if (after.length === 0) changed.delete(where);
  else changed.set(where, after);
  return changed;
}
