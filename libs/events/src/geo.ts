const EARTH_RADIUS_KM = 6371.0088; // IUGG mean radius R1
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

export interface GeoPoint {
  readonly lat: number;
  readonly lon: number;
}

/**
 * Great-circle distance on a spherical Earth, by the haversine formula.
 *
 * @param from latitude and longitude in decimal degrees (WGS 84)
 * @returns kilometres, in [0, 20 016]: half of Earth's circumference is the farthest apart
 * @see R. W. Sinnott, "Virtues of the Haversine", Sky & Telescope 68(2), 1984, p. 159
 */
export function haversineKm(from: GeoPoint, to: GeoPoint): number {
  const halfLat = radians(to.lat - from.lat) / 2;
  const halfLon = radians(to.lon - from.lon) / 2;
  const a = Math.sin(halfLat) ** 2 + Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * Math.sin(halfLon) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(a)));
}
