import type { Credential, Resource } from '@keyward/events';
import type { ActivityOf, ClassifiedActivity } from '../ocsf-export/activities.js';

/** Why an audit entry is no event of ours: a metric label, so a closed set. */
export const VAULT_IGNORED = ['request_half', 'server_log', 'server_status', 'internal_operation'] as const;
export type VaultIgnored = (typeof VAULT_IGNORED)[number];

/** What a path and an operation mean together. */
export type VaultMapping = ClassifiedActivity & {
  readonly resource?: Resource['kind'];
  readonly credential?: Credential['act'];
  /** The path's named group `user` is the account that is acted on. */
  readonly ofUser?: boolean;
  /** Step of a sign-in. */
  readonly step?: 'primary' | 'second_factor';
};

/** Vault's operations by what they do to what the path names. `create` and `update` are one: most endpoints know only `update`. */
export type Verb = 'write' | 'delete' | 'read';

export interface Rule {
  readonly path: RegExp;
  readonly on: Partial<Record<Verb, VaultMapping>>;
}

type Meaning = Omit<VaultMapping, 'class' | 'activity'>;
export const api = (activity: ActivityOf<'api_activity'>, more?: Meaning): VaultMapping => ({ class: 'api_activity', activity, ...more });
export const entity = (activity: ActivityOf<'entity_management'>, resource: Resource['kind'], more?: Meaning): VaultMapping => ({
  class: 'entity_management',
  activity,
  resource,
  ...more,
});
export const authentication = (activity: ActivityOf<'authentication'>, more?: Meaning): VaultMapping => ({
  class: 'authentication',
  activity,
  ...more,
});
export const account = (activity: ActivityOf<'account_change'>, more?: Meaning): VaultMapping => ({
  class: 'account_change',
  activity,
  resource: 'account',
  ...more,
});
export const group = (activity: ActivityOf<'group_management'>): VaultMapping => ({
  class: 'group_management',
  activity,
  resource: 'group',
});
export const access = (activity: ActivityOf<'user_access'>, resource: Resource['kind'], more?: Meaning): VaultMapping => ({
  class: 'user_access',
  activity,
  resource,
  ...more,
});

/** Made, changed and taken away as an object of one kind; looking at it is an API call. */
export const managed = (path: RegExp, resource: Resource['kind']): Rule => ({
  path,
  on: { write: entity('update', resource), delete: entity('delete', resource), read: api('read', { resource }) },
});
/** Paths that are posted to and change nothing: searches and look-ups. */
export const lookup = (path: RegExp): Rule => ({ path, on: { write: api('read'), read: api('read') } });
export const posted = (path: RegExp, mapping: VaultMapping): Rule => ({ path, on: { write: mapping } });
