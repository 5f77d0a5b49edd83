/** One ring of a polygon: [longitude, latitude] in degrees. */
export type Ring = readonly (readonly number[])[];

/**
 * Cuts rings that cross the 180th meridian, so that a flat map does not draw a line right across the world (Russia, Fiji).
 * A ring that crosses becomes two, each held at its own side of the edge; others are returned as they are.
 */
export function cutAtAntimeridian(ring: Ring): readonly Ring[] {
  const crosses = ring.some((point, i) => i > 0 && Math.abs((point[0] ?? 0) - (ring[i - 1]?.[0] ?? 0)) > 180);
  if (!crosses) return [ring];
  const side = (keep: (lon: number) => boolean, edge: number): Ring => ring.map(([lon = 0, lat = 0]) => [keep(lon) ? lon : edge, lat]);
  return [side((lon) => lon >= 0, 180), side((lon) => lon < 0, -180)];
}
