import type { Geo } from '@keyward/events';

/** Half a degree: about 55 km, as fine as a city's own accuracy radius. */
const CELLS_PER_DEGREE = 2;

/** @returns a cell of the globe, `104,26`, or undefined when no coordinates are known */
export function placeOf(geo: Pick<Geo, 'lat' | 'lon'> | undefined): string | undefined {
  if (geo?.lat === undefined || geo.lon === undefined) return undefined;
  const row = Math.floor(geo.lat * CELLS_PER_DEGREE);
  const column = Math.floor(geo.lon * CELLS_PER_DEGREE);
  const cell = row * CELLS_AROUND + column;
  let place = places.get(cell);
  if (place === undefined) {
    place = `${row},${column}`;
    if (places.size >= MOST_PLACES) places.clear();
    if (Math.abs(column) <= CELLS_AROUND / 2) places.set(cell, place);
  }
  return place;
}

/** True when both lie in one cell. */
export const isSamePlace = (a: Pick<Geo, 'lat' | 'lon'>, b: Pick<Geo, 'lat' | 'lon'>): boolean =>
  a.lat !== undefined &&
  a.lon !== undefined &&
  b.lat !== undefined &&
  b.lon !== undefined &&
  Math.floor(a.lat * CELLS_PER_DEGREE) === Math.floor(b.lat * CELLS_PER_DEGREE) &&
  Math.floor(a.lon * CELLS_PER_DEGREE) === Math.floor(b.lon * CELLS_PER_DEGREE);

/** Names of cells that were asked for: an event asks for half a dozen, nearly always the same ones. */
const places = new Map<number, string>();
const MOST_PLACES = 20_000;
const CELLS_AROUND = 2 * 360 * CELLS_PER_DEGREE;

/** Accuracy of a place whose radius nobody gives: by the finest name there is. */
const RADIUS_KM = { city: 50, region: 250, country: 1_000 } as const;

export const LEAST_ACCURATE_KM = RADIUS_KM.country;

/** @returns km: the given accuracy, else by the finest part of the place that is named */
export function radiusOf(geo: Geo): number {
  return geo.radiusKm ?? (geo.city === undefined ? (geo.region === undefined ? RADIUS_KM.country : RADIUS_KM.region) : RADIUS_KM.city);
}
