import { DAY_MS, dayOf, isoDay } from '@keyward/events';
import { isOnBehaviour } from './compare.js';
import type { Span } from './history.js';
import type { Counts, Volume } from './result.js';
import type { AlertSketch } from './side.js';

interface Sides {
  readonly current: readonly AlertSketch[];
  readonly changed: readonly AlertSketch[];
}
/** Alerts on behaviour per 1000 identities and day. */
interface Budgets {
  readonly people: number;
  readonly current: number;
  readonly changed: number;
}

/** Alerts by the UTC day on which they began; days without any too. */
export function volumes({ current, changed }: Sides, span: Span, budgets: Budgets): { readonly days: Volume[]; readonly weeks: Volume[] } {
  const first = dayOf(span.from);
  const last = dayOf(span.to - 1);
  const days = Array.from({ length: last - first + 1 }, (_, index) => {
    const day = first + index;
    const hours = Math.min(span.to, (day + 1) * DAY_MS) - Math.max(span.from, day * DAY_MS);
    const ofDay = (alerts: readonly AlertSketch[]): AlertSketch[] => alerts.filter(({ firstTime }) => dayOf(firstTime) === day);
    const [before, after] = [ofDay(current), ofDay(changed)];
    const share = (budgets.people / 1_000) * (hours / DAY_MS);
    return {
      day: isoDay(day * DAY_MS),
      current: before.length,
      changed: after.length,
      currentOnBehaviour: before.filter(isOnBehaviour).length,
      changedOnBehaviour: after.filter(isOnBehaviour).length,
      currentBudget: round(budgets.current * share),
      changedBudget: round(budgets.changed * share),
    };
  });
  const weeks = Array.from({ length: Math.ceil(days.length / 7) }, (_, week) => sumOf(days.slice(week * 7, week * 7 + 7)));
  return { days, weeks };
}

function sumOf(days: readonly Volume[]): Volume {
  const sum = (field: Exclude<keyof Volume, 'day'>): number => round(days.reduce((total, day) => total + day[field], 0));
  return {
    day: days[0]?.day ?? '',
    current: sum('current'),
    changed: sum('changed'),
    currentOnBehaviour: sum('currentOnBehaviour'),
    changedOnBehaviour: sum('changedOnBehaviour'),
    currentBudget: sum('currentBudget'),
    changedBudget: sum('changedBudget'),
  };
}
const round = (value: number): number => Math.round(value * 100) / 100;

/** Alerts of both sides by some key of theirs, with those that are on one side only. Most differences first, then most alerts, then by name. */
export function countsBy(
  { current, changed }: Sides,
  { appeared, disappeared }: { readonly appeared: readonly AlertSketch[]; readonly disappeared: readonly AlertSketch[] },
  keysOf: (alert: AlertSketch) => readonly string[],
): Counts[] {
  const counts = new Map<string, { current: number; changed: number; appeared: number; disappeared: number }>();
  const count = (alerts: readonly AlertSketch[], field: 'current' | 'changed' | 'appeared' | 'disappeared'): void => {
    for (const alert of alerts) {
      for (const name of keysOf(alert)) {
        const known = counts.get(name) ?? { current: 0, changed: 0, appeared: 0, disappeared: 0 };
        counts.set(name, known);
        known[field] += 1;
      }
    }
  };
  count(current, 'current');
  count(changed, 'changed');
  count(appeared, 'appeared');
  count(disappeared, 'disappeared');
  return [...counts]
    .sort(
      ([a, x], [b, y]) =>
        y.appeared + y.disappeared - x.appeared - x.disappeared || y.changed + y.current - x.changed - x.current || (a < b ? -1 : 1),
    )
    .map(([name, known]) => ({ id: name, ...known }));
}
