import type { Assessment } from './assessment.js';
import { populationOf } from './behaviour-model.js';
import { isCommandOnly } from './commands/command-model.js';
import { EVERYBODY, IDENTITY_DAYS, type PopulationSnapshot } from './population.js';
import type { Snapshot } from './profile.js';

/** Alerts per 1000 identities and day, weekends included, that a tenant is steered to. */
export const DEFAULT_BUDGET = 5;
/** Never alarm above it, however quiet the tenant. */
const GREATEST_P = 1e-2;
/** The same where the budget is a handful of alerts in 28 days: which of them are worth one can't be told from so few. */
const GREATEST_P_OF_FEW = 1e-3;
/** Alerts that the budget must allow within the window, for its quantile to be known within a quarter of itself. */
const ENOUGH_ALERTS = 20;
/** Until a week is calibrated this alone decides: p-values are still bounds, and a first Saturday is no incident. */
const COLD_P = 2e-4;
const COLD_DAYS = 7;
/** Always alarm at or below it, so that nobody can raise the tenant's threshold out of reach by making noise. */
const CERTAIN_P = 1e-7;
/** Identity-days that any quantile needs; with fewer GREATEST_P_OF_FEW decides. */
const ENOUGH_IDENTITY_DAYS = 1_000;

/**
 * The p at or below which an event alarms, for one tenant on one day. Steered by the last 28 closed days: the quantile of "least p of an identity's day"
 * at which the budget would have been met. Per tenant, never per identity: an attacker could raise his own threshold.
 *
 * @param alertsPerThousand budget, in alerts per 1000 identities and day; there are as many identities as on the busiest of the closed days
 * @returns p in [1e-7, 1e-2], 2e-4 in the first week; a function of the snapshot alone, so every worker decides alike
 */
export function alarmThreshold(snapshot: Snapshot, alertsPerThousand = DEFAULT_BUDGET): number {
  const population = populationOf(snapshot);
  const known = thresholds.get(population);
  if (known?.alertsPerThousand === alertsPerThousand) return known.p;
  const p = thresholdOf(population, alertsPerThousand);
  thresholds.set(population, { alertsPerThousand, p });
  return p;
}

/** Asked for each event, and the same for a whole day. */
const thresholds = new WeakMap<PopulationSnapshot, { readonly alertsPerThousand: number; readonly p: number }>();

function thresholdOf(population: PopulationSnapshot, alertsPerThousand: number): number {
  if (population.content.days.size < COLD_DAYS) return COLD_P;
  const days = population.calibrator(IDENTITY_DAYS, EVERYBODY);
  if (days.count < ENOUGH_IDENTITY_DAYS) return GREATEST_P_OF_FEW;
  const share = Math.min(1, (alertsPerThousand / 1_000) * daysToActiveDays(population, days.count));
  const greatest = share * days.count < ENOUGH_ALERTS ? GREATEST_P_OF_FEW : GREATEST_P;
  return Math.min(greatest, Math.max(CERTAIN_P, Math.exp(-days.quantile(share))));
}

/** Most people rest at weekends, and their share of the budget is not lost: identities times days, over the days on which they were active. */
function daysToActiveDays({ content: { days } }: PopulationSnapshot, activeDays: number): number {
  let identities = 0;
  for (const histograms of days.values()) {
    let active = 0;
    for (const count of histograms.get(`${IDENTITY_DAYS}|${EVERYBODY}`)?.values() ?? []) active += count;
    identities = Math.max(identities, active);
  }
  return (identities * days.size) / activeDays;
}

/** Whether the line makes a finding of an assessment: its p is at or below the tenant's threshold. Of a block of commands only the first one that is. Pure. */
export function isAlarming(assessment: Assessment, snapshot: Snapshot, alertsPerThousand = DEFAULT_BUDGET): boolean {
  const { terms, p } = assessment;
  if (terms.length === 0) return false;
  const threshold = alarmThreshold(snapshot, alertsPerThousand);
  return p <= threshold && !(isCommandOnly(assessment) && (terms[0]?.details?.commands?.leastP ?? 1) <= threshold);
}
