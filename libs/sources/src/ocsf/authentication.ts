import { Authentication, type EventClass } from '@keyward/events';
import { defined, flag, list, number, object, text, type JsonObject } from '../json.js';
import { own } from './meaning.js';

/** Words of `AccessEvent.auth.method` by OCSF `factor_type_id`; each is exported as the same id again. */
const METHODS: Readonly<Record<number, string>> = {
  1: 'sms',
  2: 'question',
  3: 'phone',
  4: 'biometric',
  5: 'push',
  6: 'hardware',
  7: 'otp',
  8: 'email',
  9: 'u2f',
  10: 'fido2',
  11: 'password',
};
const PROTOCOLS: Readonly<Record<number, string>> = {
  1: 'ntlm',
  2: 'kerberos',
  3: 'digest',
  4: 'openid',
  5: 'saml',
  6: 'oauth',
  10: 'radius',
  11: 'basic',
  12: 'ldap',
};
const Failure = Authentication.shape.failure.unwrap();

/** How the actor proved who he is, as far as the class tells of it. */
export function authenticationOf(record: JsonObject, of: EventClass): Authentication | undefined {
  if (of !== 'authentication' && of !== 'authorize_session' && of !== 'account_change') return undefined;
  const session = object(record['session']);
  return defined<Authentication>({
    method: methodOf(record),
    mfa: flag(record['is_mfa']) ?? flag(session['is_mfa']) ?? flag(record['mfa']) ?? flag(session['mfa']),
    protocol: named(PROTOCOLS, record['auth_protocol_id'], record['auth_protocol']),
    application: of === 'authentication' ? applicationOf(record) : undefined,
    failure: own(Failure, record['status_code']),
  });
}

/** The last factor is the one that let him in. */
function methodOf(record: JsonObject): string | undefined {
  const factor = object(list(record['auth_factors']).at(-1));
  return named(METHODS, factor['factor_type_id'], factor['factor_type']);
}

/** A known id's word; of any other (`99`: other) what the producer calls it. */
function named(words: Readonly<Record<number, string>>, id: unknown, caption: unknown): string | undefined {
  const numbered = number(id);
  return (numbered === undefined ? undefined : words[numbered]) ?? (numbered === 0 ? undefined : text(caption));
}

/** `service` is what was signed in to; the product's own name stands there where nothing else was. */
function applicationOf(record: JsonObject): string | undefined {
  const name = text(object(record['service'])['name']);
  return name === text(object(object(record['metadata'])['product'])['name']) ? undefined : name;
}
