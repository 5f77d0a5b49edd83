import { DAY_MS, HOUR_MS, MINUTE_MS, isoInstant } from '@keyward/events';
import type { Organisation } from '@keyward/identity';

/** How sentences say things, so that all detections say them alike. */

/** `Anna Berg (p-anna)`, or the id alone when the organisation does not know the name. */
export function nameOf(organisation: Organisation, identity: string): string {
  const displayName = organisation.identity(identity)?.displayName;
  return displayName === undefined || displayName === identity ? identity : `${displayName} (${identity})`;
}

/** @returns `40 seconds`, `12 minutes`, `3.5 hours`, `9 days` */
export function duration(ms: number): string {
  const size = Math.abs(ms);
  if (size < MINUTE_MS) return count(Math.round(size / 1_000), 'second');
  if (size < 2 * HOUR_MS) return count(Math.round(size / MINUTE_MS), 'minute');
  if (size < 2 * DAY_MS) return count(Math.round(size / (HOUR_MS / 10)) / 10, 'hour');
  return count(Math.round(size / DAY_MS), 'day');
}
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** @returns `2026-01-05 10:00 UTC` */
export const moment = (at: number): string => `${isoInstant(at).slice(0, 16).replace('T', ' ')} UTC`;

/** The name in `<system>:<kind>:<name>`; the whole when it is not written so. */
export function entitlementName(entitlement: string): string {
  const kind = entitlement.indexOf(':');
  const name = kind < 0 ? -1 : entitlement.indexOf(':', kind + 1);
  return name < 0 ? entitlement : entitlement.slice(name + 1);
}

/** Rounded for people; the exact value decides before it is shown. */
export const round = (value: number, digits = 0): number => Math.round(value * 10 ** digits) / 10 ** digits;
