import type { ActivityOf } from '../ocsf-export/activities.js';
import type { KeycloakMapping } from './mapping.js';

const authentication = (activity: ActivityOf<'authentication'>, auth: KeycloakMapping['auth'] = {}): KeycloakMapping => ({
  as: { class: 'authentication', activity },
  auth,
});
const account = (activity: ActivityOf<'account_change'>, more: Omit<KeycloakMapping, 'as'> = {}): KeycloakMapping => ({
  as: { class: 'account_change', activity },
  ...more,
});
const entity = (activity: ActivityOf<'entity_management'>): KeycloakMapping => ({
  as: { class: 'entity_management', activity },
  resource: 'application',
});
const TOKEN: KeycloakMapping = authentication('authentication_ticket', { step: 'session', interactive: false });
const ASKS: KeycloakMapping = { as: { class: 'api_activity', activity: 'read' }, resource: 'api' };

/** Types of user events without their `_ERROR`, those of Keycloak 26 and of former versions. */
export const USER_TYPES: Readonly<Record<string, KeycloakMapping>> = {
  LOGIN: authentication('logon', { step: 'session' }),
  CLIENT_LOGIN: authentication('logon', { step: 'session', interactive: false }),
  IDENTITY_PROVIDER_LOGIN: authentication('preauth', { step: 'primary', method: 'federated' }),
  IDENTITY_PROVIDER_FIRST_LOGIN: authentication('preauth', { step: 'primary', method: 'federated' }),
  IDENTITY_PROVIDER_POST_LOGIN: authentication('preauth', { step: 'primary', method: 'federated' }),
  IDENTITY_PROVIDER_RESPONSE: authentication('preauth', { step: 'primary', method: 'federated' }),
  IDENTITY_PROVIDER_RETRIEVE_TOKEN: authentication('authentication_ticket', { method: 'federated', interactive: false }),
  RESTART_AUTHENTICATION: authentication('preauth', { step: 'primary' }),
  IMPERSONATE: authentication('account_switch', { step: 'session' }),
  LOGOUT: authentication('logoff'),
  USER_SESSION_DELETED: authentication('logoff'),
  REVOKE_TOKEN: authentication('logoff'),
  CODE_TO_TOKEN: TOKEN,
  REFRESH_TOKEN: authentication('authentication_ticket', { step: 'session', method: 'token', interactive: false }),
  TOKEN_EXCHANGE: authentication('authentication_ticket', { step: 'session', method: 'token', interactive: false }),
  OAUTH2_DEVICE_AUTH: authentication('preauth', { step: 'primary', factorResult: 'challenged' }),
  OAUTH2_DEVICE_VERIFY_USER_CODE: authentication('preauth', { step: 'primary' }),
  OAUTH2_DEVICE_CODE_TO_TOKEN: TOKEN,
  OAUTH2_EXTENSION_GRANT: TOKEN,
  AUTHREQID_TO_TOKEN: TOKEN,
  JWT_BEARER: authentication('authentication_ticket', { step: 'session', method: 'key', interactive: false }),
  JWT_AUTHORIZATION_GRANT: authentication('authentication_ticket', { step: 'session', method: 'key', interactive: false }),
  PERMISSION_TOKEN: TOKEN,
  PUSHED_AUTHORIZATION_REQUEST: authentication('preauth', { step: 'primary' }),
  INVALID_SIGNATURE: authentication('preauth', {}),
  VALIDATE_ACCESS_TOKEN: ASKS,
  INTROSPECT_TOKEN: ASKS,
  USER_INFO_REQUEST: ASKS,
  CLIENT_INFO: ASKS,
  REGISTER: account('create'),
  INVITE_ORG: { as: { class: 'group_management', activity: 'add_user' }, resource: 'group', change: 'requested' },
  DELETE_ACCOUNT: account('delete'),
  UPDATE_EMAIL: account('other'),
  UPDATE_PROFILE: account('other'),
  VERIFY_EMAIL: account('other'),
  VERIFY_PROFILE: account('other'),
  SEND_VERIFY_EMAIL: account('other'),
  UPDATE_PASSWORD: account('password_change', { auth: { method: 'password' } }),
  RESET_PASSWORD: account('password_reset', { auth: { method: 'password' } }),
  SEND_RESET_PASSWORD: account('password_reset', { auth: { method: 'password' } }),
  UPDATE_TOTP: account('mfa_factor_enable', { auth: { method: 'totp' } }),
  REMOVE_TOTP: account('mfa_factor_disable', { auth: { method: 'totp' } }),
  UPDATE_CREDENTIAL: account('mfa_factor_enable'),
  REMOVE_CREDENTIAL: account('mfa_factor_disable'),
  USER_DISABLED_BY_PERMANENT_LOCKOUT: account('lock'),
  USER_DISABLED_BY_TEMPORARY_LOCKOUT: account('lock'),
  FEDERATED_IDENTITY_LINK: account('other'),
  FEDERATED_IDENTITY_OVERRIDE_LINK: account('other'),
  REMOVE_FEDERATED_IDENTITY: account('other'),
  IDENTITY_PROVIDER_LINK_ACCOUNT: account('other'),
  SEND_IDENTITY_PROVIDER_LINK: account('other'),
  CLIENT_INITIATED_ACCOUNT_LINKING: account('other'),
  CUSTOM_REQUIRED_ACTION: account('other'),
  EXECUTE_ACTIONS: account('other'),
  EXECUTE_ACTION_TOKEN: account('other'),
  GRANT_CONSENT: { as: { class: 'user_access', activity: 'assign_privileges' }, resource: 'application', change: 'granted' },
  UPDATE_CONSENT: { as: { class: 'user_access', activity: 'assign_privileges' }, resource: 'application', change: 'granted' },
  REVOKE_GRANT: { as: { class: 'user_access', activity: 'revoke_privileges' }, resource: 'application', change: 'revoked' },
  CLIENT_REGISTER: entity('create'),
  CLIENT_UPDATE: entity('update'),
  CLIENT_DELETE: entity('delete'),
  REGISTER_NODE: entity('update'),
  UNREGISTER_NODE: entity('update'),
  VERIFIABLE_CREDENTIAL_REQUEST: TOKEN,
};

const FAMILIES: readonly (readonly [RegExp, KeycloakMapping])[] = [
  [/LOGOUT|SESSION/, authentication('logoff')],
  [/LOGIN|AUTHENTICAT|DEVICE/, authentication('preauth', { step: 'primary' })],
  [/TOKEN|GRANT|CODE|JWT/, TOKEN],
  [/PASSWORD/, account('password_change')],
  [/TOTP|OTP|WEBAUTHN|CREDENTIAL|MFA|RECOVERY/, account('mfa_factor_enable')],
  [/LOCKOUT|DISABLED/, account('lock')],
  [/CLIENT/, entity('update')],
  [/USER|ACCOUNT|EMAIL|PROFILE|IDENTITY|REGISTER|INVITE|ORG|ACTION/, account('other')],
];
const TYPES = new Map(Object.entries(USER_TYPES));

/** Whether some version of Keycloak has the type. */
export const isUserType = (type: string): boolean => TYPES.has(type.replace(/_ERROR$/, ''));

/** @param type with or without `_ERROR`; one that no version has had is placed by the words of its name, never dropped */
export function userMapping(type: string): KeycloakMapping {
  const bare = type.replace(/_ERROR$/, '');
  return TYPES.get(bare) ?? FAMILIES.find(([pattern]) => pattern.test(bare))?.[1] ?? { as: { class: 'api_activity', activity: 'other' } };
}
