import { hexHmac, type Push } from '../push.js';

/**
 * The widespread HTTP listener for Keycloak (`ext-event-http` and `ext-event-webhook` of p2-inc/keycloak-events) signs with its `sharedSecret`,
 * algorithm `HmacSHA256`, in hexadecimal.
 */
export const keycloakPush: Push = { signature: hexHmac('x-keycloak-signature') };
