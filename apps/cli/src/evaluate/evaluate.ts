import { createGeoLookup } from '@keyward/adapter-geo';
import { DEFAULT_BUDGET } from '@keyward/baselines';
import {
  Population,
  driftReport,
  measure,
  namesTheCause,
  weeklyVolume,
  type AttackVerdict,
  type Contestant,
  type DriftReport,
  type EvaluationReport,
  type Label,
} from '@keyward/evaluation';
import { buildOrganisation, parseOrganisationFiles } from '@keyward/identity';
import { systemClock } from '@keyward/runtime';
import { sourceOf } from '../commands/parse.js';
import { readOrganisationFolder } from '../organisation-folder.js';
import { replay } from '../replay/replay.js';
import { eventsByTime, streamOfFile } from './events-by-time.js';
import { streamOfEvents, type HistoryFolder } from './history-folder.js';
import { LineResult } from './line-result.js';
import { otherRankings, type OtherRankings } from './other-rankings.js';
import { readOwnResult, type OwnResult } from './own-result.js';

/** Vendors' records with their truth, ready to be scored. */
export interface LabelledHistory {
  readonly inputs: readonly { readonly source: string; readonly file: string }[];
  readonly context: string | undefined;
  readonly labels: readonly Label[];
  /** First evaluated UTC day. */
  readonly evaluatedFrom: string;
}
export interface EvaluateOptions {
  /** Lines of the report that say what it is about and how to make it again. */
  readonly description: readonly string[];
  /** Of the bootstrap over people. */
  readonly resamples: number;
  readonly onProgress: (text: string) => void;
}

/**
 * Scores vendors' records with `replay`, ranks identity-days, and measures the ranking beside the comparators on the same parsed events.
 *
 * @param out where the files of `replay` are written
 */
export async function evaluateRecords(history: LabelledHistory, out: string, options: EvaluateOptions): Promise<EvaluationReport> {
  const { labels, evaluatedFrom } = history;
  const { onProgress } = options;
  const { own, inputs, organisation, geo } = await replayed(history, out, options);
  const events = eventsByTime(inputs.map(({ source, file }) => streamOfFile(source, file, systemClock.now())));
  const others = await otherRankings({ events, organisation, geo, rules: own.rules, evaluatedFrom, onProgress });
  return reportOf({ labels, evaluatedFrom }, own, others, options);
}

/**
 * Scores a history in which things change for many people at once, and measures it week by week. The line alone: the comparators have no alert budget
 * that could be held, and no alerts.
 */
export async function evaluateDrift(
  history: LabelledHistory & { readonly drift: DriftReport['spans'] },
  out: string,
  options: EvaluateOptions,
): Promise<DriftReport> {
  const { own } = await replayed(history, out, options);
  return driftReport({
    description: options.description,
    spans: history.drift,
    population: new Population(own.days, history.labels, history.evaluatedFrom),
    days: own.days,
    alerts: own.alerts,
    alarmed: own.alarmed,
    budget: DEFAULT_BUDGET,
    resamples: options.resamples,
  });
}

async function replayed({ labels, evaluatedFrom, context, inputs: files }: LabelledHistory, out: string, { onProgress }: EvaluateOptions) {
  const { organisation, sod } = readOrganisationFolder(context);
  const geo = createGeoLookup();
  const inputs = files.map(({ source, file }) => ({ source: sourceOf(source), file }));
  await replay({
    inputs,
    organisation,
    sod,
    geo,
    out,
    onProgress: (phase, events) => {
      onProgress(`${phase} ${events} events`);
    },
  });
  onProgress('reading what was found');
  const known = buildOrganisation(organisation);
  const own = await readOwnResult(out, { labels, evaluatedFrom }, (identity) => known.peerGroups(identity));
  return { own, inputs, organisation, geo };
}

/** Measures the behaviour model alone on a public data set: its records are no vendor's, so that rules and context have no part. */
export async function evaluateHistory({ format, files }: HistoryFolder, options: EvaluateOptions): Promise<EvaluationReport> {
  const { events, labels, evaluatedFrom } = await format.read(files);
  const organisation = parseOrganisationFiles([]).records;
  const line = new LineResult(organisation, labels, evaluatedFrom);
  const others = await otherRankings({
    events: eventsByTime(events.map((stream) => streamOfEvents(format.title, stream))),
    organisation,
    geo: createGeoLookup(),
    rules: new Map(),
    evaluatedFrom,
    alongside: (event, identity) => {
      line.observe(event, identity);
    },
    onProgress: options.onProgress,
  });
  return reportOf({ labels, evaluatedFrom }, line.end(), others, options);
}

