import { createGeoLookup } from '@keyward/adapter-geo';
import { DEFAULT_BUDGET } from '@keyward/baselines';
import {
  Population,
  measure,
  namesTheCause,
  weeklyVolume,
  type AttackVerdict,
  type Contestant,
  type EvaluationReport,
  type Label,
} from '@keyward/evaluation';
import { sourceOf } from '../commands/parse.js';
import { readOrganisationFolder } from '../organisation-folder.js';
import { replay, type ReplayOptions } from '../replay/replay.js';
import { otherRankings } from './other-rankings.js';
import { readOwnResult, type OwnResult } from './own-result.js';

/** A labelled history, ready to be scored. */
export interface LabelledHistory {
  readonly kind: string;
  /** Lines of the report that say what it is and how to make it again. */
  readonly description: readonly string[];
  readonly inputs: readonly { readonly source: string; readonly file: string }[];
  readonly context: string | undefined;
  readonly labels: readonly Label[];
  /** First evaluated UTC day. */
  readonly evaluatedFrom: string;
}

/**
 * Scores a labelled history with `replay`, ranks it, and measures the ranking beside the comparators on the same parsed events.
 *
 * @param out where the files of `replay` are written
 * @param resamples of the bootstrap over people
 */
export async function evaluate(
  history: LabelledHistory,
  out: string,
  { resamples, onProgress }: { readonly resamples: number; readonly onProgress: (text: string) => void },
): Promise<EvaluationReport> {
  const { organisation, sod } = readOrganisationFolder(history.context);
  const options: ReplayOptions = {
    inputs: history.inputs.map(({ source, file }) => ({ source: sourceOf(source), file })),
    organisation,
    sod,
    geo: createGeoLookup(),
    out,
    onProgress: (phase, events) => {
      onProgress(`${phase} ${events} events`);
    },
  };
  await replay(options);
  onProgress('reading what was found');
  const own = await readOwnResult(out, history.labels, history.evaluatedFrom);
  const others = await otherRankings(options, own.ruleP, history.evaluatedFrom, onProgress);
  const population = new Population(
    [...own.days, ...others.comparators.flatMap(({ days }) => days)],
    history.labels,
    history.evaluatedFrom,
  );
  const ours: Contestant = { id: 'keyward', title: 'Keyward', days: own.days };
  const contestants: readonly Contestant[] = [
    ours,
    { id: 'rules', title: 'Keyward, rules alone', days: own.ruleDays },
    ...others.comparators,
  ];
  onProgress(`measuring ${contestants.length} rankings of ${population.rows.length} identity-days`);
  const measured = measure(population, contestants, { resamples, seed: 'bootstrap' });
  const parts = [...own.withoutFeature].sort(([a], [b]) => (a < b ? -1 : 1));
  const ablations = measure(
    population,
    [ours, ...others.variants, ...parts.map(([feature, days]): Contestant => ({ id: feature, title: `without ${feature}`, days }))],
    { resamples, seed: 'bootstrap' },
  );
  return reportOf(history, own, population, { measured, ablations });
}

function reportOf(
  { kind, description, evaluatedFrom }: LabelledHistory,
  own: OwnResult,
  population: Population,
  { measured, ablations }: Pick<EvaluationReport, 'measured' | 'ablations'>,
): EvaluationReport {
  const [ours] = measured;
  if (!ours) throw new Error('there is always a ranking of our own');
  const times = new Map(own.days.map(({ day, identity, time }) => [`${day} ${identity}`, time]));
  return {
    facts: {
      kind,
      description,
      identities: population.people.length,
      evaluatedDays: population.days.length,
      evaluatedFrom,
      events: own.events,
      identityDays: population.rows.length,
      attackDays: population.attackRows.ofRow.size,
    },
    measured,
    ablations,
    falseAlarms: falseAlarms(own, population),
    attacks: population.attacks.map((attack, index): AttackVerdict => {
      const named = own.named.get(attack.id)?.name;
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
      named: own.named.get(lookAlike.id)?.name,
    })),
    calibration: own.calibration.rows(),
    calibrationByWeek: own.calibration.weeks.map((week) => ({
      week: new Date(week).toISOString().slice(0, 10),
      rows: own.calibration.rows(week),
    })),
    behaviourVolume: weeklyVolume(own.behaviourAlertDays, population.days, population.people.length),
    allVolume: weeklyVolume(own.alertDays, population.days, population.people.length),
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
