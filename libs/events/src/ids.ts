import { hash } from 'node:crypto';

/** Characters of a uid: 128 bits in hex. At 10^12 events the chance of one collision is about 10^-15. */
const UID_LENGTH = 32;

/**
 * A deterministic id: the same parts give the same id on every machine, so a replay overwrites and never doubles.
 *
 * @param parts what makes the thing one thing, most general first; joined by a unit separator so that `['a','bc']` and `['ab','c']` differ
 * @returns 32 lower-case hex characters (the first 128 bits of SHA-256)
 */
export function deterministicUid(...parts: readonly (string | number)[]): string {
  return hash('sha256', parts.join('\u001f'), 'hex').slice(0, UID_LENGTH);
}

/** @param nativeId the vendor's own id of the record; where a vendor gives none, the parser hashes the whole record */
export const eventUid = (source: string, nativeId: string): string => deterministicUid('event', source, nativeId);
export const findingUid = (detection: string, event: string): string => deterministicUid('finding', detection, event);
/** @param openedBy uid of the finding that opened the alert's window: two windows of one key can begin in the same instant, never with the same finding */
export const alertUid = (identity: string, dedupeKey: string, openedBy: string): string =>
  deterministicUid('alert', identity, dedupeKey, openedBy);
/** @param native the issuing system's id of the grant, or the request that led to it */
export const grantUid = (system: string, principal: string, entitlement: string, native: string): string =>
  deterministicUid('grant', system, principal, entitlement, native);
