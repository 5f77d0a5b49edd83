import type { Role } from '@keyward/contract';
import { ACCESS } from './handlers/access.js';
import { ALERTS } from './handlers/alerts.js';
import { EVENTS } from './handlers/events.js';
import { GRANTS } from './handlers/grants.js';
import { IDENTITIES } from './handlers/identities.js';
import { JUDGEMENTS } from './handlers/judgements.js';
import { SERVICE } from './handlers/service.js';
import type { Handlers } from './handlers/handler.js';
import type { Organisation } from './organisation.js';

/** What the mock answers to each route of the contract. */
export const HANDLERS: Handlers = { ...ALERTS, ...JUDGEMENTS, ...EVENTS, ...IDENTITIES, ...GRANTS, ...ACCESS, ...SERVICE };

export const roleOf = (organisation: Organisation, name: string): Role =>
  organisation.users.find((user) => user.name === name)?.role ?? 'viewer';
