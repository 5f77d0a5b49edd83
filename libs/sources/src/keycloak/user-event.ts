import type { AccessEvent, Account, Authentication, Outcome } from '@keyward/events';
import { accountName } from '../account-name.js';
import { defined, firstText, list, text } from '../json.js';
import { deviceOf } from '../user-agent.js';
import type { KeycloakMapping } from './mapping.js';
import type { UserEvent } from './records.js';

const SERVICE = /^service-account-/;

/** @param name the login; where Keycloak names none, the id stands for it */
export function account(id: string | undefined, name: string | undefined): Account | undefined {
  const login = accountName(name) ?? accountName(id);
  if (login === undefined) return undefined;
  return {
    system: 'keycloak',
    name: login,
    ...(id && { id }),
    ...(login.includes('@') && { email: login }),
    kind: SERVICE.test(login) ? 'service' : 'human',
  };
}

/** Who acted, and on whom: an impersonation is by the impersonator on the user whose session it is. */
export function partiesOf(event: UserEvent): { readonly actor?: Account; readonly target?: Account } {
  const { details } = event;
  const name = firstText(details['username'], details['identity_provider_identity'], details['email'], details['login_hint']);
  const self = account(event.userId, name === 'null' ? undefined : name);
  const impersonator = accountName(details['impersonator']);
  if (event.type.startsWith('IMPERSONATE') && impersonator !== undefined) {
    return { actor: { system: 'keycloak', name: impersonator, kind: 'human' }, ...(self && { target: self }) };
  }
  if (self) return { actor: self };
  const client = event.type.startsWith('CLIENT_') || event.type.startsWith('INTROSPECT') ? accountName(event.clientId) : undefined;
  return client === undefined ? {} : { actor: { system: 'keycloak', name: client, kind: 'service' } };
}

const METHODS: readonly (readonly [RegExp, string])[] = [
  [/webauthn|passkey/, 'fido2'],
  [/recovery/, 'recovery_code'],
  [/otp/, 'totp'],
  [/kerberos|spnego/, 'kerberos'],
  [/x509|cert|tls/, 'certificate'],
  [/secret|jwt|key/, 'key'],
  [/password/, 'password'],
];
const methodOf = (word: string | undefined): string | undefined => {
  const lower = word?.toLowerCase();
  return lower === undefined ? undefined : METHODS.find(([pattern]) => pattern.test(lower))?.[1];
};
const SECOND = new Set(['totp', 'recovery_code']);

/** Keycloak's errors (`org.keycloak.events.Errors`), by what they contain; first match wins. */
const FAILURES: readonly (readonly [RegExp, NonNullable<Authentication['failure']>])[] = [
  [/temporarily_disabled|locked|brute/, 'locked'],
  [/user_disabled|account_disabled|realm_disabled|client_disabled/, 'disabled'],
  [/user_not_found|username_missing|invalid_user$/, 'unknown_user'],
  [/expired|session_not_found|user_session/, 'expired'],
  [/rejected_by_user|consent_denied|cancel|resolve_required_actions|different_user|not_logged_in|already_logged_in/, 'interrupted'],
  [/totp|otp|recovery|webauthn/, 'bad_factor'],
  [/credentials|password/, 'bad_password'],
  [
    /redirect_uri|not_allowed|client_not_found|access_denied|invalid_client|ssl_required|origin|registration_disabled|policy|unauthorized|pkce|code_verifier|invalid_request/,
    'policy',
  ],
];

/** How the actor proved who he is, or failed to. */
export function proofOf(event: UserEvent, mapping: KeycloakMapping, outcome: Outcome): Authentication | undefined {
  const { details } = event;
  const says = mapping.auth ?? {};
  const word = firstText(
    details['credential_type'],
    details['authenticator'],
    details['x509_cert_serial_number'] === undefined ? undefined : 'x509',
  );
  const provider = firstText(details['identity_provider']);
  const service = event.type.startsWith('CLIENT_LOGIN');
  const wrongPassword = outcome === 'failure' && event.error === 'invalid_user_credentials' && says.step !== undefined;
  const method =
    methodOf(word) ??
    (provider === undefined ? undefined : 'federated') ??
    says.method ??
    (service ? (methodOf(text(details['client_auth_method'])) ?? 'key') : undefined) ??
    (text(details['grant_type']) === 'password' || wrongPassword ? 'password' : undefined);
  const second = method !== undefined && SECOND.has(method);
  const step = outcome === 'failure' && says.step === 'session' && says.interactive !== false ? 'primary' : says.step;
  const protocol = text(details['auth_method']);
  return defined<Authentication>({
    ...(method && { method }),
    ...(second && { mfa: true }),
    ...(second && outcome === 'failure' ? { step: 'second_factor' as const } : step && { step }),
    ...(says.factorResult && { factorResult: says.factorResult }),
    ...(says.interactive !== undefined && { interactive: says.interactive }),
    ...(event.clientId && { application: event.clientId }),
    ...(protocol && { protocol }),
    ...(outcome === 'failure' && { failure: failureOf(event, second) }),
  });
}

function failureOf(event: UserEvent, second: boolean): NonNullable<Authentication['failure']> {
  const error = event.error?.toLowerCase() ?? '';
  const found = FAILURES.find(([pattern]) => pattern.test(error))?.[1];
  return found === 'bad_password' && second ? 'bad_factor' : (found ?? 'other');
}

/** Default events say nothing of the browser; extensions add its string. */
export function deviceSeen(event: UserEvent): AccessEvent['device'] {
  const agent = firstText(event.details['user_agent'], event.details['userAgent'], event.details['User-Agent']);
  return agent === undefined ? undefined : deviceOf(agent);
}

/** What a user gave to an application, or took back: his consent; and what an invitation offers. */
export function userPrivilege(event: UserEvent, mapping: KeycloakMapping, granted: boolean): AccessEvent['privilege'] {
  if (!mapping.change) return undefined;
  const { details } = event;
  if (mapping.as.class === 'group_management') {
    const organization = firstText(details['org_id'], details['organization'], details['organization_id']);
    return organization === undefined || !granted
      ? undefined
      : { change: mapping.change, entitlement: `keycloak:organization:${organization}`, jit: false };
  }
  const client = firstText(details['revoked_client'], event.clientId);
  return client === undefined ? undefined : { change: mapping.change, entitlement: `keycloak:consent:${client}`, jit: false };
}

/** Which factor a credential event is about: a password is none. */
export function credentialAct(event: UserEvent, mapping: KeycloakMapping): KeycloakMapping['as'] {
  const bare = event.type.replace(/_ERROR$/, '');
  if (bare !== 'UPDATE_CREDENTIAL' && bare !== 'REMOVE_CREDENTIAL') return mapping.as;
  const type = firstText(event.details['credential_type'], list(event.details['credential_types'])[0]);
  return type === 'password' ? { class: 'account_change', activity: 'password_change' } : mapping.as;
}
