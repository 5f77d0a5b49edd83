/** Networks, places and devices that many profiles name: one text for all of them, where each row that is read would bring its own. */
export function oneText(text: string): string {
  const known = TEXTS.get(text);
  if (known !== undefined) return known;
  if (TEXTS.size >= MOST_KEPT) TEXTS.clear();
  TEXTS.set(text, text);
  return text;
}
const TEXTS = new Map<string, string>();
const MOST_KEPT = 50_000;

/** A place on the map, as far as it is known. */
export interface Spot {
  readonly lat?: number | undefined;
  readonly lon?: number | undefined;
  readonly radiusKm?: number | undefined;
  /** Its name. */
  readonly place?: string | undefined;
}

/** @returns one object for all who were at the same place: people share cities, and coordinates take a third of what is kept of a network */
export function oneSpot({ lat, lon, radiusKm, place }: Spot): Spot {
  const key = `${lat},${lon},${radiusKm},${place}`;
  let spot = SPOTS.get(key);
  if (!spot) {
    if (SPOTS.size >= MOST_KEPT) SPOTS.clear();
    SPOTS.set(key, (spot = { lat, lon, radiusKm, place }));
  }
  return spot;
}
export const isSameSpot = (a: Spot, b: Spot): boolean =>
  a.lat === b.lat && a.lon === b.lon && a.radiusKm === b.radiusKm && a.place === b.place;
const SPOTS = new Map<string, Spot>();
