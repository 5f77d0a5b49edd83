import { hexHmac, type Push } from '../push.js';

/**
 * Webhooks of Privileged Behavior Analytics are signed with the secret that was set there; those of the Platform carry custom headers, so they
 * send our token as `Authorization`.
 *
 * @see https://docs.delinea.com/online-help/privileged-behavior-analytics/admin/webhooks.htm
 */
export const delineaPush: Push = { signature: hexHmac('x-hub-signature') };
