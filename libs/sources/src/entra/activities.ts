import type { Resource } from '@keyward/events';
import type { ActivityOf } from '../ocsf-export/activities.js';
import { access, account, authentication, entity, group, type EntraIgnored, type EntraMapping, type EntraPrivilege } from './mapping.js';

export type Classified = { readonly mapping: EntraMapping } | { readonly ignored: EntraIgnored };

const role = (change: EntraPrivilege['change'], more: Partial<EntraPrivilege> = {}): EntraPrivilege => ({ change, of: 'role', ...more });
const to = (of: EntraPrivilege['of'], change: EntraPrivilege['change'], jit?: true): EntraPrivilege => ({
  change,
  of,
  ...(jit && { jit }),
});

/** Activities of the directory and its services, in Microsoft's names in lower case; first match wins. */
const RULES: readonly (readonly [RegExp, EntraMapping])[] = [
  // Roles
  [
    /^(?:add eligible member to role|add eligibleroleassignment to roledefinition)/,
    access('assign_role', { privilege: role('granted', { eligible: true }), resource: 'role' }),
  ],
  [
    /^(?:remove eligible member from role|remove eligibleroleassignment from roledefinition)/,
    access('remove_role', { privilege: role('revoked', { eligible: true }), resource: 'role' }),
  ],
  [
    /^(?:add (?:scoped )?member to role|add role assignment to role definition|add entitlement management role assignment)/,
    access('assign_role', { privilege: role('granted'), resource: 'role' }),
  ],
  [
    /^(?:remove (?:scoped )?member from role|remove role assignment from role definition|remove entitlement management role assignment)/,
    access('remove_role', { privilege: role('revoked'), resource: 'role' }),
  ],
  // Azure's roles, as the directory logs them.
  [/^(?:user has elevated|elevate).* access/, access('assign_role', { privilege: role('granted'), resource: 'role' })],
  [/^(?:add|create) role assignment\b/, access('assign_role', { privilege: role('granted'), resource: 'role' })],
  [/^(?:remove|delete) role assignment\b/, access('remove_role', { privilege: role('revoked'), resource: 'role' })],
  [/^add role (?:definition|from template)/, entity('create', { resource: 'role' })],
  [/^delete role definition/, entity('delete', { resource: 'role' })],
  [/^update role/, entity('update', { resource: 'role' })],
  // Groups
  [/^(?:add member to group|group_addmember)/, group('add_user', { privilege: to('group', 'granted'), resource: 'group' })],
  [/^(?:remove member from group|group_removemember)/, group('remove_user', { privilege: to('group', 'revoked'), resource: 'group' })],
  [/^(?:add owner to group|group_addowner)/, group('assign_privileges', { privilege: to('group_owner', 'granted'), resource: 'group' })],
  [
    /^(?:remove owner from group|group_removeowner)/,
    group('revoke_privileges', { privilege: to('group_owner', 'revoked'), resource: 'group' }),
  ],
  [/^request to join a group/, group('other', { privilege: to('group', 'requested'), resource: 'group' })],
  [/^approve a pending request to join a group/, group('other', { privilege: to('group', 'approved'), resource: 'group' })],
  [/^reject a pending request to join a group/, group('other', { privilege: to('group', 'denied'), resource: 'group' })],
  [/^(?:cancel|delete) a pending request to join a group/, group('other', { privilege: to('group', 'cancelled'), resource: 'group' })],
  [/^(?:add group|group_create|create group)\b(?! settings)/, group('create', { resource: 'group' })],
  [/^(?:(?:hard )?delete group|group_delete)\b(?! settings)/, group('delete', { resource: 'group' })],
  [
    /^(?:update group|restore group|group_update|group_restore|set group to be managed|assign label to group|remove label from group|(?:auto)?renew group)\b/,
    group('update', { resource: 'group' }),
  ],
  [/^(?:add|remove) member (?:to|from) (?:restricted management )?administrative unit/, entity('update', { resource: 'other' })],
  // Applications, consents, credentials
  [
    /^add app role assignment (?:grant )?to group/,
    group('assign_privileges', { privilege: to('app', 'granted'), resource: 'application' }),
  ],
  [/^remove app role assignment from group/, group('revoke_privileges', { privilege: to('app', 'revoked'), resource: 'application' })],
  [/^add app role assignment/, access('assign_privileges', { privilege: to('app', 'granted'), resource: 'application' })],
  [/^remove app role assignment/, access('revoke_privileges', { privilege: to('app', 'revoked'), resource: 'application' })],
  [
    /^(?:consent to application|add delegated permission grant|add oauth2permissiongrant|grant contextual consent|restore consent)/,
    access('assign_privileges', { privilege: to('app', 'granted'), resource: 'application' }),
  ],
  [
    /^(?:remove delegated permission grant|remove oauth2permissiongrant|delete consent|revoke consent)/,
    access('revoke_privileges', { privilege: to('app', 'revoked'), resource: 'application' }),
  ],
  [
    /^add owner to (?:application|service principal|policy)/,
    access('assign_privileges', { privilege: to('app', 'granted'), resource: 'application' }),
  ],
  [
    /^remove owner from (?:application|service principal|policy)/,
    access('revoke_privileges', { privilege: to('app', 'revoked'), resource: 'application' }),
  ],
  [
    /service principal credentials|certificates and secrets|external secrets|(?:create|delete) application password|generatenewactivationcredentials/,
    entity('update', { resource: 'application' }),
  ],
  // Accounts
  [
    /^(?:add user|create user|user_create|invite external user|invite internal user|viral user creation|redeem extern(?:al)? user invite|bulk (?:create|invite) users)/,
    account('create'),
  ],
  [/^(?:hard delete user|delete user|user_delete|delete external user|bulk delete users)/, account('delete')],
  [/^(?:restore user|enable account|bulk restore deleted users)/, account('enable')],
  [/^disable account/, account('disable')],
  [/^unlock user account|^(?:clear block on user|remove blocked user)|tenant\.?removeblockeduser/, account('unlock')],
  [/^add blocked user|createblockeduser/, account('lock')],
  [/^(?:change (?:user )?password|set windows hello pin)/, account('password_change')],
  [
    /^(?:reset (?:user )?password|blocked from self-service password reset|set force change user password|user password reset|reset password)/,
    account('password_reset'),
  ],
  [
    /^(?:user|admin) (?:deleted|removed) security info|^disable strong authentication|^remove users strong authentication|^delete (?:fido2|windows hello|passwordless|platform credential|passkey|hardware oath)|delete all available strong authentication|^add bypass user|createbypasseduser/,
    account('mfa_factor_disable'),
  ],
  [
    /^(?:user|admin) (?:registered|updated|changed default) .*security info|^(?:user|admin) (?:registered|updated) security info|^user changed default security info|^user started security info|^security info saved|^enable strong authentication|^add users strong authentication|^add (?:fido2|windows hello|passwordless|platform credential|passkey)|^register totp secret|temporary access pass|^user password registration|hardware oath token/,
    account('mfa_factor_enable'),
  ],
  [/^(?:update stsrefreshtokenvalidfrom|revoke (?:user )?sign-?in sessions|revoke all refresh tokens|sign out)/, authentication('logoff')],
  [
    /^(?:update user|set user manager|change user license|convert federated user|update external user|set user oath token)/,
    account('other'),
  ],
  // Steps on the way to a new password: the change itself has its own record.
  [/^(?:(?:admin|user) started password (?:reset|change)|self-service password reset)/, account('other')],
  // Identity Protection
  [
    /^(?:confirmaccountcompromised|confirmcompromised|confirmserviceprincipalcompromised|confirm (?:user|account|service principal|sign-in) compromised)/,
    entity('update', { resource: 'account', detection: 'confirmed_compromised' }),
  ],
  [/^(?:confirmsafe|dismissuser|dismissserviceprincipal|confirm .*safe|dismiss user)/, entity('update', { resource: 'account' })],
  [/^(?:suspicious activity reported|fraud reported)/, entity('other', { resource: 'account', detection: 'reported_by_user' })],
  // Entitlement management
  [
    /^(?:user requests(?! to (?:remove|extend)).*access package|create access package assignment user update request)/,
    access('other', { privilege: to('access_package', 'requested', true) }),
  ],
  [/^user requests to extend access package/, access('other', { privilege: to('access_package', 'requested', true) })],
  [
    /^(?:auto )?approve access package assignment request|^approval stage completed/,
    access('other', { privilege: to('access_package', 'approved', true) }),
  ],
  [/^deny access package assignment request/, access('other', { privilege: to('access_package', 'denied', true) })],
  [
    /^(?:cancel|delete|failed) access package assignment request|^failed access package/,
    access('other', { privilege: to('access_package', 'cancelled', true) }),
  ],
  [
    /^(?:fulfill access package assignment request|administrator directly assigns|entitlement management creates access package assignment)/,
    access('assign_privileges', { privilege: to('access_package', 'granted', true) }),
  ],
  [/^extend access package assignment/, access('assign_privileges', { privilege: to('access_package', 'extended', true) })],
  [
    /^(?:administrator directly removes|entitlement management removes access package|remove access package resource assignment|user requests to remove access package)/,
    access('revoke_privileges', { privilege: to('access_package', 'revoked', true) }),
  ],
  [/^access package assignment expired/, access('revoke_privileges', { privilege: to('access_package', 'expired', true) })],
  // B2C signs its users in through the audit log
  [
    /^validate (?:local account credentials|user authentication|client credentials)|^verify (?:one time password|phone number|email address)|^validate user authentication/,
    authentication('logon'),
  ],
  [
    /^issue (?:an? )?(?:id_token|access token|authorization code|saml assertion)|^exchange token|^federate with an identity provider/,
    authentication('authentication_ticket', { resource: 'application' }),
  ],
  [/^(?:make phone call|send (?:sms|verification email)|generate one time password)/, authentication('preauth')],
  [/^evaluate conditional access/, { class: 'authorize_session', activity: 'assign_privileges', resource: 'policy' }],
  // Devices and what they keep
  [/^(?:reveal|recover|read).*(?:local administrator password|bitlocker key)/, entity('read', { resource: 'secret' })],
  [/^(?:register|add|pre-create) device\b|^add registered (?:owner|users)/, entity('enroll', { resource: 'device' })],
  [/^(?:unregister|delete (?:pre-created )?) ?device|^remove registered (?:owner|users)/, entity('unenroll', { resource: 'device' })],
  [/^device no longer|^update device/, entity('update', { resource: 'device' })],
];

