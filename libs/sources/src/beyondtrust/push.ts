import { headerOf, type Push } from '../push.js';

/**
 * Outbound events of Privileged Remote Access and Remote Support: a form (`event=...&timestamp=...`), sent again until it is answered with 200;
 * nothing but the address can be set.
 *
 * @see https://docs.beyondtrust.com/rs/docs/outbound-events-reference
 */
export const beyondtrustPush: Push = {
  tokenInAddress: true,
  deliveredStatus: (headers) =>
    headerOf(headers, 'content-type')?.toLowerCase().startsWith('application/x-www-form-urlencoded') === true ? 200 : undefined,
};
