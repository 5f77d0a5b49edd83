import { HOUR_MS, MINUTE_MS, haversineKm, type GeoPoint } from '@keyward/events';

/** Where a sign-in came from, as far as travel is concerned. */
export interface Place extends GeoPoint {
  readonly radiusKm: number;
}

/** scoring.md section 4. Ground travel to 300 km at 120 km/h door to door; beyond, 1.5 h of airport and an airliner's 850 km/h. */
const GROUND_KMH = 120;
const GROUND_LIMIT_KM = 300;
const AIRPORT_HOURS = 1.5;
const AIR_KMH = 850;
/** Clocks of two systems differ, and a record is written when a sign-in ends. */
const CLOCK_SLACK_MS = 5 * MINUTE_MS;
/** Beyond this ratio (e^4) it does not matter how much more impossible it is. */
export const MAX_EVIDENCE_NATS = 8;

/** Kilometres that two places are apart at least: each may lie anywhere in its accuracy radius. */
export const effectiveDistanceKm = (from: Place, to: Place): number => Math.max(0, haversineKm(from, to) - from.radiusKm - to.radiusKm);

/** @returns hours that the fastest plausible journey takes, door to door */
export const shortestHours = (distanceKm: number): number =>
  distanceKm <= GROUND_LIMIT_KM ? distanceKm / GROUND_KMH : AIRPORT_HOURS + distanceKm / AIR_KMH;

/**
 * How much sooner than any journey the second sign-in came: `2 ln(T / dt)`.
 *
 * @param elapsedMs between the two sign-ins, either sign
 * @returns nats in [0, 8]; 0 when a journey is possible
 */
export function travelEvidence(distanceKm: number, elapsedMs: number): number {
  const elapsedHours = (Math.abs(elapsedMs) + CLOCK_SLACK_MS) / HOUR_MS;
  const ratio = shortestHours(distanceKm) / elapsedHours;
  return ratio <= 1 ? 0 : Math.min(MAX_EVIDENCE_NATS, 2 * Math.log(ratio));
}
