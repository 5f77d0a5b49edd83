import type { Authentication, Outcome } from '@keyward/events';
import { at, defined, firstText, isObject, list, text } from '../json.js';
import type { Auth0Mapping } from './mapping.js';
import type { TenantLog } from './tenant-log.js';

/** Auth0's strategies, authenticators, realms and grants, by what they contain; first match wins. */
const METHODS: readonly (readonly [RegExp, string])[] = [
  [/webauthn|passkey|fido/, 'fido2'],
  [/push|\bpn\b|guardian/, 'push'],
  [/sms|phone/, 'sms'],
  [/voice/, 'voice'],
  [/otp|authenticator|totp/, 'totp'],
  [/recovery/, 'recovery_code'],
  [/email/, 'email'],
  [/duo/, 'duo'],
  [/database|^auth0$|password|^ad$|ldap/, 'password'],
  [/social|enterprise|saml|oidc|oauth|adfs|waad|wsfed|google|okta|ping|github|facebook|windowslive|apple/, 'federated'],
];
const methodOf = (word: string | undefined): string | undefined => {
  const lower = word?.toLowerCase();
  return lower === undefined ? undefined : METHODS.find(([pattern]) => pattern.test(lower))?.[1];
};

/** What Auth0 writes of a failure, by what it contains; first match wins. */
const FAILURES: readonly (readonly [RegExp, NonNullable<Authentication['failure']>])[] = [
  [/user is blocked|user_blocked|deactivated|disabled|suspended/, 'disabled'],
  [/too many|too_many|blocked|brute|limit/, 'locked'],
  [/expired/, 'expired'],
  [/wrong (?:email|username|password)|invalid (?:user )?credentials|invalid_user_password|invalid password|incorrect/, 'bad_password'],
  [/does not exist|not found|unknown user|invalid user\b|no such user/, 'unknown_user'],
  [/otp|mfa|challenge|verification code|invalid_code|passcode|recovery code/, 'bad_factor'],
  [
    /mismatch|not enabled|not allowed|unauthorized|access_denied|access denied|invalid_request|consent|policy|forbidden|not in the list|invalid origin|login_required/,
    'policy',
  ],
  [/cancel|interrupt|closed|abandon/, 'interrupted'],
];

/** How the actor proved who he is, or failed to. */
export function proofOf(log: TenantLog, mapping: Auth0Mapping, outcome: Outcome): Authentication | undefined {
  const { record, details } = log;
  const says = mapping.auth ?? {};
  const second = says.mfa === true || (outcome === 'success' && provedBySecondFactor(log));
  const method =
    (log.type === 's' || log.type === 'f' ? undefined : says.method) ??
    methodOf(text(at(details, 'authenticator', 'type')) ?? text(details['authentication_method'])) ??
    (second ? undefined : methodOf(firstText(record['strategy_type'], record['strategy'], details['grant_type']))) ??
    says.method;
  const application = text(record['client_name']) ?? text(record['client_id']);
  const protocol = text(details['protocol']);
  return defined<Authentication>({
    ...(method && { method }),
    ...(second && { mfa: true }),
    ...(says.step && { step: says.step }),
    ...(says.factorResult && { factorResult: says.factorResult }),
    ...(says.interactive !== undefined && { interactive: says.interactive }),
    ...(application && { application }),
    ...(protocol && { protocol }),
    ...(outcome === 'failure' && { failure: says.failure ?? failureOf(log) }),
  });
}

/** The whole sign-in names what was shown on its way: `prompts[].performed_amr`, or a prompt called `mfa`. */
const provedBySecondFactor = (log: TenantLog): boolean =>
  list(log.details['prompts']).some(
    (prompt) => isObject(prompt) && (/^mfa/.test(text(prompt['name']) ?? '') || list(prompt['performed_amr']).includes('mfa')),
  );

function failureOf(log: TenantLog): NonNullable<Authentication['failure']> {
  const error = log.details['error'];
  const words = [
    log.record['description'],
    isObject(error)
      ? [error['message'], error['type'], error['oauthError'], error['reason']].map((value) => text(value) ?? '').join(' ')
      : error,
    log.details['code'],
    at(log.details, 'failure_details', 'message'),
  ]
    .map((value) => text(value) ?? '')
    .join(' ')
    .slice(0, 2_000)
    .toLowerCase();
  return FAILURES.find(([pattern]) => pattern.test(words))?.[1] ?? 'other';
}
