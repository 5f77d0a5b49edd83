import type { Credential, Privilege } from '@keyward/events';
import type { ClassifiedActivity } from '../ocsf-export/activities.js';
import type { Kind } from './codes.js';

export interface KindMapping {
  readonly as: ClassifiedActivity;
  /** What the record's `SourceUser`, `TargetUser` and account mean. */
  readonly about: 'vault' | 'secret' | 'session' | 'user' | 'owner' | 'group' | 'request' | 'object';
  readonly act?: Credential['act'];
  readonly change?: Privilege['change'];
}

/** OCSF class and activity of each kind, and what else it says. */
export const KINDS: Readonly<Record<Kind, KindMapping>> = {
  logon: { as: { class: 'authentication', activity: 'logon' }, about: 'vault' },
  logoff: { as: { class: 'authentication', activity: 'logoff' }, about: 'vault' },
  gateway_logon: { as: { class: 'authentication', activity: 'logon' }, about: 'vault' },
  secret_retrieve: { as: { class: 'entity_management', activity: 'read' }, about: 'secret', act: 'checked_out' },
  secret_use: { as: { class: 'entity_management', activity: 'read' }, about: 'secret', act: 'used' },
  secret_store: { as: { class: 'entity_management', activity: 'update' }, about: 'secret', act: 'changed' },
  secret_change: { as: { class: 'account_change', activity: 'password_change' }, about: 'secret', act: 'changed' },
  secret_verify: { as: { class: 'account_change', activity: 'other' }, about: 'secret' },
  secret_disable: { as: { class: 'entity_management', activity: 'disable' }, about: 'secret' },
  secret_check_in: { as: { class: 'entity_management', activity: 'update' }, about: 'secret', act: 'checked_in' },
  secret_lock: { as: { class: 'entity_management', activity: 'other' }, about: 'secret' },
  session_open: { as: { class: 'authentication', activity: 'logon' }, about: 'session', act: 'session_opened' },
  session_close: { as: { class: 'authentication', activity: 'logoff' }, about: 'session', act: 'session_closed' },
  session_watch: { as: { class: 'authorize_session', activity: 'other' }, about: 'session' },
  session_command: { as: { class: 'process_activity', activity: 'launch' }, about: 'session', act: 'used' },
  session_window: { as: { class: 'process_activity', activity: 'open' }, about: 'session', act: 'used' },
  command_start: { as: { class: 'process_activity', activity: 'launch' }, about: 'session', act: 'used' },
  command_end: { as: { class: 'process_activity', activity: 'terminate' }, about: 'session' },
  user_create: { as: { class: 'account_change', activity: 'create' }, about: 'user' },
  user_update: { as: { class: 'account_change', activity: 'other' }, about: 'user' },
  user_delete: { as: { class: 'account_change', activity: 'delete' }, about: 'user' },
  user_enable: { as: { class: 'account_change', activity: 'enable' }, about: 'user' },
  user_disable: { as: { class: 'account_change', activity: 'disable' }, about: 'user' },
  user_unlock: { as: { class: 'account_change', activity: 'unlock' }, about: 'user' },
  user_lock: { as: { class: 'account_change', activity: 'lock' }, about: 'user' },
  user_password: { as: { class: 'account_change', activity: 'password_reset' }, about: 'user' },
  user_key_add: { as: { class: 'account_change', activity: 'mfa_factor_enable' }, about: 'user' },
  user_key_remove: { as: { class: 'account_change', activity: 'mfa_factor_disable' }, about: 'user' },
  user_read: { as: { class: 'entity_management', activity: 'read' }, about: 'user' },
  owner_add: { as: { class: 'user_access', activity: 'assign_privileges' }, about: 'owner', change: 'granted' },
  owner_update: { as: { class: 'user_access', activity: 'assign_privileges' }, about: 'owner', change: 'granted' },
  owner_remove: { as: { class: 'user_access', activity: 'revoke_privileges' }, about: 'owner', change: 'revoked' },
  group_create: { as: { class: 'group_management', activity: 'create' }, about: 'group' },
  group_update: { as: { class: 'group_management', activity: 'update' }, about: 'group' },
  group_delete: { as: { class: 'group_management', activity: 'delete' }, about: 'group' },
  member_add: { as: { class: 'group_management', activity: 'add_user' }, about: 'group', change: 'granted' },
  member_remove: { as: { class: 'group_management', activity: 'remove_user' }, about: 'group', change: 'revoked' },
  request_create: { as: { class: 'user_access', activity: 'other' }, about: 'request', change: 'requested' },
  request_confirm: { as: { class: 'user_access', activity: 'assign_privileges' }, about: 'request', change: 'approved' },
  request_reject: { as: { class: 'user_access', activity: 'other' }, about: 'request', change: 'denied' },
  request_cancel: { as: { class: 'user_access', activity: 'other' }, about: 'request', change: 'cancelled' },
  request_expire: { as: { class: 'user_access', activity: 'revoke_privileges' }, about: 'request', change: 'expired' },
  object_create: { as: { class: 'entity_management', activity: 'create' }, about: 'object' },
  object_read: { as: { class: 'entity_management', activity: 'read' }, about: 'object' },
  object_update: { as: { class: 'entity_management', activity: 'update' }, about: 'object' },
  object_delete: { as: { class: 'entity_management', activity: 'delete' }, about: 'object' },
  object_move: { as: { class: 'entity_management', activity: 'move' }, about: 'object' },
  object_enable: { as: { class: 'entity_management', activity: 'enable' }, about: 'object' },
  object_disable: { as: { class: 'entity_management', activity: 'disable' }, about: 'object' },
  object_other: { as: { class: 'entity_management', activity: 'other' }, about: 'object' },
};
