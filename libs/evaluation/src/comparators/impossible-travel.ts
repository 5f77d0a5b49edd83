import { haversineKm } from '@keyward/events';
import { DayMaxima, type Comparator } from './comparator.js';

const LEAST_KM = 500;
const LEAST_KMH = 800;
const HOUR_MS = 3_600_000;

interface Place {
  readonly lat: number;
  readonly lon: number;
  readonly time: number;
}

/**
 * Impossible-travel rule: two successful sign-ins more than 500 km apart and faster than 800 km/h, ranked by speed. The thresholds of Elastic's rules for
 * Entra; Panther takes 900 km/h, BuffaLogs 100 km and 300 km/h.
 */
export function impossibleTravelRule(): Comparator {
  const last = new Map<string, Place>();
  const maxima = new DayMaxima();
  return {
    id: 'impossible-travel',
    title: 'Impossible-travel rule',
    observe({ class: eventClass, outcome, src, time }, identity) {
      const { lat, lon } = src?.geo ?? {};
      if (eventClass !== 'authentication' || outcome !== 'success' || lat === undefined || lon === undefined) return;
      const before = last.get(identity);
      last.set(identity, { lat, lon, time });
      if (!before) return;
      const km = haversineKm(before, { lat, lon });
      // Two records within a second say nothing finer than a second.
      const kmh = km / (Math.max(1_000, time - before.time) / HOUR_MS);
      if (km > LEAST_KM && kmh > LEAST_KMH) maxima.add(identity, kmh);
    },
    closeDay: () => maxima.take(),
  };
}