const IGNORED: readonly (readonly [RegExp, EntraIgnored])[] = [
  [
    /^(?:get|list|retrieve|check whether)\b|_get(?:all|\w*async|members|owners|memberof|ownedobjects|\w*properties|\w*operators|\w*attributes|\w*date)?$|^features_|^settings_|^groupsodatav4_|_validatedynamic|_evaluatedynamic/,
    'read_only',
  ],
  [/^dsr (?:export|delete)|cosmosdb|postgresql/, 'data_subject_request'],
  [
    /^(?:import|synchronization rule action|process escrow|quarantine|other|start applying group based license|finish applying group based license|trigger group license|email (?:not sent|subscribed|unsubscribed)|started \(bulk\))/,
    'sync_progress',
  ],
];

/** What kind of thing a verb-only activity is about, by words of its name. */
const RESOURCES: readonly (readonly [RegExp, Resource['kind']])[] = [
  [
    /polic|named location|authorization|cross-tenant|security defaults|federation|domain|authenticationcontext|agreement|terms of use|consent|password hash|desktop sso|partner|access review|decision/,
    'policy',
  ],
  [/application|service ?principal|\bapp\b|connector/, 'application'],
  [/group/, 'group'],
  [/role/, 'role'],
  [/device|kerberos/, 'device'],
  [/user|security info|authentication method/, 'account'],
  [/key|secret|credential|certificate/, 'secret'],
];

