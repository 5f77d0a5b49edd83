import type { Credential, Privilege } from '@keyward/events';
import type { ClassifiedActivity } from './ocsf-export/activities.js';

/** OCSF class and activity of an act in a privileged-access system, and what else such a record says. */
export interface VaultMapping {
  readonly as: ClassifiedActivity;
  /** Which of the record's names it is about. */
  readonly about: 'login' | 'session' | 'secret' | 'request' | 'user' | 'group' | 'grant' | 'object';
  readonly act?: Credential['act'];
  readonly change?: Privilege['change'];
}

/** What people and services do in the vaults of several vendors. Each vendor's folder says which of its operations is which of these. */
export const VAULT_KINDS = {
  logon: { as: { class: 'authentication', activity: 'logon' }, about: 'login' },
  logoff: { as: { class: 'authentication', activity: 'logoff' }, about: 'login' },
  login_other: { as: { class: 'authentication', activity: 'other' }, about: 'login' },

  session_open: { as: { class: 'authentication', activity: 'logon' }, about: 'session', act: 'session_opened' },
  session_close: { as: { class: 'authentication', activity: 'logoff' }, about: 'session', act: 'session_closed' },
  session_join: { as: { class: 'authentication', activity: 'logon' }, about: 'session' },
  session_leave: { as: { class: 'authentication', activity: 'logoff' }, about: 'session' },
  session_other: { as: { class: 'authorize_session', activity: 'other' }, about: 'session' },
  command_start: { as: { class: 'process_activity', activity: 'launch' }, about: 'session', act: 'used' },
  command_end: { as: { class: 'process_activity', activity: 'terminate' }, about: 'session' },
  window_open: { as: { class: 'process_activity', activity: 'open' }, about: 'session', act: 'used' },

  secret_retrieve: { as: { class: 'entity_management', activity: 'read' }, about: 'secret', act: 'checked_out' },
  secret_use: { as: { class: 'entity_management', activity: 'read' }, about: 'secret', act: 'used' },
  secret_read: { as: { class: 'entity_management', activity: 'read' }, about: 'secret' },
  secret_check_in: { as: { class: 'entity_management', activity: 'update' }, about: 'secret', act: 'checked_in' },
  secret_change: { as: { class: 'account_change', activity: 'password_change' }, about: 'secret', act: 'changed' },
  secret_verify: { as: { class: 'account_change', activity: 'other' }, about: 'secret' },
  secret_create: { as: { class: 'entity_management', activity: 'create' }, about: 'secret' },
  secret_update: { as: { class: 'entity_management', activity: 'update' }, about: 'secret' },
  secret_delete: { as: { class: 'entity_management', activity: 'delete' }, about: 'secret' },
  secret_move: { as: { class: 'entity_management', activity: 'move' }, about: 'secret' },
  secret_enable: { as: { class: 'entity_management', activity: 'enable' }, about: 'secret' },
  secret_disable: { as: { class: 'entity_management', activity: 'disable' }, about: 'secret' },
  secret_other: { as: { class: 'entity_management', activity: 'other' }, about: 'secret' },
  managed_create: { as: { class: 'account_change', activity: 'create' }, about: 'secret' },
  managed_update: { as: { class: 'account_change', activity: 'other' }, about: 'secret' },
  managed_delete: { as: { class: 'account_change', activity: 'delete' }, about: 'secret' },
  managed_enable: { as: { class: 'account_change', activity: 'enable' }, about: 'secret' },
  managed_disable: { as: { class: 'account_change', activity: 'disable' }, about: 'secret' },
  managed_lock: { as: { class: 'account_change', activity: 'lock' }, about: 'secret' },
  managed_unlock: { as: { class: 'account_change', activity: 'unlock' }, about: 'secret' },

  request_create: { as: { class: 'user_access', activity: 'other' }, about: 'request', change: 'requested' },
  request_approve: { as: { class: 'user_access', activity: 'assign_privileges' }, about: 'request', change: 'approved' },
  request_deny: { as: { class: 'user_access', activity: 'other' }, about: 'request', change: 'denied' },
  request_cancel: { as: { class: 'user_access', activity: 'other' }, about: 'request', change: 'cancelled' },
  request_expire: { as: { class: 'user_access', activity: 'revoke_privileges' }, about: 'request', change: 'expired' },
  request_extend: { as: { class: 'user_access', activity: 'assign_privileges' }, about: 'request', change: 'extended' },
  /** The time was given back before it had passed: the credential goes back, and so does the right. */
  request_check_in: { as: { class: 'user_access', activity: 'revoke_privileges' }, about: 'request', act: 'checked_in', change: 'revoked' },
  request_other: { as: { class: 'user_access', activity: 'other' }, about: 'request' },
  jit_grant: { as: { class: 'user_access', activity: 'assign_privileges' }, about: 'request', change: 'granted' },
  jit_revoke: { as: { class: 'user_access', activity: 'revoke_privileges' }, about: 'request', change: 'revoked' },

  user_create: { as: { class: 'account_change', activity: 'create' }, about: 'user' },
  user_update: { as: { class: 'account_change', activity: 'other' }, about: 'user' },
  user_delete: { as: { class: 'account_change', activity: 'delete' }, about: 'user' },
  user_enable: { as: { class: 'account_change', activity: 'enable' }, about: 'user' },
  user_disable: { as: { class: 'account_change', activity: 'disable' }, about: 'user' },
  user_lock: { as: { class: 'account_change', activity: 'lock' }, about: 'user' },
  user_unlock: { as: { class: 'account_change', activity: 'unlock' }, about: 'user' },
  user_password: { as: { class: 'account_change', activity: 'password_change' }, about: 'user' },
  user_password_reset: { as: { class: 'account_change', activity: 'password_reset' }, about: 'user' },
  user_factor_add: { as: { class: 'account_change', activity: 'mfa_factor_enable' }, about: 'user' },
  user_factor_remove: { as: { class: 'account_change', activity: 'mfa_factor_disable' }, about: 'user' },
  user_read: { as: { class: 'entity_management', activity: 'read' }, about: 'user' },

  group_create: { as: { class: 'group_management', activity: 'create' }, about: 'group' },
  group_update: { as: { class: 'group_management', activity: 'update' }, about: 'group' },
  group_delete: { as: { class: 'group_management', activity: 'delete' }, about: 'group' },
  group_other: { as: { class: 'group_management', activity: 'other' }, about: 'group' },
  member_add: { as: { class: 'group_management', activity: 'add_user' }, about: 'group', change: 'granted' },
  member_remove: { as: { class: 'group_management', activity: 'remove_user' }, about: 'group', change: 'revoked' },

  role_assign: { as: { class: 'user_access', activity: 'assign_role' }, about: 'grant', change: 'granted' },
  role_remove: { as: { class: 'user_access', activity: 'remove_role' }, about: 'grant', change: 'revoked' },
  right_grant: { as: { class: 'user_access', activity: 'assign_privileges' }, about: 'grant', change: 'granted' },
  right_revoke: { as: { class: 'user_access', activity: 'revoke_privileges' }, about: 'grant', change: 'revoked' },
  right_change: { as: { class: 'user_access', activity: 'other' }, about: 'grant' },

  object_create: { as: { class: 'entity_management', activity: 'create' }, about: 'object' },
  object_read: { as: { class: 'entity_management', activity: 'read' }, about: 'object' },
  object_update: { as: { class: 'entity_management', activity: 'update' }, about: 'object' },
  object_delete: { as: { class: 'entity_management', activity: 'delete' }, about: 'object' },
  object_move: { as: { class: 'entity_management', activity: 'move' }, about: 'object' },
  object_enable: { as: { class: 'entity_management', activity: 'enable' }, about: 'object' },
  object_disable: { as: { class: 'entity_management', activity: 'disable' }, about: 'object' },
  object_other: { as: { class: 'entity_management', activity: 'other' }, about: 'object' },
} as const satisfies Readonly<Record<string, VaultMapping>>;

export type VaultKind = keyof typeof VAULT_KINDS;
