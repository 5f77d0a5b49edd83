import type { Assessment } from './assessment.js';
import { populationOf } from './behaviour-model.js';
import type { Histogram } from './calibration.js';
import { isCommandOnly } from './commands/command-model.js';
import { MOST_WORST_BINS, WORST_BINS_PER_NAT } from './day-tally.js';
import { COLD_DAYS, COLD_IDENTITY_DAYS, EVERYBODY, IDENTITY_DAYS, type PopulationSnapshot } from './population.js';
import type { Snapshot } from './profile.js';

/** Alerts per 1000 identities and day, weekends included, that a tenant is steered to. */
export const DEFAULT_BUDGET = 5;
/** Never alarm above it, however quiet the tenant. */
const GREATEST_P = 1e-2;
/** The same where the budget is a handful of alerts in 28 days: which of them are worth one can't be told from so few. */
const GREATEST_P_OF_FEW = 1e-3;
/** Alerts that the budget must allow within the window, for its quantile to be known within a quarter of itself. */
const ENOUGH_ALERTS = 20;
/** Until a week is known this alone decides: p-values are still bounds, and a first Saturday is no incident. */
const COLD_P = 2e-4;
/** Always alarm at or below it, so that nobody can raise the tenant's threshold out of reach by making noise. */
const CERTAIN_P = 1e-7;
/** Identity-days that any quantile needs; with fewer GREATEST_P_OF_FEW decides. */
const ENOUGH_IDENTITY_DAYS = 1_000;

/** A day says half as much of today as one 14 days later; one of the first week, when nothing was usual yet, a hundredth. */
const HALF_LIFE_DAYS = 14;
const COLD_WEIGHT = 0.01;
/**
 * The budget is a promise about weeks: alerts that are missing from it are made up for, and those too many are saved again, half of the balance a day. The
 * balance forgets a tenth of itself a day, and never moves a day's share beyond a quarter and three times the budget: a week of attacks does not blind the next.
 */
const GAIN = 0.5;
const BALANCE_KEPT = 0.9;
const LEAST_SHARE = 0.25;
const MOST_SHARE = 3;

/**
 * The p at or below which an event alarms, for one tenant on one day: that at which, by the last 28 closed days, as many identities would alarm as the budget
 * and its balance allow. Per tenant, never per identity: an attacker could raise his own threshold.
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

/** Identities by how alarming their worst event of the day was. */
interface ClosedDay {
  readonly day: number;
  readonly worst: Histogram;
  readonly active: number;
  readonly cold: boolean;
}

interface Tenant {
  /** In order. */
  readonly closed: readonly ClosedDay[];
  /** Identities active on a day, weekends and days without anybody included. */
  readonly usualActive: number;
  /** Alerts a day. */
  readonly budget: number;
  /** Greatest p that may alarm, as a bin. */
  readonly limit: number;
}

function thresholdOf({ day: today, content }: PopulationSnapshot, alertsPerThousand: number): number {
  if (content.days.size < COLD_DAYS) return COLD_P;
  const closed = [...content.days].sort(([a], [b]) => a - b).map(([day, histograms]) => closedDay(day, histograms));
  const activeDays = closed.reduce((sum, { active }) => sum + active, 0);
  if (activeDays < ENOUGH_IDENTITY_DAYS) return GREATEST_P_OF_FEW;
  // Most people rest at weekends, and their share of the budget is not lost.
  const budget = (alertsPerThousand / 1_000) * Math.max(...closed.map(({ active }) => active));
  const limit = binAt(budget * closed.length < ENOUGH_ALERTS ? GREATEST_P_OF_FEW : GREATEST_P);
  const calendarDays = today - (closed[0]?.day ?? today);
  const tenant = { closed, usualActive: activeDays / calendarDays, budget, limit };
  const usual = activityByWeekday(closed, today);
  const byDay = new Map(closed.map((one) => [one.day, one]));
  let balance = 0;
  const first = closed[COLD_DAYS]?.day ?? today;
  // What the thresholds of the closed days would have been, and how many would have alarmed: the same whoever asks, with whatever budget.
  for (let day = first; day < today; day += 1) {
    const alarmed = aboveBin(byDay.get(day)?.worst, thresholdBin(tenant, day, balance));
    balance = BALANCE_KEPT * balance + budget * (usual[weekdayOf(day)] ?? 1) - alarmed;
  }
  return Math.exp(-thresholdBin(tenant, today, balance) / WORST_BINS_PER_NAT);
}

