import { access, account, api, authentication, entity, group, type OktaMapping } from './mapping.js';

const failed = (mapping: OktaMapping): OktaMapping => ({ ...mapping, outcome: 'failure' });
const accountKept: OktaMapping = account('other', { resource: 'account' });
const role: OktaMapping = entity('update', { resource: 'role' });
const policy: OktaMapping = entity('update', { resource: 'policy' });

/** Event types of the upkeep of accounts, groups and what they may do, whose names alone would mislead: the rules over names see an object's verb, not the object. */
export const UPKEEP_TYPES: Readonly<Record<string, OktaMapping>> = {
  // Accounts and what is known of them.
  'user.account.update_profile': accountKept,
  'user.account.update_primary_email': accountKept,
  'user.account.update_secondary_email': accountKept,
  'user.account.update_user_type': accountKept,
  'user.account.preference_update': accountKept,
  'user.identity_snapshot.attestation.create': accountKept,
  'scheduled_action.user_suspension.scheduled': accountKept,
  'scheduled_action.user_suspension.updated': accountKept,
  'scheduled_action.user_suspension.canceled': accountKept,
  'device.local_account.create': account('create', { resource: 'device' }),
  'device.user_os_account.sync': account('other', { resource: 'device' }),
  'device.platform_sso.keys.register': account('mfa_factor_enable', { resource: 'device' }),
  'device.password_sync.enrollment.create': account('mfa_factor_enable', { resource: 'device' }),
  'application.user_membership.update': account('other', { resource: 'application' }),
  'application.user_membership.change_username': account('other', { resource: 'application' }),
  'application.provision.user.import': accountKept,
  'application.provision.user.import_profile': accountKept,
  'application.provision.user.push_profile': accountKept,
  'application.provision.user.sync': accountKept,
  'application.provision.user.verify_exists': accountKept,
  'app.realtimesync.import.details.update_user': accountKept,
  'system.agent.ad.import_user': account('create', { resource: 'account' }),
  'system.agent.ad.update_user': accountKept,
  'system.agent.ldap.update_user': accountKept,
  'system.csv.import_user': account('create', { resource: 'account' }),
  'system.import.user.update': accountKept,
  'system.import.user.match': accountKept,
  'system.import.user.update_user_lifecycle_from_master': accountKept,
  'app.user_management': account('other', { resource: 'application' }),
  'app.user_management.push_new_user_success': account('create', { resource: 'application' }),
  'app.user_management.update_from_master_failed': failed(accountKept),
  'app.office365.user.delete.success': account('delete', { resource: 'application' }),
  'app.office365.user.lifecycle.action.failed': failed(account('other', { resource: 'application' })),
  'app.office365.user.remove.licenses.success': access('revoke_privileges', { resource: 'application' }),
  'app.office365.error.importing.user': failed(account('other', { resource: 'application' })),
  'app.office365.api.error.create.user': failed(account('create', { resource: 'application' })),
  'app.office365.api.error.deactivate.user': failed(account('disable', { resource: 'application' })),
  'app.office365.api.error.reactivate.user': failed(account('enable', { resource: 'application' })),
  'app.office365.api.error.push.password': failed(account('password_change', { resource: 'application' })),
  'app.office365.api.error.push.profile': failed(account('other', { resource: 'application' })),
  'app.office365.api.error.revoke.refresh.token': failed(authentication('logoff', { resource: 'application' })),
  'system.email.password_reset.sent_message': accountKept,
  'system.email.account_unlock.sent_message': accountKept,
  'system.email.mfa_enroll_notification.sent_message': accountKept,
  'system.email.mfa_reset_notification.sent_message': accountKept,
  'system.sms.send_password_reset_message': accountKept,
  'system.sms.send_account_unlock_message': accountKept,
  'system.voice.send_password_reset_call': accountKept,
  'system.voice.send_account_unlock_call': accountKept,
  'analytics.feedback.provide': entity('other', { resource: 'account' }),
  'account.org.delete.request': entity('delete', { resource: 'other' }),
  'account.org.delete.cancel': entity('resume', { resource: 'other' }),
  // Groups.
  'application.provision.group_membership.update': group('update', { resource: 'group' }),
  'system.import.group_membership.complete': group('update', { resource: 'group' }),
  // Roles and who reviews them.
  'iam.role.permissions.add': role,
  'iam.role.permissions.delete': role,
  'iam.role.permission.conditions.add': role,
  'iam.role.permission.conditions.delete': role,
  'iam.resourceset.resources.add': role,
  'iam.resourceset.resources.delete': role,
  'certification.campaign.item.decide': access('other', { resource: 'policy' }),
  'certification.campaign.item.remediate': access('revoke_privileges', { resource: 'policy' }),
  // Rules of sign-in.
  'security.device.remove_request_blacklist_policy': entity('delete', { resource: 'policy' }),
  'security.zone.remove_blacklist': policy,
  'zone.remove_blacklist': policy,
  'security.voice.remove_country_blacklist': policy,
  'system.mfa.factor.activate': entity('activate', { resource: 'policy' }),
  'system.mfa.factor.deactivate': entity('deactivate', { resource: 'policy' }),
  'self_service.enabled': entity('enable', { resource: 'policy' }),
  'self_service.disabled': entity('disable', { resource: 'policy' }),
  'system.self_service.configuration.update': policy,
  'core.user_auth.idp.x509.crl_download_failure': failed(api('read', { resource: 'other' })),
  'pki.cert.crl_download_failure': failed(api('read', { resource: 'other' })),
  'app.oauth2.client.read_client_secret': entity('read', { resource: 'secret' }),
  'application.configuration.read_client_secret': entity('read', { resource: 'secret' }),
  'system.idp.lifecycle.read_client_secret': entity('read', { resource: 'secret' }),
  // What Okta generates and hands out of reports.
  'analytics.reports.export.request': entity('read', { resource: 'other' }),
  'analytics.reports.export.generate': entity('read', { resource: 'other' }),
  // Okta Privileged Access.
  'pam.user.update': accountKept,
  'pam.service_account.update': accountKept,
  'pam.service_account.assign': accountKept,
  'pam.server_account.update': accountKept,
  'pam.server_account.discovered': entity('create', { resource: 'account' }),
  'pam.preauthorization.create': access('assign_privileges', { privilege: { change: 'granted', of: 'request', jit: true } }),
  'pam.preauthorization.update': access('assign_privileges', { privilege: { change: 'extended', of: 'request', jit: true } }),
  'pam.entitlement_sudo.add_to_project': entity('update', { resource: 'policy' }),
  'pam.entitlement_sudo.remove_from_project': entity('update', { resource: 'policy' }),
  'pam.offline_group.secrets.rotate': entity('update', { resource: 'secret' }),
  'pam.incoming_federation.approve': entity('enable', { resource: 'policy' }),
  'pam.outgoing_federation.approve': entity('enable', { resource: 'policy' }),
  'pam.incoming_federation.request': entity('other', { resource: 'policy' }),
};

/** Groups that are pushed to an application or imported from one: what was done stands in words after the object. */
const PUSHED =
  /^(?:application\.provision\.group_push|app\.user_management\.(?:grouppush|user_group_import)|app\.office365\.api\.(?:error\.)?(?:\w+\.)*group)\b/;

export function pushedGroup(type: string): OktaMapping | undefined {
  if (!PUSHED.test(type)) return undefined;
  const activity = /delete|removed(?!\.user)|\.remov/.test(type)
    ? 'delete'
    : /create|upsert/.test(type) && !type.includes('mapping')
      ? 'create'
      : 'update';
  const mapping = group(/membership/.test(type) ? 'update' : activity, { resource: 'group' });
  return /error|fail/.test(type) ? failed(mapping) : mapping;
}
