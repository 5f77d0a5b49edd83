import type { Privilege, Resource } from '@keyward/events';
import type { ActivityOf, ClassifiedActivity } from '../ocsf-export/activities.js';

/** Why a record says nothing about access: a metric label, so a closed set. */
export const ENTRA_IGNORED = [
  'read_only',
  'sync_progress',
  'data_subject_request',
  'provisioning_skipped',
  'profile_sync',
  'resource_activity',
  'operation_started',
  'request_log',
  'other_workload',
] as const;
export type EntraIgnored = (typeof ENTRA_IGNORED)[number];

/** What kind of entitlement an audit activity is about. */
export type EntitlementKind = 'role' | 'group' | 'group_owner' | 'app' | 'access_package';

export interface EntraPrivilege {
  readonly change: Privilege['change'];
  readonly of: EntitlementKind;
  readonly jit?: boolean;
  readonly eligible?: true;
}

export type EntraMapping = ClassifiedActivity & {
  readonly privilege?: EntraPrivilege;
  readonly resource?: Resource['kind'];
  /** A risk that Microsoft or a user reports by this activity. */
  readonly detection?: string;
};

type Meaning = Omit<EntraMapping, 'class' | 'activity'>;
export const account = (activity: ActivityOf<'account_change'>, more?: Meaning): EntraMapping => ({
  class: 'account_change',
  activity,
  ...more,
});
export const access = (activity: ActivityOf<'user_access'>, more?: Meaning): EntraMapping => ({ class: 'user_access', activity, ...more });
export const group = (activity: ActivityOf<'group_management'>, more?: Meaning): EntraMapping => ({
  class: 'group_management',
  activity,
  ...more,
});
export const entity = (activity: ActivityOf<'entity_management'>, more?: Meaning): EntraMapping => ({
  class: 'entity_management',
  activity,
  ...more,
});
export const authentication = (activity: ActivityOf<'authentication'>, more?: Meaning): EntraMapping => ({
  class: 'authentication',
  activity,
  ...more,
});
