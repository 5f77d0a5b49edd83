import { secretFrom } from '@keyward/outbound';
import { defineConnector } from '../connector.js';
import { PostgresqlRevoker } from './postgresql-revoker.js';
import { PostgresqlSettings } from './settings.js';

/** A role membership on a PostgreSQL server. */
export const postgresql = defineConnector({
  product: 'postgresql',
  settings: PostgresqlSettings,
  create: (id, settings, { env }) => new PostgresqlRevoker(id, settings, secretFrom(env, settings.urlEnv)),
});
