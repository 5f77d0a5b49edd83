import type { Geo } from '@keyward/events';

/** Half a degree: about 55 km, as fine as a city's own accuracy radius. */
const CELLS_PER_DEGREE = 2;

/** @returns a cell of the globe, `104,26`, or undefined when no coordinates are known */
export const placeOf = (geo: Geo | undefined): string | undefined =>
  geo?.lat === undefined || geo.lon === undefined
    ? undefined
    : `${Math.floor(geo.lat * CELLS_PER_DEGREE)},${Math.floor(geo.lon * CELLS_PER_DEGREE)}`;

/** Accuracy of a place whose radius nobody gives: by the finest name there is. */
const RADIUS_KM = { city: 50, region: 250, country: 1_000 } as const;

export const LEAST_ACCURATE_KM = RADIUS_KM.country;

/** @returns km: the given accuracy, else by the finest part of the place that is named */
export function radiusOf(geo: Geo): number {
  return geo.radiusKm ?? (geo.city === undefined ? (geo.region === undefined ? RADIUS_KM.country : RADIUS_KM.region) : RADIUS_KM.city);
}
