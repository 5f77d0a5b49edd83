import type { Outcome } from '@keyward/events';
import { IGNORED_TYPES, LOG_TYPES } from './log-types.js';
import { account, api, authentication, entity, group, type Auth0Ignored, type Auth0Mapping } from './mapping.js';

export type Classified = { readonly mapping: Auth0Mapping } | { readonly ignored: Auth0Ignored };

const TYPES = new Map(Object.entries(LOG_TYPES));
const IGNORED = new Map(Object.entries(IGNORED_TYPES));
const FAILED = /fail|reject|denied|error|exceed|limit|block|leak|invalid|unsuccessful/;
/** `fertft`, `fce`: Auth0's short names begin with the outcome. */
const SHORT_FAILURE = /^f[a-z]{0,9}$/;

const FAMILIES: readonly (readonly [RegExp, (outcome: Outcome) => Auth0Mapping])[] = [
  [/logout|session.*(?:revoke|delete|end)/, (outcome) => authentication('logoff', outcome)],
  [/pwd_leak|breach/, (outcome) => authentication('logon', outcome, { detection: 'breached_password' })],
  [/^limit_/, (outcome) => authentication('logon', outcome, { auth: { step: 'primary', failure: 'locked' } })],
  [/^gd_.*(?:enroll)|authentication_method|authenticator/, (outcome) => account('mfa_factor_enable', outcome)],
  [/^gd_/, (outcome) => authentication('preauth', outcome, { auth: { step: 'second_factor', mfa: true } })],
  [
    /exchange|_token|^[sf]e[a-z]*ft$|^[sf]e[a-z]{2,6}$/,
    (outcome) => authentication('authentication_ticket', outcome, { auth: { interactive: false } }),
  ],
  [/login|signin|passkey|challenge|ciba|auth_|device_code/, (outcome) => authentication('preauth', outcome)],
  [/organization/, (outcome) => group('update', outcome, { resource: 'group' })],
  [/user|account|password|email|phone|signup|invit/, (outcome) => account('other', outcome)],
  [/key|secret|role|permission|connection|client|sso|scim/, (outcome) => entity('update', outcome, { resource: 'other' })],
];

/**
 * What a log type means. A type that no table knows is kept: by the family its name belongs to, else as API activity; a failure when its name or
 * its description says so.
 *
 * @param description of the record, which Auth0 begins with what happened
 */
export function classify(type: string, description: string | undefined): Classified {
  const mapping = TYPES.get(type);
  if (mapping) return { mapping };
  const reason = IGNORED.get(type);
  if (reason) return { ignored: reason };
  const name = type.toLowerCase();
  const failed =
    SHORT_FAILURE.test(name) || FAILED.test(name) || (description !== undefined && /^\W*(?:fail|error|unable|invalid)/i.test(description));
  const outcome: Outcome = failed ? 'failure' : 'success';
  const family = FAMILIES.find(([pattern]) => pattern.test(name))?.[1];
  return { mapping: family ? family(outcome) : api('other', outcome, { resource: 'other' }) };
}
