import type { Privilege, Resource } from '@keyward/events';
import type { ClassifiedActivity } from '../ocsf-export/activities.js';
import { flag, isObject, type JsonObject } from '../json.js';

/** One kind of Management API call. The first that matches counts. */
export interface Operation {
  readonly method: RegExp;
  /** Against the path behind `/api/v2/`. */
  readonly path: RegExp;
  /** Against `description`, for records that name no path. */
  readonly words?: RegExp;
  readonly as: ClassifiedActivity;
  /** What the body says more exactly. */
  readonly refine?: (body: JsonObject) => ClassifiedActivity | undefined;
  readonly concerns?: 'user' | 'client';
  readonly gives?: 'role' | 'permission' | 'api' | 'organization' | 'consent' | 'tenant_role';
  readonly change?: Privilege['change'];
  readonly refineChange?: (body: JsonObject) => Privilege['change'] | undefined;
  readonly resource?: Resource['kind'];
}

const POST = /^(?:POST|PUT)$/;
const PATCH = /^(?:PATCH|PUT)$/;
const DELETE = /^DELETE$/;
const ANY = /^/;

export const READ: Operation = { method: /^GET$/, path: ANY, as: { class: 'api_activity', activity: 'read' }, resource: 'secret' };

const ASSIGN_ROLE: ClassifiedActivity = { class: 'user_access', activity: 'assign_role' };
const REMOVE_ROLE: ClassifiedActivity = { class: 'user_access', activity: 'remove_role' };
const ASSIGN: ClassifiedActivity = { class: 'user_access', activity: 'assign_privileges' };
const ASK: ClassifiedActivity = { class: 'user_access', activity: 'other' };
const REVOKE: ClassifiedActivity = { class: 'user_access', activity: 'revoke_privileges' };
const FACTOR_ON: ClassifiedActivity = { class: 'account_change', activity: 'mfa_factor_enable' };
const FACTOR_OFF: ClassifiedActivity = { class: 'account_change', activity: 'mfa_factor_disable' };
const LOGOFF: ClassifiedActivity = { class: 'authentication', activity: 'logoff' };
const CREATE: ClassifiedActivity = { class: 'entity_management', activity: 'create' };
const UPDATE: ClassifiedActivity = { class: 'entity_management', activity: 'update' };
const REMOVE: ClassifiedActivity = { class: 'entity_management', activity: 'delete' };

/** `PATCH /users/{id}` is all that can be changed of an account: a block, a password, an address. */
function userPatch(body: JsonObject): ClassifiedActivity | undefined {
  const blocked = flag(body['blocked']);
  if (blocked !== undefined) return { class: 'account_change', activity: blocked ? 'disable' : 'enable' };
  if ('password' in body) return { class: 'account_change', activity: 'password_change' };
  const metadata = body['app_metadata'];
  if (isObject(metadata) && ('roles' in metadata || 'authorization' in metadata)) return ASSIGN_ROLE;
  return undefined;
}

const accepted = (body: JsonObject): boolean => body['state'] === 'accepted';

/** Create, update and delete of one collection. */
const things = (path: RegExp, words: string, resource: Resource['kind']): readonly Operation[] => [
  { method: DELETE, path, words: new RegExp(`^(?:delete|remove)\\b.{0,20}\\b(?:${words})\\b`, 'i'), as: REMOVE, resource },
  {
    method: /^PATCH$/,
    path,
    words: new RegExp(`^(?:update|patch|set|rotate|change)\\b.{0,20}\\b(?:${words})\\b`, 'i'),
    as: UPDATE,
    resource,
  },
  { method: /^PUT$/, path, as: UPDATE, resource },
  { method: /^POST$/, path, words: new RegExp(`^(?:create|add)\\b.{0,20}\\b(?:${words})\\b`, 'i'), as: CREATE, resource },
];

