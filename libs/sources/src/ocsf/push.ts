import { standardWebhook, type Push } from '../push.js';

/** OCSF has no transport of its own; the common one for signed events is Standard Webhooks, which Keyward itself sends by. */
export const ocsfPush: Push = { signature: standardWebhook };
