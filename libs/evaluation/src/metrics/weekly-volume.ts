export interface WeekVolume {
  /** Monday, UTC: `2026-01-05`. */
  readonly week: string;
  /** Days of it that are evaluated. */
  readonly days: number;
  readonly alerts: number;
  /** Alerts per 1000 identities and day. */
  readonly perThousand: number;
}

const DAY_MS = 86_400_000;
/** Monday of the week of a UTC day. */
export function mondayOf(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  return new Date(at - ((new Date(at).getUTCDay() + 6) % 7) * DAY_MS).toISOString().slice(0, 10);
}

/** Alerts by week, as a rate that can be held against a budget. @param alertDays one UTC day for each alert @param days evaluated days */
export function weeklyVolume(alertDays: readonly string[], days: readonly string[], identities: number): readonly WeekVolume[] {
  const evaluated = new Set(days);
  const weeks = new Map<string, { days: number; alerts: number }>();
  for (const day of days) {
    const week = mondayOf(day);
    const tally = weeks.get(week) ?? { days: 0, alerts: 0 };
    tally.days += 1;
    weeks.set(week, tally);
  }
  for (const day of alertDays) {
    const tally = evaluated.has(day) ? weeks.get(mondayOf(day)) : undefined;
    if (tally) tally.alerts += 1;
  }
  return [...weeks]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([week, tally]) => ({ week, ...tally, perThousand: (tally.alerts * 1_000) / (identities * tally.days) }));
}
