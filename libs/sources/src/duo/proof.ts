import type { Authentication } from '@keyward/events';
import { defined } from '../json.js';

/** Duo's factors, new names and old, by what they contain; first match wins. */
const METHODS: readonly (readonly [RegExp, string])[] = [
  [/push/, 'push'],
  [/webauthn|u2f|touch ?id|passkey|platform|roaming|security key|desktop auth/, 'fido2'],
  [/bypass/, 'bypass_code'],
  [/sms/, 'sms'],
  [/phone|call/, 'voice'],
  [/hardware|yubikey|token/, 'hardware_token'],
  [/passcode|otp|code/, 'totp'],
  [/remembered|trusted/, 'remembered_device'],
  [/password/, 'password'],
];
export const methodOf = (factor: string | undefined): string | undefined => {
  const lower = factor?.toLowerCase().replaceAll('_', ' ');
  return lower === undefined ? undefined : METHODS.find(([pattern]) => pattern.test(lower))?.[1];
};

/** Nobody was asked for anything: policy, place or an earlier answer let him in. */
const UNASKED = /bypass_user|allow|trusted|remembered|no_?2fa|policy/;
const APPROVED = /user_approved|valid_passcode|valid_|approved/;
const DENIED = /fraud|mistake|cancel|denied|invalid_passcode|incorrect/;
const TIMEOUT = /no_response|no_keys|timed_out|timeout|expired/;

/** Duo's reasons, by what they contain; first match wins. */
const FAILURES: readonly (readonly [RegExp, NonNullable<Authentication['failure']>])[] = [
  [/locked|frequent_attempts/, 'locked'],
  [/user_disabled|disabled_user/, 'disabled'],
  [/cancel/, 'interrupted'],
  [/invalid_passcode|mistake|fraud|no_response|no_keys|timed_out|timeout|expired|incorrect/, 'bad_factor'],
  [
    /restricted|unenrolled|not_in_permitted|permitted|anonymous|anomalous|rooted|screen_lock|encryption|certificate|out_of_date|endpoint|version|platform|software|verification|device|policy|deny|denied|browser|java|flash|agent/,
    'policy',
  ],
];

/**
 * @param reason Duo's own, `user_marked_fraud`; v1 writes `User approved`
 * @param success whether the person got in
 */
export function secondFactor(factor: string | undefined, reason: string, success: boolean): Authentication {
  const words = reason.toLowerCase().replaceAll(' ', '_');
  const method = methodOf(factor);
  const asked = !UNASKED.test(words) && method !== 'remembered_device';
  const result = success
    ? asked && (APPROVED.test(words) || method !== undefined)
      ? 'approved'
      : undefined
    : DENIED.test(words)
      ? 'denied'
      : TIMEOUT.test(words)
        ? 'timeout'
        : undefined;
  const failure = FAILURES.find(([pattern]) => pattern.test(words))?.[1] ?? 'other';
  return (
    defined<Authentication>({
      step: 'second_factor',
      mfa: success ? asked && method !== undefined : method !== undefined,
      ...(method && { method }),
      ...(result && { factorResult: result }),
      ...(!success && { failure }),
    }) ?? {}
  );
}
