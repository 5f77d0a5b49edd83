import type { AccessEvent } from '@keyward/events';

/**
 * True when the record tells of an end or of what a system did about somebody: a log-off, a check-in, a closed session, an expired grant.
 * Such a record names a person as its actor, and yet nobody used anything.
 */
export function isPassive(event: AccessEvent): boolean {
  if (event.activity === 'logoff') return true;
  if (event.class === 'process_activity' && event.activity === 'terminate') return true;
  const act = event.credential?.act;
  if (act === 'checked_in' || act === 'session_closed') return true;
  const change = event.privilege?.change;
  return change === 'expired' || change === 'revoked' || change === 'cancelled' || change === 'denied';
}

/** A sign-in that somebody asked for, as far as the vendor says: not a token that a program renewed. */
export const isInteractiveSignIn = (event: AccessEvent): boolean =>
  event.class === 'authentication' && event.activity !== 'logoff' && event.auth?.interactive !== false;