function reportOf(
  { labels, evaluatedFrom }: Pick<LabelledHistory, 'labels' | 'evaluatedFrom'>,
  own: OwnResult,
  { comparators, variants }: OtherRankings,
  { description, resamples, onProgress }: EvaluateOptions,
): EvaluationReport {
  const population = new Population([...own.days, ...comparators.flatMap(({ days }) => days)], labels, evaluatedFrom);
  onProgress(`measuring rankings of ${population.rows.length} identity-days`);
  const keyward: Contestant = { id: 'keyward', title: 'Keyward', days: own.days };
  const rules: readonly Contestant[] =
    own.ruleDays.length === 0 ? [] : [{ id: 'rules', title: 'Keyward, rules alone', days: own.ruleDays }];
  const bootstrapped = { resamples, seed: 'bootstrap' };
  const measured = measure(population, [keyward, ...rules, ...comparators], bootstrapped);
  const without = [...own.withoutFeature]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([feature, days]): Contestant => ({ id: feature, title: `without ${feature}`, days }));
  const [ours] = measured;
  if (!ours) throw new Error('there is always a ranking of our own');
  const volumeOf = (alerts: OwnResult['alerts']): EvaluationReport['allVolume'] =>
    weeklyVolume(
      alerts.map(({ day }) => day),
      population.days,
      population.people.length,
    );
  const times = new Map(own.days.map(({ day, identity, time }) => [`${day} ${identity}`, time]));
  return {
    facts: {
      description,
      identities: population.people.length,
      evaluatedDays: population.days.length,
      evaluatedFrom,
      events: own.events,
      identityDays: population.rows.length,
      attackDays: population.attackRows.ofRow.size,
    },
    measured,
    // Each against the whole of its own kind: a run of the model alone has no custody.
    variants: measure(population, variants, bootstrapped),
    withoutFeature: measure(population, [keyward, ...without], bootstrapped),
    attacks: population.attacks.map((attack, index): AttackVerdict => {
      const named = own.named.of(attack.id);
      const isReached = ours.attacksReached[index] === 1;
      return {
        attack,
        isReached,
        rank: ours.attackRanks[index] ?? Infinity,
        named,
        isNamedRight: named !== undefined && namesTheCause(named, attack.expected),
        hoursToDetect: isReached ? hoursToDetect(attack, times) : undefined,
      };
    }),
    lookAlikes: population.lookAlikes.map((lookAlike, index) => ({
      lookAlike,
      isReached: ours.lookAlikesReached[index] === 1,
      named: own.named.of(lookAlike.id),
    })),
    falseAlarms: falseAlarms(own, population),
    calibration: own.calibration.rows(),
    calibrationByWeek: own.calibration.weeks.map((week) => ({
      week: new Date(week).toISOString().slice(0, 10),
      rows: own.calibration.rows(week),
    })),
    behaviourVolume: volumeOf(own.alerts.filter(({ isBehaviour }) => isBehaviour)),
    allVolume: volumeOf(own.alerts),
    budget: DEFAULT_BUDGET,
  };
}

/** Days that nothing explains are what analysts pay for. */
const FALSE_ALARMS = 15;
function falseAlarms(own: OwnResult, population: Population): EvaluationReport['falseAlarms'] {
  const reasons = new Map(own.days.map((day) => [`${day.day} ${day.identity}`, day.reason]));
  const scores = population.scores(own.days);
  return [...population.order(scores)]
    .map((row, place) => ({ row, rank: place + 1 }))
    .filter(({ row }) => population.positive[row] !== 1)
    .slice(0, FALSE_ALARMS)
    .flatMap(({ row, rank }) => {
      const day = population.rows[row];
      if (!day) return [];
      const lookAlike = population.lookAlikeRows.ofRow.get(row)?.[0];
      const kind = lookAlike === undefined ? undefined : population.lookAlikes[lookAlike]?.kind;
      return [{ ...day, rank, score: scores[row] ?? 0, kind, reason: reasons.get(`${day.day} ${day.identity}`) }];
    });
}

/** From the first act to the instant at which the attack's first day was most alarming. Never below 0: what was odd before it was not its doing. */
function hoursToDetect({ days, from }: Label, times: ReadonlyMap<string, string>): number | undefined {
  const hours = days.flatMap(({ day, identity }) => {
    const time = times.get(`${day} ${identity}`);
    return time === undefined ? [] : [Math.max(0, (Date.parse(time) - Date.parse(from)) / 3_600_000)];
  });
  return hours.length === 0 ? undefined : Math.min(...hours);
}
