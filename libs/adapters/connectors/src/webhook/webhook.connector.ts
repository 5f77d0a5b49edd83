import { secretFrom } from '@keyward/outbound';
import { defineConnector } from '../connector.js';
import { WebhookRevoker } from './webhook-revoker.js';
import { WebhookConnectorSettings } from './settings.js';

/** Any system that can receive a signed request. */
export const webhook = defineConnector({
  product: 'webhook',
  settings: WebhookConnectorSettings,
  create: (id, settings, { http, clock, env }) =>
    new WebhookRevoker(
      id,
      settings,
      settings.secretEnvs.map((name) => secretFrom(env, name)),
      http,
      clock,
    ),
});
