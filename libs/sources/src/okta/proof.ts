import type { Account, Authentication, Outcome } from '@keyward/events';
import { at, defined, text } from '../json.js';
import { appTarget, known, type LogEvent } from './log-event.js';
import type { OktaMapping } from './mapping.js';

/** Okta's names of factors and credentials, by what they contain; first match wins. */
const METHODS: readonly (readonly [RegExp, string])[] = [
  [/PUSH/, 'push'],
  [/SIGNED_NONCE|FASTPASS/, 'fastpass'],
  [/WEBAUTHN|FIDO|PASSKEY|U2F/, 'fido2'],
  [/SOFT_TOKEN|TOTP|GOOGLE_AUTH|GOOGLE_OTP|CUSTOM_OTP|\bOTP\b/, 'totp'],
  [/YUBIKEY|RSA|SYMANTEC|HARDWARE/, 'hardware_token'],
  [/SMS/, 'sms'],
  [/CALL|VOICE/, 'voice'],
  [/EMAIL/, 'email'],
  [/QUESTION/, 'question'],
  [/DUO/, 'duo'],
  [/PASSWORD/, 'password'],
  [/SMART_?CARD|X509|CERT/, 'certificate'],
  [/IWA|KERBEROS|DSSO/, 'kerberos'],
  [/ASSERTION|SAML|FEDERAT|SOCIAL|OIDC|IDP/, 'federated'],
  [/JWT|PRIVATE_KEY/, 'key'],
  [/OAUTH|TOKEN/, 'token'],
];

const methodOf = (word: string | undefined): string | undefined => {
  const upper = word?.toUpperCase();
  return upper === undefined ? undefined : METHODS.find(([pattern]) => pattern.test(upper))?.[1];
};

/** One factor that proves possession or being, as opposed to knowing the password. */
const SECOND_FACTORS = new Set(['push', 'fastpass', 'fido2', 'totp', 'hardware_token', 'sms', 'voice', 'email', 'duo']);

/**
 * How the actor proved who he is, or failed to. In Identity Engine organisations `auth_via_mfa` is logged for every factor, the password too:
 * then it is the primary step.
 *
 * @param actor who tried; undefined or without id when Okta knows no such user
 */
export function proofOf(event: LogEvent, mapping: OktaMapping, outcome: Outcome, actor: Account | undefined): Authentication | undefined {
  const { debug, record } = event;
  const context = record['authenticationContext'];
  const enrolment = event.targets.find((one) => /Authenticator/i.test(one.type));
  const factor = methodOf(known(debug['factor']));
  const method =
    factor ??
    mapping.auth?.method ??
    methodOf(known(enrolment?.detail['methodTypeUsed'])) ??
    methodOf(known(at(context, 'credentialType'))) ??
    methodOf(enrolment?.displayName) ??
    methodOf(known(debug['clientAuthType']));
  const password = factor === 'password';
  const step =
    mapping.auth?.step === 'session' && outcome === 'failure' && event.type === 'user.session.start' ? 'primary' : mapping.auth?.step;
  const second = !password && (mapping.auth?.mfa === true || (factor !== undefined && SECOND_FACTORS.has(factor)));
  const app = appTarget(event)?.displayName;
  const protocol = known(debug['signOnMode']) ?? text(appTarget(event)?.detail['signOnModeType']);
  const result = factorResult(event, mapping, outcome, second);
  return defined<Authentication>({
    ...(method && { method }),
    ...(second ? { mfa: true } : password ? { mfa: false } : {}),
    ...(password ? { step: 'primary' as const } : second ? { step: 'second_factor' as const } : step && { step }),
    ...(result && { factorResult: result }),
    ...(mapping.activity === 'authentication_ticket' && { interactive: false }),
    ...(app && { application: app }),
    ...(protocol && { protocol }),
    ...(outcome === 'failure' && { failure: failureOf(event, second, result, actor) }),
  });
}

/** Every text in which Okta says what became of a factor. */
function factorWords(event: LogEvent): string {
  const { debug, record } = event;
  return [
    at(record, 'outcome', 'reason'),
    debug['pushOnlyResponseType'],
    debug['pushWithNumberChallengeResponseType'],
    debug['factorResult'],
  ]
    .map((value) => text(value) ?? '')
    .join(' ')
    .toUpperCase();
}

function factorResult(event: LogEvent, mapping: OktaMapping, outcome: Outcome, second: boolean): Authentication['factorResult'] {
  if (mapping.auth?.factorResult) return mapping.auth.factorResult;
  if (!second) return undefined;
  const result = text(at(event.record, 'outcome', 'result'))?.toUpperCase();
  if (result === 'CHALLENGE') return 'challenged';
  if (outcome === 'success') return mapping.activity === 'logon' ? 'approved' : undefined;
  const words = factorWords(event);
  if (/REJECT|DENY|DENIED|DECLINE/.test(words)) return 'denied';
  return result === 'UNANSWERED' || /TIME.?OUT|TIMED|EXPIRE|WITHOUT_RESPONSE|UNANSWERED|NO_RESPONSE/.test(words) ? 'timeout' : undefined;
}

/** Okta's reasons, by what they contain; first match wins. */
const FAILURES: readonly (readonly [RegExp, NonNullable<Authentication['failure']>])[] = [
  [/LOCKED|LOCKOUT|LOCK_OUT/, 'locked'],
  [/PASSWORD_EXPIRED|EXPIRED_PASSWORD|PASSWORD EXPIRED/, 'expired'],
  [/DEACTIVATED|SUSPENDED|INACTIVE|DISABLED|DEPROVISIONED|NOT_ACTIVE|NOT ACTIVE/, 'disabled'],
  [/NOT_FOUND|NOT FOUND|UNKNOWN_USER|NO_USER|NOT_ASSIGNED_TO_ORG/, 'unknown_user'],
  [/POLICY|BLACKLIST|BLOCKED|DENY|DENIED|NETWORK_ZONE|NOT_ALLOWED|NOT ASSIGNED|NOT_ASSIGNED|FORBIDDEN/, 'policy'],
];

function failureOf(
  event: LogEvent,
  second: boolean,
  result: Authentication['factorResult'],
  actor: Account | undefined,
): NonNullable<Authentication['failure']> {
  const code = text(at(event.record, 'outcome', 'result'))?.toUpperCase();
  const reason = (text(at(event.record, 'outcome', 'reason')) ?? '').toUpperCase();
  if (code === 'CHALLENGE' || code === 'SKIPPED' || code === 'ABANDONED') return 'interrupted';
  if (second && (result === 'denied' || result === 'timeout')) return 'bad_factor';
  const named = FAILURES.find(([pattern]) => pattern.test(reason))?.[1];
  if (named) return named;
  if (code === 'DENY') return 'policy';
  if (
    /INVALID_CREDENTIALS|VERIFICATION_ERROR|INVALID_LOGIN|BAD_PASSWORD|WRONG|INCORRECT|MFA|FACTOR|INVALID_TOKEN|INVALID_PASSCODE/.test(
      reason,
    )
  ) {
    if (second || /MFA|FACTOR|PASSCODE/.test(reason)) return 'bad_factor';
    return actor?.kind === 'human' && actor.id === undefined ? 'unknown_user' : 'bad_password';
  }
  if (second) return 'bad_factor';
  return 'other';
}
