import type { ConnectorProduct } from './connector.js';
import { postgresql } from './postgresql/postgresql.connector.js';

/** Every product that grants can be taken back in. */
export const CONNECTORS: readonly ConnectorProduct[] = [postgresql];
