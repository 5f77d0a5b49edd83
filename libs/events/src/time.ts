export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** @param at epoch ms @returns whole UTC days since 1970-01-01 */
export const dayOf = (at: number): number => Math.floor(at / DAY_MS);
/** @param at epoch ms @returns `2026-01-05` (UTC) */
export const isoDay = (at: number): string => new Date(at).toISOString().slice(0, 10);
/** @param at epoch ms @returns ISO 8601 UTC with milliseconds, ending in `Z` */
export const isoInstant = (at: number): string => new Date(at).toISOString();
