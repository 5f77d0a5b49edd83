import type { Comparator } from './comparator.js';
import { DayFeatureTally, type DayFeatures } from './day-features.js';

/** Days of activity that a median is taken over, and the fewest it is taken over. */
const WINDOW_DAYS = 28;
const LEAST_DAYS = 7;

/**
 * Modified z-score `0.6745 (x - median) / MAD`. Where half of the values are the same (MAD 0) by the mean absolute deviation, `(x - median) / (1.2533 MeanAD)`;
 * where all are, each unit above counts one.
 *
 * @see Iglewicz & Hoaglin, "How to Detect and Handle Outliers", ASQC 1993; the substitute is IBM SPSS's
 */
export function modifiedZ(value: number, past: readonly number[]): number {
  const centre = median(past);
  const deviations = past.map((other) => Math.abs(other - centre));
  const mad = median(deviations);
  if (mad > 0) return (0.6745 * (value - centre)) / mad;
  const mean = deviations.reduce((sum, deviation) => sum + deviation, 0) / deviations.length;
  return mean > 0 ? (value - centre) / (1.253_314 * mean) : value - centre;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}

/** Modified z-score of each daily count against the identity's own last 28 active days; the highest counts. */
export function zScore(): Comparator {
  const tally = new DayFeatureTally();
  const pasts = new Map<string, number[][]>();
  return {
    id: 'z-score',
    title: 'z-score of daily counts',
    observe: (event, identity) => {
      tally.add(event, identity);
    },
    closeDay() {
      const scores = new Map<string, number>();
      for (const [identity, day] of tally.take()) {
        const counts = countsOf(day);
        const past = pasts.get(identity) ?? [];
        if (past.length >= LEAST_DAYS) {
          const score = Math.max(
            ...counts.map((count, index) =>
              modifiedZ(
                count,
                past.map((other) => other[index] ?? 0),
              ),
            ),
          );
          if (score > 0) scores.set(identity, score);
        }
        pasts.set(identity, [...past, counts].slice(-WINDOW_DAYS));
      }
      return scores;
    },
  };
}

const countsOf = (day: DayFeatures): number[] => [
  day.events,
  day.failures,
  day.atNight,
  day.changesOfRights,
  day.commands,
  day.networks.size,
  day.devices.size,
  day.applications.size,
  day.resources.size,
];
