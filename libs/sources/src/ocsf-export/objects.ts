import type { AccessEvent, Account, Endpoint, Resource } from '@keyward/events';
import { defined } from '../json.js';

/** A JSON object of the OCSF schema. Its members are checked against the schema in the tests, not by the compiler. */
export type OcsfObject = Readonly<Record<string, unknown>>;

const USER_TYPES = { human: [1, 'User'], admin: [2, 'Admin'], system: [3, 'System'], service: [4, 'Service'] } as const;

/** OCSF requires a user in several classes; where the vendor names nobody this is what it requires. */
export const UNKNOWN_USER: OcsfObject = { name: 'Unknown', type: 'Unknown', type_id: 0 };

export function userObject(account: Account): OcsfObject {
  const [typeId, type] = account.kind === undefined ? [0, 'Unknown'] : USER_TYPES[account.kind];
  // Windows itself names an account and its domain apart, and so does OCSF.
  const backslash = account.system === 'windows' ? account.name.indexOf('\\') : -1;
  return compact({
    name: account.name.slice(backslash + 1),
    domain: backslash > 0 ? account.name.slice(0, backslash) : undefined,
    uid: account.id,
    display_name: account.displayName,
    email_addr: account.email?.includes('@') ? account.email : undefined,
    type_id: typeId,
    type,
  });
}

export function endpointObject(endpoint: Endpoint | undefined): OcsfObject | undefined {
  if (endpoint === undefined || (endpoint.ip === undefined && endpoint.hostname === undefined)) return undefined;
  return compact({
    ip: endpoint.ip,
    port: endpoint.port,
    hostname: endpoint.hostname,
    location: locationObject(endpoint.geo),
    autonomous_system: endpoint.asn === undefined ? undefined : compact({ number: endpoint.asn, name: endpoint.asOrg }),
  });
}

/** OCSF has no place that is a point alone. */
function locationObject(geo: Endpoint['geo']): OcsfObject | undefined {
  if (!geo || (geo.city === undefined && geo.country === undefined && geo.region === undefined)) return undefined;
  return compact({ city: geo.city, region: geo.region, country: geo.country, lat: geo.lat, long: geo.lon });
}

export const resourceObject = (resource: Resource): OcsfObject => compact({ name: resource.name, uid: resource.id, type: resource.kind });

const ENTITY_TYPES: Partial<Record<Resource['kind'], readonly [number, string]>> = {
  device: [1, 'Device'],
  account: [2, 'User'],
  group: [3, 'Group'],
  policy: [5, 'Policy'],
};

/** The managed entity of Entity Management: what was reached for, or else the account or the operation's own name. */
export function entityObject(event: AccessEvent): OcsfObject {
  const { resource, credential, target } = event;
  if (!resource) return { name: credential?.account ?? target?.name ?? event.code, type_id: 99, type: 'other' };
  const [typeId, type] = ENTITY_TYPES[resource.kind] ?? [99, resource.kind];
  return compact({ name: resource.name, uid: resource.id, type_id: typeId, type });
}

/** The group of Group Management, by its resource or by the entitlement `<system>:group:<name>`. */
export function groupObject(event: AccessEvent): OcsfObject {
  const { resource, privilege } = event;
  if (resource?.kind === 'group') return compact({ name: resource.name, uid: resource.id });
  const name = privilege?.entitlement.split(':').slice(2).join(':');
  return compact({ name: name ?? resource?.name ?? event.code, uid: privilege?.entitlementId ?? resource?.id });
}

const AUTH_PROTOCOLS: readonly (readonly [RegExp, number, string])[] = [
  [/ntlm/, 1, 'NTLM'],
  [/kerberos/, 2, 'Kerberos'],
  [/digest/, 3, 'Digest'],
  [/openid|oidc/, 4, 'OpenID'],
  [/saml/, 5, 'SAML'],
  [/oauth/, 6, 'OAUTH 2.0'],
  [/radius/, 10, 'RADIUS'],
  [/basic/, 11, 'Basic Authentication'],
  [/ldap/, 12, 'LDAP'],
];

export function authProtocol(written: string | undefined): OcsfObject {
  if (written === undefined) return {};
  const [, id, caption] = AUTH_PROTOCOLS.find(([pattern]) => pattern.test(written.toLowerCase())) ?? [undefined, 99, written];
  return { auth_protocol_id: id, auth_protocol: caption };
}

const AUTH_FACTORS: readonly (readonly [RegExp, number, string])[] = [
  [/sms/, 1, 'SMS'],
  [/question/, 2, 'Security Question'],
  [/phone|call|voice/, 3, 'Phone Call'],
  [/biometric|hello/, 4, 'Biometric'],
  [/push/, 5, 'Push Notification'],
  [/hardware/, 6, 'Hardware Token'],
  [/otp|authenticator/, 7, 'OTP'],
  [/email/, 8, 'Email'],
  [/u2f/, 9, 'U2F'],
  [/fido|webauthn|passkey/, 10, 'WebAuthn'],
  [/password/, 11, 'Password'],
];

export function authFactors(method: string | undefined): readonly OcsfObject[] | undefined {
  if (method === undefined) return undefined;
  const [, id, caption] = AUTH_FACTORS.find(([pattern]) => pattern.test(method.toLowerCase())) ?? [undefined, 99, method];
  return [{ factor_type_id: id, factor_type: caption }];
}

/** Members that are undefined are left out. */
export const compact = (members: Record<string, unknown>): OcsfObject => defined(members) ?? {};
