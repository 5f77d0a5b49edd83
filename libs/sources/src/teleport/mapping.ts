import type { Authentication, Credential, Resource } from '@keyward/events';
import type { ActivityOf, ClassifiedActivity } from '../ocsf-export/activities.js';

/** Why an audit event is no event of ours: a metric label, so a closed set. */
export const TELEPORT_IGNORED = ['terminal_display', 'recording_stored', 'billing', 'maintenance'] as const;
export type TeleportIgnored = (typeof TELEPORT_IGNORED)[number];

/** What an event type means, and which of the event's fields name the parties. */
export type TeleportMapping = ClassifiedActivity & {
  readonly auth?: Pick<Authentication, 'step' | 'factorResult' | 'mfa' | 'method'>;
  readonly resource?: Resource['kind'];
  /** Act on the account that was taken on the other side: `root@web1`, `app@orders-db`. */
  readonly credential?: Credential['act'];
  /** What gives or takes something: an access request, a list of roles, membership of an access list, a certificate with a request in it. */
  readonly gives?: 'request' | 'roles' | 'membership' | 'certificate';
  /** Whom it was done to: the account called `name`, the account of the session, the locked user, the member. */
  readonly about?: 'name' | 'login' | 'lock' | 'member' | 'database_user';
  /** Where the text of a command stands. */
  readonly command?: 'program' | 'exec' | 'query';
};

type Meaning = Omit<TeleportMapping, 'class' | 'activity'>;
export const authentication = (activity: ActivityOf<'authentication'>, more?: Meaning): TeleportMapping => ({
  class: 'authentication',
  activity,
  ...more,
});
export const account = (activity: ActivityOf<'account_change'>, more?: Meaning): TeleportMapping => ({
  class: 'account_change',
  activity,
  ...more,
});
export const access = (activity: ActivityOf<'user_access'>, more?: Meaning): TeleportMapping => ({
  class: 'user_access',
  activity,
  ...more,
});
export const group = (activity: ActivityOf<'group_management'>, more?: Meaning): TeleportMapping => ({
  class: 'group_management',
  activity,
  ...more,
});
export const entity = (activity: ActivityOf<'entity_management'>, resource: Resource['kind']): TeleportMapping => ({
  class: 'entity_management',
  activity,
  resource,
});
export const api = (activity: ActivityOf<'api_activity'>, resource?: Resource['kind']): TeleportMapping => ({
  class: 'api_activity',
  activity,
  ...(resource && { resource }),
});
export const command = (from: NonNullable<TeleportMapping['command']>, resource: Resource['kind']): TeleportMapping => ({
  class: 'process_activity',
  activity: 'launch',
  command: from,
  resource,
  about: 'login',
});
