import type { ConnectorProduct } from './connector.js';
import { entraPim } from './entra-pim/entra-pim.connector.js';
import { postgresql } from './postgresql/postgresql.connector.js';
import { webhook } from './webhook/webhook.connector.js';

/** Every product that grants can be taken back in. */
export const CONNECTORS: readonly ConnectorProduct[] = [postgresql, entraPim, webhook];
