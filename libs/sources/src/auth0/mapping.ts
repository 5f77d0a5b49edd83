import type { Authentication, Outcome, Resource } from '@keyward/events';
import type { ActivityOf, ClassifiedActivity } from '../ocsf-export/activities.js';

/** Why a tenant log is no event of ours: a metric label, so a closed set. */
export const AUTH0_IGNORED = [
  'rate_limit',
  'notice',
  'message_delivery',
  'agent_health',
  'sync_progress',
  'background_job',
  'system_update',
  'configuration_check',
] as const;
export type Auth0Ignored = (typeof AUTH0_IGNORED)[number];

/** What a log type says by itself. */
export type Auth0Mapping = ClassifiedActivity & {
  readonly outcome: Outcome;
  readonly auth?: Pick<Authentication, 'step' | 'method' | 'mfa' | 'factorResult' | 'failure' | 'interactive'>;
  readonly resource?: Resource['kind'];
  /** A risk that Auth0 reports by logging this type at all. */
  readonly detection?: string;
};
export type Meaning = Omit<Auth0Mapping, 'class' | 'activity' | 'outcome'>;

export const authentication = (activity: ActivityOf<'authentication'>, outcome: Outcome, more?: Meaning): Auth0Mapping => ({
  class: 'authentication',
  activity,
  outcome,
  ...more,
});
export const account = (activity: ActivityOf<'account_change'>, outcome: Outcome, more?: Meaning): Auth0Mapping => ({
  class: 'account_change',
  activity,
  outcome,
  ...more,
});
export const access = (activity: ActivityOf<'user_access'>, outcome: Outcome, more?: Meaning): Auth0Mapping => ({
  class: 'user_access',
  activity,
  outcome,
  ...more,
});
export const group = (activity: ActivityOf<'group_management'>, outcome: Outcome, more?: Meaning): Auth0Mapping => ({
  class: 'group_management',
  activity,
  outcome,
  ...more,
});
export const entity = (activity: ActivityOf<'entity_management'>, outcome: Outcome, more?: Meaning): Auth0Mapping => ({
  class: 'entity_management',
  activity,
  outcome,
  ...more,
});
export const api = (activity: ActivityOf<'api_activity'>, outcome: Outcome, more?: Meaning): Auth0Mapping => ({
  class: 'api_activity',
  activity,
  outcome,
  ...more,
});
