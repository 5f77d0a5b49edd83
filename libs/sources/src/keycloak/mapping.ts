import type { Authentication, Privilege, Resource } from '@keyward/events';
import type { ClassifiedActivity } from '../ocsf-export/activities.js';

/** Why a record is no event of ours: a metric label, so a closed set. */
export const KEYCLOAK_IGNORED = ['server_log', 'continuation'] as const;
export type KeycloakIgnored = (typeof KEYCLOAK_IGNORED)[number];

/** What an event type means, whatever became of it. */
export interface KeycloakMapping {
  readonly as: ClassifiedActivity;
  readonly auth?: Pick<Authentication, 'step' | 'method' | 'mfa' | 'factorResult' | 'interactive'>;
  readonly resource?: Resource['kind'];
  readonly change?: Privilege['change'];
}
