import { auth0 } from './auth0/auth0.collector.js';
import type { CollectorKind } from './collector.js';
import { entra } from './entra/entra.collector.js';
import { kafka } from './kafka/kafka.collector.js';
import { keycloak } from './keycloak/keycloak.collector.js';
import { okta } from './okta/okta.collector.js';
import { syslog } from './syslog/syslog.collector.js';
import { tail } from './tail/tail.collector.js';

/** Every kind of collector, one line each. */
export const COLLECTORS: readonly CollectorKind[] = [syslog, tail, okta, auth0, entra, keycloak, kafka];
