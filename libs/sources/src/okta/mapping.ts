import type { Authentication, Credential, Privilege, Resource } from '@keyward/events';
import type { ActivityOf, ClassifiedActivity } from '../ocsf-export/activities.js';

/** Why a System Log event is no event of ours: a metric label, so a closed set. */
export const OKTA_IGNORED = [
  'rate_limit',
  'sync_progress',
  'message_delivery',
  'agent_health',
  'appearance',
  'background_job',
  'verification',
] as const;
export type OktaIgnored = (typeof OKTA_IGNORED)[number];

/** What kind of thing an event of this type gives, takes, or asks for. */
export interface OktaPrivilege {
  readonly change: Privilege['change'];
  readonly of: 'group' | 'role' | 'app' | 'request';
  readonly jit?: true;
}

/** What an event type means: class and activity, and what the type alone says about proof, privilege, credential and object. */
export type OktaMapping = ClassifiedActivity & {
  readonly auth?: Pick<Authentication, 'step' | 'method' | 'mfa' | 'factorResult'>;
  readonly privilege?: OktaPrivilege;
  readonly credential?: Credential['act'];
  readonly resource?: Resource['kind'];
  /** The type's own outcome, whatever `outcome.result` says of the record: a rejected push is never a success. */
  readonly outcome?: 'failure';
  /** A risk that Okta itself reports by logging this type at all. */
  readonly detection?: string;
};

type Meaning = Omit<OktaMapping, 'class' | 'activity'>;
export const authentication = (activity: ActivityOf<'authentication'>, more?: Meaning): OktaMapping => ({
  class: 'authentication',
  activity,
  ...more,
});
export const authorize = (activity: ActivityOf<'authorize_session'>, more?: Meaning): OktaMapping => ({
  class: 'authorize_session',
  activity,
  ...more,
});
export const account = (activity: ActivityOf<'account_change'>, more?: Meaning): OktaMapping => ({
  class: 'account_change',
  activity,
  ...more,
});
export const access = (activity: ActivityOf<'user_access'>, more?: Meaning): OktaMapping => ({ class: 'user_access', activity, ...more });
export const group = (activity: ActivityOf<'group_management'>, more?: Meaning): OktaMapping => ({
  class: 'group_management',
  activity,
  ...more,
});
export const entity = (activity: ActivityOf<'entity_management'>, more?: Meaning): OktaMapping => ({
  class: 'entity_management',
  activity,
  ...more,
});
export const api = (activity: ActivityOf<'api_activity'>, more?: Meaning): OktaMapping => ({ class: 'api_activity', activity, ...more });
