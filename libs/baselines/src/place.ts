import type { Geo } from '@keyward/events';

/** Half a degree: about 55 km, as fine as a city's own accuracy radius. */
const CELLS_PER_DEGREE = 2;

/** @returns a cell of the globe, `104,26`, or undefined when no coordinates are known */
export const placeOf = (geo: Geo | undefined): string | undefined =>
  geo?.lat === undefined || geo.lon === undefined
    ? undefined
    : `${Math.floor(geo.lat * CELLS_PER_DEGREE)},${Math.floor(geo.lon * CELLS_PER_DEGREE)}`;
