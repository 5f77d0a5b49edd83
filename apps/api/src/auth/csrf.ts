import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Bound to the session: derived from its secret, so that it needs no storage and dies with it. */
export const csrfTokenOf = (sessionSecret: string): string =>
  createHmac('sha256', sessionSecret).update('keyward csrf').digest('base64url');

export const csrfTokenMatches = (sent: string, sessionSecret: string): boolean => constantTimeEqual(sent, csrfTokenOf(sessionSecret));

/** Takes the same time wherever the difference is, and whatever the lengths. */
export function constantTimeEqual(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