/** @returns the least bin that alarms on the day */
function thresholdBin({ closed, usualActive, budget, limit }: Tenant, day: number, balance: number): number {
  const share = Math.min(MOST_SHARE * budget, Math.max(LEAST_SHARE * budget, budget + GAIN * balance));
  const pooled = new Map<number, number>();
  // Days of so much activity as is usual: where only weekdays are known yet, theirs is the weekend's share too.
  let days = 0;
  for (const one of closed) {
    if (one.day >= day) break;
    const weight = 2 ** ((one.day - day) / HALF_LIFE_DAYS) * (one.cold ? COLD_WEIGHT : 1);
    days += (weight * one.active) / usualActive;
    for (const [bin, identities] of one.worst) pooled.set(bin, (pooled.get(bin) ?? 0) + identities * weight);
  }
  // In order of bins: a decoded histogram lists them otherwise, and the sum must have the same bits.
  let above = 0;
  for (let bin = MOST_WORST_BINS; bin > limit; bin -= 1) {
    const next = above + (pooled.get(bin) ?? 0);
    // The edge that comes nearest to the share.
    if (bin <= CERTAIN_BIN && next > share * days) return next - share * days < share * days - above ? bin : Math.min(CERTAIN_BIN, bin + 1);
    above = next;
  }
  return limit;
}

/** @returns how active the tenant is on each day of the week, 1 on average: nobody is expected to make up on Friday for what Sunday never has */
function activityByWeekday(closed: readonly ClosedDay[], today: number): readonly number[] {
  const active = new Array<number>(WEEK).fill(0);
  const days = new Array<number>(WEEK).fill(0);
  const byDay = new Map(closed.map((one) => [one.day, one.active]));
  for (let day = closed[0]?.day ?? today; day < today; day += 1) {
    active[weekdayOf(day)] = (active[weekdayOf(day)] ?? 0) + (byDay.get(day) ?? 0);
    days[weekdayOf(day)] = (days[weekdayOf(day)] ?? 0) + 1;
  }
  const means = active.map((sum, weekday) => sum / (days[weekday] || 1));
  const mean = means.reduce((sum, one) => sum + one, 0) / WEEK;
  return means.map((one) => one / mean);
}
const WEEK = 7;
const weekdayOf = (day: number): number => day % WEEK;

function closedDay(day: number, histograms: ReadonlyMap<string, Histogram>): ClosedDay {
  const warm = histograms.get(`${IDENTITY_DAYS}|${EVERYBODY}`);
  const worst = warm ?? histograms.get(`${COLD_IDENTITY_DAYS}|${EVERYBODY}`) ?? new Map<number, number>();
  let active = 0;
  for (const identities of worst.values()) active += identities;
  return { day, worst, active, cold: warm === undefined };
}

function aboveBin(worst: Histogram | undefined, least: number): number {
  let above = 0;
  for (const [bin, identities] of worst ?? []) if (bin >= least) above += identities;
  return above;
}

const binAt = (p: number): number => Math.ceil(-Math.log(p) * WORST_BINS_PER_NAT);
const CERTAIN_BIN = binAt(CERTAIN_P);

/** Whether the line makes a finding of an assessment: its p is at or below the tenant's threshold. Of a block of commands only the first one that is. Pure. */
export function isAlarming(assessment: Assessment, snapshot: Snapshot, alertsPerThousand = DEFAULT_BUDGET): boolean {
  const { terms, p } = assessment;
  if (terms.length === 0) return false;
  const threshold = alarmThreshold(snapshot, alertsPerThousand);
  return p <= threshold && !(isCommandOnly(assessment) && (terms[0]?.details?.commands?.leastP ?? 1) <= threshold);
}