const VERBS: readonly (readonly [RegExp, ActivityOf<'entity_management'>])[] = [
  [/^(?:add|create|register|invite|upload|generate|onboard|import|post|publish|schedule)/, 'create'],
  [/^(?:hard delete|delete|remove|unset|unregister|demote|revoke)/, 'delete'],
  [/^(?:enable|unblock|activate)/, 'enable'],
  [/^(?:disable|block|deactivate)/, 'disable'],
  [/^(?:download|export|read|view|reveal)\b|^bulk download/, 'read'],
  [/^(?:restore|resume)/, 'resume'],
];

/** Microsoft has some 1,200 names; a sender who invents them must not grow this for ever. */
const KNOWN = new Map<string, Classified>();
const MAX_KNOWN = 5_000;

/**
 * What a directory audit activity means, by its name. An activity that no rule knows is kept as entity management: Microsoft adds some every month.
 *
 * @param name `activityDisplayName`, lower case, without the full stop that some services put after it
 */
export function classify(name: string): Classified {
  const known = KNOWN.get(name);
  if (known) return known;
  const found = byRules(name);
  if (KNOWN.size < MAX_KNOWN) KNOWN.set(name, found);
  return found;
}

function byRules(name: string): Classified {
  const rule = RULES.find(([pattern]) => pattern.test(name))?.[1];
  if (rule) return { mapping: rule };
  const reason = IGNORED.find(([pattern]) => pattern.test(name))?.[1];
  if (reason) return { ignored: reason };
  const verb = VERBS.find(([pattern]) => pattern.test(name))?.[1] ?? 'update';
  const resource = RESOURCES.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
  return { mapping: entity(verb, { resource }) };
}
