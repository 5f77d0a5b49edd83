import type { Resource } from '@keyward/events';
import type { ActivityOf } from '../ocsf-export/activities.js';
import type { DuoIgnored, DuoMapping } from './mapping.js';

type Entity = ActivityOf<'entity_management'>;
const account = (activity: ActivityOf<'account_change'>): DuoMapping => ({ as: { class: 'account_change', activity }, onAccount: true });
/** A phone, token or key: the object is the thing, whose owner the description may name. */
const factor = (activity: 'mfa_factor_enable' | 'mfa_factor_disable'): DuoMapping => ({
  as: { class: 'account_change', activity },
  resource: 'device',
});
const entity = (activity: Entity, resource: Resource['kind']): DuoMapping => ({ as: { class: 'entity_management', activity }, resource });

/** Actions of the administrator log and the activity log that no rule tells. */
export const ACTIONS: Readonly<Record<string, DuoMapping>> = {
  admin_login: { as: { class: 'authentication', activity: 'logon' }, auth: { step: 'session' } },
  admin_login_error: { as: { class: 'authentication', activity: 'logon' }, outcome: 'failure', auth: { step: 'primary' } },
  admin_2fa_error: {
    as: { class: 'authentication', activity: 'logon' },
    outcome: 'failure',
    auth: { step: 'second_factor', mfa: true, failure: 'bad_factor' },
  },
  admin_account_switch: { as: { class: 'authentication', activity: 'account_switch' }, auth: { step: 'session' } },
  admin_logout: { as: { class: 'authentication', activity: 'logoff' } },
  admin_lockout: account('lock'),
  admin_create: account('create'),
  admin_delete: account('delete'),
  admin_update: account('other'),
  admin_self_activate: account('enable'),
  admin_activation_create: account('create'),
  admin_activation_delete: account('delete'),
  admin_activate_duo_push: factor('mfa_factor_enable'),
  admin_reactivates_duo_push: factor('mfa_factor_enable'),
  admin_rectivates_duo_push: factor('mfa_factor_enable'),
  admin_reset_password: account('password_reset'),
  admin_send_reset_password_email: account('password_reset'),
  admin_factor_restrictions: entity('update', 'policy'),
  admin_factor_restrictions_update: entity('update', 'policy'),
  admin_single_sign_on_update: entity('update', 'policy'),
  activation_begin: account('other'),
  activation_set_password: account('password_change'),
  activation_create_link: account('other'),
  activation_delete_link: account('other'),
  activation_send_link: account('other'),
  adminapi_request_ip_denied: { as: { class: 'api_activity', activity: 'other' }, outcome: 'failure', resource: 'api' },
  user_create: account('create'),
  user_import: account('create'),
  user_bulk_enroll: account('create'),
  user_bulk_activate: account('enable'),
  user_delete: account('delete'),
  user_pending_delete: account('delete'),
  user_restore: account('enable'),
  user_update: account('other'),
  user_not_enrolled_lockout: account('lock'),
  user_adminapi_lockout: account('lock'),
  user_lockout_cleared: account('unlock'),
  send_enroll_code: account('other'),
  resend_enroll_codes: account('other'),
  bypass_create: account('mfa_factor_enable'),
  bypass_delete: account('mfa_factor_disable'),
  bypass_view: { as: { class: 'entity_management', activity: 'read' }, resource: 'secret', onAccount: true },
  regen_mobile: factor('mfa_factor_enable'),
  regen_sms: factor('mfa_factor_enable'),
  phone_activation_code_regenerated: factor('mfa_factor_enable'),
  phone_new_sms_passcode: factor('mfa_factor_enable'),
  deregister_devices: factor('mfa_factor_disable'),
  o2fa_user_provisioned: factor('mfa_factor_enable'),
  o2fa_user_reenrolled: factor('mfa_factor_enable'),
  o2fa_user_deprovisioned: factor('mfa_factor_disable'),
  group_create: { as: { class: 'group_management', activity: 'create' }, resource: 'group' },
  group_update: { as: { class: 'group_management', activity: 'update' }, resource: 'group' },
  group_delete: { as: { class: 'group_management', activity: 'delete' }, resource: 'group' },
  integration_skey_view: entity('read', 'secret'),
  integration_skey_bulk_view: entity('read', 'secret'),
  integration_policy_assign: entity('update', 'policy'),
  integration_policy_unassign: entity('update', 'policy'),
  integration_group_policy_add: entity('update', 'policy'),
  integration_group_policy_remove: entity('update', 'policy'),
  customer_update: entity('update', 'policy'),
  log_export_start: { as: { class: 'api_activity', activity: 'read' }, resource: 'other' },
  log_export_complete: { as: { class: 'api_activity', activity: 'read' }, resource: 'other' },
  management_system_view_password: entity('read', 'secret'),
  management_system_view_token: entity('read', 'secret'),
  device_change_notification_answered_notify_admin: { ...account('other'), detection: 'device_change_reported' },
  device_change_enrollment_summary_notification_answered_notify_admin: { ...account('other'), detection: 'device_change_reported' },
  password_change: account('password_change'),
  password_reset: account('password_reset'),
  login_attempt: { as: { class: 'authentication', activity: 'logon' }, auth: { step: 'primary' } },
  mfa_challenge: { as: { class: 'authentication', activity: 'preauth' }, auth: { step: 'second_factor', mfa: true } },
};

