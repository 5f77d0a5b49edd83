import type { Label } from '../labels.js';
import { BUDGETS, MAIN_BUDGET, measure, type Measured } from '../measure.js';
import { mondayOf, weeklyVolume } from '../metrics/weekly-volume.js';
import type { Population, ScoredDay } from '../population.js';

/** A week in which something changed for many at once. UTC days, both included. */
export interface DriftSpan {
  readonly kind: string;
  readonly from: string;
  readonly to: string;
}
/** One alert as it was raised. */
export interface RaisedAlert {
  readonly identity: string;
  /** UTC day of its first finding. */
  readonly day: string;
  /** True when unusual behaviour is among its reasons: what the budget steers. */
  readonly isBehaviour: boolean;
}
/** An identity-day with a finding of unusual behaviour, whether or not it made an alert of its own. */
export interface AlarmedDay {
  readonly identity: string;
  readonly day: string;
  /** Feature named first. */
  readonly feature: string;
}

/** What was asked of the line, and what it did, in one week. Rates are per 1000 identities and day. */
export interface DriftWeekRow {
  /** Monday, UTC. */
  readonly week: string;
  readonly days: number;
  readonly kinds: readonly string[];
  /** Alerts of unusual behaviour. */
  readonly behaviour: number;
  readonly behaviourPerThousand: number;
  /** Of those, on no day of an attack. */
  readonly falseAlerts: number;
  /** Identity-days with a finding of unusual behaviour: more than alerts, since findings of one story are one alert. */
  readonly alarmedPerThousand: number;
  readonly allPerThousand: number;
  readonly identityDays: number;
  /** Feature that most false alarms named first; undefined when there were none. */
  readonly namedMost: string | undefined;
  /** Attacks that began in the week, within the main budget of the ranking, and with an alert of their own. */
  readonly attacks: number;
  readonly found: number;
  readonly alerted: number;
}
export interface DriftReport {
  readonly description: readonly string[];
  readonly spans: readonly DriftSpan[];
  readonly weeks: readonly DriftWeekRow[];
  readonly measured: Measured;
  readonly people: number;
  /** Alerts of unusual behaviour that the line steers to, per 1000 identities and day. */
  readonly budget: number;
}

export interface DriftInput {
  readonly description: readonly string[];
  readonly spans: readonly DriftSpan[];
  readonly population: Population;
  readonly days: readonly ScoredDay[];
  readonly alerts: readonly RaisedAlert[];
  readonly alarmed: readonly AlarmedDay[];
  readonly budget: number;
  readonly resamples: number;
}

/** Measures one ranking week by week. */
export function driftReport({ population, alerts, alarmed, ...input }: DriftInput): DriftReport {
  const [measured] = measure(population, [{ id: 'keyward', title: 'Keyward', days: input.days }], {
    resamples: input.resamples,
    seed: 'bootstrap',
  });
  if (!measured) throw new Error('one ranking was measured');
  const attackDays = new Set(population.attacks.flatMap(({ days }) => days.map(keyOf)));
  const people = population.people.length;
  const rates = (days: readonly string[]) => weeklyVolume(days, population.days, people);
  const behaviour = alerts.filter(({ isBehaviour }) => isBehaviour);
  const volumes = rates(behaviour.map(({ day }) => day));
  const all = rates(alerts.map(({ day }) => day));
  const nominal = rates(alarmed.map(({ day }) => day));
  const raised = new Set(alerts.map(keyOf));
  const attacks = population.attacks.map((attack, index) => ({
    attack,
    isFound: measured.attacksReached[index] === 1,
    isAlerted: attack.days.some((day) => raised.has(keyOf(day))),
  }));
  const first = population.days[0] ?? '';
  const weeks = volumes.map(({ week, days, alerts: count, perThousand }, index): DriftWeekRow => {
    const inWeek = ({ day }: { readonly day: string }): boolean => day >= first && mondayOf(day) === week;
    const own = attacks.filter(({ attack }) => mondayOf(firstDay(attack)) === week);
    return {
      week,
      days,
      kinds: input.spans.filter(({ from, to }) => mondayOf(from) <= week && week <= to).map(({ kind }) => kind),
      behaviour: count,
      behaviourPerThousand: perThousand,
      falseAlerts: behaviour.filter((alert) => inWeek(alert) && !attackDays.has(keyOf(alert))).length,
      alarmedPerThousand: nominal[index]?.perThousand ?? NaN,
      allPerThousand: all[index]?.perThousand ?? NaN,
      identityDays: population.rows.filter(inWeek).length,
      namedMost: mostOften(alarmed.filter((day) => inWeek(day) && !attackDays.has(keyOf(day))).map(({ feature }) => feature)),
      attacks: own.length,
      found: own.filter(({ isFound }) => isFound).length,
      alerted: own.filter(({ isAlerted }) => isAlerted).length,
    };
  });
  return { description: input.description, spans: input.spans, weeks, measured, people, budget: input.budget };
}

/** Recall of the ranking within the main budget. */
export const mainRecall = ({ recall }: Measured): Measured['recall'][number] | undefined => recall[BUDGETS.indexOf(MAIN_BUDGET)];

const keyOf = ({ identity, day }: { readonly identity: string; readonly day: string }): string => `${day} ${identity}`;
const firstDay = ({ days }: Label): string => days.reduce((least, { day }) => (day < least ? day : least), '9999-12-31');

function mostOften(names: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0];
}
