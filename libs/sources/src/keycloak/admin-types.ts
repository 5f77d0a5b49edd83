import type { Resource } from '@keyward/events';
import type { ActivityOf, ClassifiedActivity } from '../ocsf-export/activities.js';
import { flag, list, object, text } from '../json.js';
import type { KeycloakMapping } from './mapping.js';

/** What an object type of the admin console is. */
const KINDS: Readonly<Record<string, Resource['kind']>> = {
  REALM: 'policy',
  REALM_ROLE: 'role',
  REALM_ROLE_MAPPING: 'role',
  REALM_SCOPE_MAPPING: 'role',
  CLIENT_ROLE: 'role',
  CLIENT_ROLE_MAPPING: 'role',
  CLIENT_SCOPE_MAPPING: 'role',
  AUTH_FLOW: 'policy',
  AUTH_EXECUTION_FLOW: 'policy',
  AUTH_EXECUTION: 'policy',
  AUTHENTICATOR_CONFIG: 'policy',
  REQUIRED_ACTION: 'policy',
  REQUIRED_ACTION_CONFIG: 'policy',
  CLIENT_POLICY: 'policy',
  AUTHORIZATION_POLICY: 'policy',
  AUTHORIZATION_RESOURCE_SERVER: 'policy',
  AUTHORIZATION_RESOURCE: 'api',
  AUTHORIZATION_SCOPE: 'api',
  USER: 'account',
  USER_PROFILE: 'policy',
  USER_LOGIN_FAILURE: 'account',
  GROUP: 'group',
  GROUP_MEMBERSHIP: 'group',
  ORGANIZATION: 'group',
  ORGANIZATION_MEMBERSHIP: 'group',
  CLIENT: 'application',
  CLIENT_SCOPE: 'api',
  CLIENT_SCOPE_CLIENT_MAPPING: 'api',
  CLIENT_INITIAL_ACCESS_MODEL: 'secret',
};

const VERBS: Readonly<Record<string, 'create' | 'update' | 'delete'>> = {
  CREATE: 'create',
  UPDATE: 'update',
  DELETE: 'delete',
};

const account = (activity: ActivityOf<'account_change'>): ClassifiedActivity => ({ class: 'account_change', activity });
const LOGOFF: ClassifiedActivity = { class: 'authentication', activity: 'logoff' };

/** What was done to an account, by the path behind `users/{id}/`. */
const USER_PATHS: readonly (readonly [RegExp, ClassifiedActivity])[] = [
  [/\/logout$|\/sessions/, LOGOFF],
  [/\/impersonation$/, { class: 'authentication', activity: 'account_switch' }],
  [/\/reset-password(?:-email)?$/, account('password_reset')],
  [/\/(?:disable-credential-types|remove-totp|credentials)/, account('mfa_factor_disable')],
  [/\/consents/, { class: 'user_access', activity: 'revoke_privileges' }],
  [/^users\/[^/]+\/.+/, account('other')],
];

function userAct(operation: string, path: string, representation: unknown): ClassifiedActivity {
  if (/\/execute-actions-email$/.test(path)) {
    return account(list(representation).includes('UPDATE_PASSWORD') ? 'password_reset' : 'other');
  }
  if (/\/credentials\/[^/]+\/(?:move|userLabel)/.test(path)) return account('other');
  const found = USER_PATHS.find(([pattern]) => pattern.test(path))?.[1];
  if (found) return found;
  if (operation === 'CREATE') return account('create');
  if (operation === 'DELETE') return account('delete');
  // A representation names all members: that the account is enabled says nothing new, that it isn't does.
  return account(operation === 'UPDATE' && flag(object(representation)['enabled']) === false ? 'disable' : 'other');
}

/**
 * What an admin event did. Object types that are unknown (`CUSTOM`, those of extensions) are entities.
 *
 * @param representation what the admin sent, parsed; undefined when the realm doesn't include it
 */
export function adminMapping(resourceType: string, operation: string, path: string, representation: unknown): KeycloakMapping {
  const resource = KINDS[resourceType] ?? 'other';
  const verb = VERBS[operation];
  const takes = operation === 'DELETE';
  switch (resourceType) {
    case 'USER':
      return { as: userAct(operation, path, representation) };
    case 'USER_LOGIN_FAILURE':
      return { as: account('unlock') };
    case 'USER_SESSION':
      return { as: LOGOFF };
    case 'REALM_ROLE_MAPPING':
    case 'CLIENT_ROLE_MAPPING': {
      const change = takes ? 'revoked' : 'granted';
      return /^groups\//.test(path)
        ? { as: { class: 'group_management', activity: takes ? 'remove_roles' : 'assign_roles' }, resource, change }
        : { as: { class: 'user_access', activity: takes ? 'remove_role' : 'assign_role' }, resource, change };
    }
    case 'GROUP_MEMBERSHIP':
    case 'ORGANIZATION_MEMBERSHIP': {
      const asked = resourceType === 'ORGANIZATION_MEMBERSHIP' && /invite/.test(path);
      return {
        as: { class: 'group_management', activity: takes ? 'remove_user' : 'add_user' },
        resource,
        change: takes ? 'revoked' : asked ? 'requested' : 'granted',
      };
    }
    case 'GROUP':
    case 'ORGANIZATION':
      return { as: { class: 'group_management', activity: verb ?? 'update' }, resource };
    case 'REALM_SCOPE_MAPPING':
    case 'CLIENT_SCOPE_MAPPING':
    case 'CLIENT_SCOPE_CLIENT_MAPPING':
      return { as: { class: 'entity_management', activity: 'update' }, resource };
    default: {
      if (resourceType === 'REALM' && /logout-all$/.test(path)) return { as: LOGOFF };
      // A composite changes the role that holds it; a client's secret or node changes the client.
      const part = /composites|client-secret|\/nodes|registration-access-token|default-|optional-/.test(path);
      return { as: { class: 'entity_management', activity: part ? 'update' : (verb ?? 'update') }, resource };
    }
  }
}

/** Role names that give all, or the right to give rights: the one that can do most stands for a mapping of several. */
const STRONG = [/^realm-admin$|^admin$/, /admin/i, /^manage-|^impersonation$|^create-realm$/];

export function strongest(names: readonly string[]): string | undefined {
  for (const pattern of STRONG) {
    const found = names.find((name) => pattern.test(name));
    if (found !== undefined) return found;
  }
  return names[0];
}

/** @returns names of the roles in a representation: a list of them, or one */
export const roleNames = (representation: unknown): readonly string[] =>
  (Array.isArray(representation) ? list(representation) : [representation]).flatMap((role) => text(object(role)['name']) ?? []);