const IGNORED: readonly (readonly [RegExp, DuoIgnored])[] = [
  [
    /(?:^|_)sync_(?:by_user_)?(?:begin|start|finish|fail|failed|failure|success|pause|resume)|directory_sync_|sync_config_download/,
    'sync_progress',
  ],
  [/^device_change_.*(?:_send|_create|_answered)$|^custom_?email_/, 'message_delivery'],
  [/^custom_messaging|^branding|^logo|^custom_branding/, 'appearance'],
  [/^credits_update|^edition_update|^billing|^feature_(?:add|delete)|_trial_/, 'billing'],
];

/** What an object of an action is, by the beginning of its name; first match wins. */
const OBJECTS: readonly (readonly [RegExp, Resource['kind']])[] = [
  [/^(?:phone|tablet|hardtoken|u2ftoken|webauthncredential|passkey|token|desktop_?authenticator|device(?!_change))/, 'device'],
  [/^(?:integration|cloudsso|application|sso|passport)/, 'application'],
  [/^(?:policy|administrative_unit|trust_monitor|risk|updated_risk|auth_prox|settings|dns|restriction)/, 'policy'],
  [/^(?:group|directory|azure_directory|ad_|openldap)/, 'group'],
  [/^(?:user|admin|activation|bypass)/, 'account'],
];
const FACTORS = /^(?:phone|tablet|hardtoken|u2ftoken|webauthncredential|passkey|token|desktop_?authenticator)_/;

/** Words of an action and what they mean; first match wins. */
const VERBS: readonly (readonly [RegExp, Entity])[] = [
  [/delete|remove|disassociate|deregister|deprovision|unassign/, 'delete'],
  [/create|add|associate|import|generate|enroll/, 'create'],
  [/view|download|export|read/, 'read'],
  [/enable|activate/, 'enable'],
  [/disable|deactivate/, 'disable'],
];

const EXACT = new Map(Object.entries(ACTIONS));

/** What an action means; one that is in no table is kept by the words of its name. */
export function classifyAction(action: string): { readonly mapping: DuoMapping } | { readonly ignored: DuoIgnored } {
  const exact = EXACT.get(action);
  if (exact) return { mapping: exact };
  const reason = IGNORED.find(([pattern]) => pattern.test(action))?.[1];
  if (reason) return { ignored: reason };
  const failed = /error|fail|denied|reject/.test(action);
  const verb = VERBS.find(([pattern]) => pattern.test(action))?.[1] ?? 'update';
  const outcome = failed ? { outcome: 'failure' as const } : {};
  if (FACTORS.test(action)) return { mapping: { ...factor(verb === 'delete' ? 'mfa_factor_disable' : 'mfa_factor_enable'), ...outcome } };
  if (/login/.test(action)) return { mapping: { as: { class: 'authentication', activity: 'logon' }, ...outcome } };
  if (/^(?:user|admin)_/.test(action)) return { mapping: { ...account(ACCOUNT_VERBS[verb] ?? 'other'), ...outcome } };
  return { mapping: { ...entity(verb, OBJECTS.find(([pattern]) => pattern.test(action))?.[1] ?? 'other'), ...outcome } };
}

const ACCOUNT_VERBS: Readonly<Partial<Record<Entity, ActivityOf<'account_change'>>>> = {
  create: 'create',
  delete: 'delete',
  enable: 'enable',
  disable: 'disable',
};
