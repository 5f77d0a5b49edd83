import { headerOf, type Push } from '../push.js';

const CHALLENGE = 'x-okta-verification-challenge';
/** Okta's own have 40 characters. */
const MAX_CHALLENGE = 512;

/**
 * Event hook. Okta signs nothing: it sends the `Authorization` value that the hook was given, with the one-time verification (GET, the challenge
 * goes back as JSON) as with each delivery, and takes only 200 and 204 as delivered.
 *
 * @see https://developer.okta.com/docs/concepts/event-hooks/
 */
export const oktaPush: Push = {
  handshake: (headers) => {
    const challenge = headerOf(headers, CHALLENGE);
    return challenge === undefined || challenge.length > MAX_CHALLENGE ? undefined : { verification: challenge };
  },
  deliveredStatus: (headers, first) =>
    headerOf(headers, 'user-agent')?.startsWith('Okta-Integrations') === true || first.includes('"com.okta.event_hook"') ? 200 : undefined,
};