export const OPERATIONS: readonly Operation[] = [
  // Roles and permissions of accounts.
  {
    method: POST,
    path: /^users\/[^/]+\/roles$|^roles\/[^/]+\/users$/,
    words: /^assign (?:roles? to (?:a )?users?|users? to (?:a )?roles?)/i,
    as: ASSIGN_ROLE,
    concerns: 'user',
    gives: 'role',
    resource: 'role',
  },
  {
    method: DELETE,
    path: /^users\/[^/]+\/roles$|^roles\/[^/]+\/users$/,
    words: /^remove roles? from (?:a )?user/i,
    as: REMOVE_ROLE,
    concerns: 'user',
    gives: 'role',
    change: 'revoked',
    resource: 'role',
  },
  {
    method: POST,
    path: /^users\/[^/]+\/permissions$/,
    words: /^assign permissions? to (?:a )?user/i,
    as: ASSIGN,
    concerns: 'user',
    gives: 'permission',
    resource: 'api',
  },
  {
    method: DELETE,
    path: /^users\/[^/]+\/permissions$/,
    words: /^remove permissions? from (?:a )?user/i,
    as: REVOKE,
    concerns: 'user',
    gives: 'permission',
    change: 'revoked',
    resource: 'api',
  },
  {
    method: POST,
    path: /^organizations\/[^/]+\/members\/[^/]+\/roles$/,
    words: /^assign (?:organization )?(?:user )?roles? to (?:an )?(?:organization )?member|^assign user roles/i,
    as: ASSIGN_ROLE,
    concerns: 'user',
    gives: 'role',
    resource: 'role',
  },
  {
    method: DELETE,
    path: /^organizations\/[^/]+\/members\/[^/]+\/roles$/,
    words: /^(?:delete|remove) (?:user )?roles? from (?:an )?(?:organization )?member/i,
    as: REMOVE_ROLE,
    concerns: 'user',
    gives: 'role',
    change: 'revoked',
    resource: 'role',
  },
  {
    method: POST,
    path: /^organizations\/[^/]+\/members$/,
    words: /^add members? to (?:an )?organization/i,
    as: { class: 'group_management', activity: 'add_user' },
    concerns: 'user',
    gives: 'organization',
    resource: 'group',
  },
  {
    method: DELETE,
    path: /^organizations\/[^/]+\/members$/,
    words: /^(?:delete|remove) members? from (?:an )?organization/i,
    as: { class: 'group_management', activity: 'remove_user' },
    concerns: 'user',
    gives: 'organization',
    change: 'revoked',
    resource: 'group',
  },
  {
    method: POST,
    path: /^organizations\/[^/]+\/invitations/,
    words: /^create (?:an )?(?:organization )?invitations?(?: to (?:an )?organization)?$/i,
    as: ASK,
    concerns: 'user',
    gives: 'organization',
    change: 'requested',
    resource: 'group',
  },
  { method: DELETE, path: /^organizations\/[^/]+\/invitations/, as: REVOKE, concerns: 'user', resource: 'group' },
  // Who may administer the tenant.
  {
    method: POST,
    path: /^tenants?[/-]invitations/,
    words: /(?:create|send|invite).*\btenant invitation/i,
    as: ASK,
    concerns: 'user',
    gives: 'tenant_role',
    change: 'requested',
    resource: 'role',
  },
  {
    method: PATCH,
    path: /^tenants?[/-]invitations/,
    words: /^update an invitation/i,
    as: ASSIGN_ROLE,
    refine: (body) => (accepted(body) ? undefined : ASK),
    refineChange: (body) => (accepted(body) ? 'granted' : 'denied'),
    concerns: 'user',
    gives: 'tenant_role',
    resource: 'role',
  },
  {
    method: /^(?:POST|PATCH|PUT)$/,
    path: /^tenants?[/-].*(?:members|owners)/,
    words: /(?:update|add|create).*\btenant (?:member|owner|admin)/i,
    as: ASSIGN_ROLE,
    concerns: 'user',
    gives: 'tenant_role',
    resource: 'role',
  },
  {
    method: DELETE,
    path: /^tenants?[/-].*(?:members|owners|invitations)/,
    words: /(?:delete|remove).*\btenant (?:member|owner|admin|invitation)/i,
    as: REMOVE_ROLE,
    concerns: 'user',
    gives: 'tenant_role',
    change: 'revoked',
    resource: 'role',
  },
  // What an application may call, and what people let it do.
  {
    method: /^(?:POST|PATCH|PUT)$/,
    path: /^client-grants(?:\/|$)/,
    words: /^(?:create|update) (?:a )?client.?grant/i,
    as: ASSIGN,
    concerns: 'client',
    gives: 'api',
    resource: 'api',
  },
  {
    method: DELETE,
    path: /^client-grants(?:\/|$)/,
    words: /^delete (?:a )?client.?grant/i,
    as: REVOKE,
    concerns: 'client',
    gives: 'api',
    change: 'revoked',
    resource: 'api',
  },
  {
    method: DELETE,
    path: /^grants(?:\/|$)/,
    words: /^delete (?:a )?grant/i,
    as: REVOKE,
    concerns: 'user',
    gives: 'consent',
    change: 'revoked',
    resource: 'application',
  },
  // Factors.
  {
    method: DELETE,
    path: /^users\/[^/]+\/(?:multifactor|authenticators|authentication-methods)(?:\/|$)|^guardian\/enrollments\/[^/]+$/,
    words: /^delete.*(?:multi.?factor|authenticat|enrollment)/i,
    as: FACTOR_OFF,
    concerns: 'user',
  },
  {
    method: POST,
    path: /^users\/[^/]+\/(?:multifactor\/actions|recovery-code-regeneration)/,
    words: /invalidate.*remember|recovery code/i,
    as: FACTOR_OFF,
    concerns: 'user',
  },
  {
    method: /^(?:POST|PUT|PATCH)$/,
    path: /^users\/[^/]+\/authentication-methods|^guardian\/(?:enrollments|post-ticket|enrollments\/ticket)/,
    words: /(?:create|update).*(?:authentication method|enrollment)/i,
    as: FACTOR_ON,
    concerns: 'user',
  },
  // Sessions and tokens.
  {
    method: DELETE,
    path: /^(?:users\/[^/]+\/)?(?:sessions|refresh-tokens|federated-connections-tokensets)(?:\/|$)/,
    words: /^(?:delete|revoke).*(?:session|refresh.?token)/i,
    as: LOGOFF,
    concerns: 'user',
  },
  {
    method: POST,
    path: /^users\/[^/]+\/revoke-access$|^sessions\/[^/]+\/revoke$|^blacklists\/tokens$/,
    words: /revoke.*access|blacklist.*token/i,
    as: LOGOFF,
    concerns: 'user',
  },
  // Accounts.
  {
    method: DELETE,
    path: /^(?:user-blocks|anomaly\/blocks)(?:\/|$)/,
    words: /^unblock|^remove .*block/i,
    as: { class: 'account_change', activity: 'unlock' },
    concerns: 'user',
  },
  {
    method: POST,
    path: /^tickets\/password-change$/,
    words: /password.?change ticket/i,
    as: { class: 'account_change', activity: 'password_reset' },
    concerns: 'user',
  },
  {
    method: POST,
    path: /^tickets\/email-verification$|^jobs\/verification-email$/,
    words: /email.?verification|verification.?email/i,
    as: { class: 'account_change', activity: 'other' },
    concerns: 'user',
  },
  { method: POST, path: /^jobs\/users-imports$/, words: /import users/i, as: CREATE, resource: 'account' },
  {
    method: POST,
    path: /^jobs\/users-exports$/,
    words: /export users/i,
    as: { class: 'entity_management', activity: 'read' },
    resource: 'account',
  },
  {
    method: ANY,
    path: /^users\/[^/]+\/identities/,
    words: /(?:link|unlink).*(?:account|identit)/i,
    as: { class: 'account_change', activity: 'other' },
    concerns: 'user',
  },
  { method: POST, path: /^users$/, words: /^create (?:a )?user$/i, as: { class: 'account_change', activity: 'create' }, concerns: 'user' },
  {
    method: PATCH,
    path: /^users\/[^/]+$/,
    words: /^update (?:a )?user$/i,
    as: { class: 'account_change', activity: 'other' },
    refine: userPatch,
    concerns: 'user',
  },
  {
    method: DELETE,
    path: /^users\/[^/]+$|^connections\/[^/]+\/users/,
    words: /^delete (?:a )?(?:connection )?user$/i,
    as: { class: 'account_change', activity: 'delete' },
    concerns: 'user',
  },
  { method: ANY, path: /^users(?:\/|$)/, as: { class: 'account_change', activity: 'other' }, concerns: 'user' },
  // Things that decide over access.
  { method: POST, path: /^clients\/[^/]+\/(?:rotate-secret|credentials)/, words: /rotate.*secret/i, as: UPDATE, resource: 'application' },
  { method: DELETE, path: /^clients\/[^/]+\/credentials/, as: UPDATE, resource: 'application' },
  { method: /^POST$/, path: /^roles\/[^/]+\/permissions$/, words: /^(?:associate|add) permissions?/i, as: UPDATE, resource: 'role' },
  { method: DELETE, path: /^roles\/[^/]+\/permissions$/, words: /^remove permissions? from (?:a )?role/i, as: UPDATE, resource: 'role' },
  {
    method: POST,
    path: /^organizations$/,
    words: /^create (?:an )?organization$/i,
    as: { class: 'group_management', activity: 'create' },
    resource: 'group',
  },
  {
    method: DELETE,
    path: /^organizations\/[^/]+$/,
    words: /^delete (?:an )?organization$/i,
    as: { class: 'group_management', activity: 'delete' },
    resource: 'group',
  },
  {
    method: ANY,
    path: /^organizations(?:\/|$)/,
    words: /organization/i,
    as: { class: 'group_management', activity: 'update' },
    resource: 'group',
  },
  { method: POST, path: /^device-credentials/, as: { class: 'entity_management', activity: 'enroll' }, resource: 'device' },
  { method: DELETE, path: /^device-credentials/, as: { class: 'entity_management', activity: 'unenroll' }, resource: 'device' },
  ...things(/^clients(?:\/|$)/, 'client|application', 'application'),
  ...things(/^roles(?:\/|$)/, 'role', 'role'),
  ...things(/^resource-servers(?:\/|$)/, 'resource server|api', 'api'),
  ...things(/^(?:connections|self-service-profiles)(?:\/|$)/, 'connection|self.service profile', 'other'),
  ...things(/^(?:keys|encryption-keys|signing-keys)(?:\/|$)/, 'keys?', 'secret'),
  ...things(
    /^(?:tenants|attack-protection|guardian|rules|rules-configs|actions|hooks|triggers|network-acls|risk-assessments|prompts|token-exchange-profiles|anomaly|log-streams|event-streams)(?:\/|$)/,
    'tenant|attack protection|guardian|factor|rules?|actions?|hooks?|triggers?|polic(?:y|ies)|log stream|settings',
    'policy',
  ),
  ...things(ANY, '.{1,60}', 'other'),
];
