import { secretFrom } from '@keyward/outbound';
import { defineConnector } from '../connector.js';
import { EntraPimRevoker } from './entra-pim-revoker.js';
import { GraphApi } from './graph-api.js';
import { EntraPimSettings } from './settings.js';

/** A directory role or a group of Microsoft Entra ID, governed by Privileged Identity Management. */
export const entraPim = defineConnector({
  product: 'entra_pim',
  settings: EntraPimSettings,
  create: (id, settings, { http, clock, env }) =>
    new EntraPimRevoker(id, settings, new GraphApi(settings, secretFrom(env, settings.clientSecretEnv), http, clock)),
});
