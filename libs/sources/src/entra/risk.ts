import type { AccessEvent } from '@keyward/events';
import { firstText, object, objects, text } from '../json.js';
import { deviceOf } from '../user-agent.js';
import type { EntraIgnored } from './mapping.js';
import { originOf, riskOf } from './origin.js';
import { service, user } from './principal.js';
import type { EntraRecord } from './record.js';
import { nested } from './shape.js';

type Body = Omit<AccessEvent, 'uid' | 'nativeId' | 'source' | 'time'>;

const isWorkload = (record: EntraRecord): boolean =>
  /ServicePrincipal/i.test(record.category) ||
  (firstText(record.body['userPrincipalName'], record.body['userId']) === undefined && 'servicePrincipalId' in record.body);

/**
 * ID Protection saw something: the user it is about is the actor, with the address that was seen. No sign-in of its own (that has its record), so it is
 * entity management with the vendor's risk.
 */
export function riskDetection(record: EntraRecord): Body {
  const { body } = record;
  const actor = isWorkload(record)
    ? service(body['servicePrincipalId'], body['servicePrincipalDisplayName'], body['servicePrincipalDisplayName'], body['appId'])
    : user(body['userId'], body['userDisplayName'], body['userPrincipalName']);
  const src = originOf(body, body['ipAddress'], record.callerIp);
  const vendorRisk = riskOf(body['riskLevel'], body['riskEventType'], body['riskType']);
  const userAgent = additional(body['additionalInfo'], 'userAgent');
  const state = text(body['riskState']);
  return {
    class: 'entity_management',
    activity: 'other',
    code: record.operation ?? 'User Risk Detection',
    outcome: 'success',
    ...(state && { detail: `${firstText(body['riskEventType'], body['riskType']) ?? 'risk'}: ${state}` }),
    ...(actor && { actor }),
    ...(src && { src }),
    ...(userAgent && { device: { ...deviceOf(userAgent) } }),
    ...(actor && { resource: { kind: 'account' as const, name: actor.name, ...(actor.id && { id: actor.id }) } }),
    ...(vendorRisk && { vendorRisk }),
  };
}

/** `additionalInfo` is a list of `{Key, Value}` as text. */
function additional(value: unknown, key: string): string | undefined {
  const entry = objects(nested(value)).find((one) => firstText(one['Key'], one['key']) === key);
  return entry && firstText(entry['Value'], entry['value']);
}

/** Graph's risky service principals have neither table nor category: a type of their own, and no user. */
const isServicePrincipal = ({ category, body }: EntraRecord): boolean =>
  /ServicePrincipals/i.test(category) ||
  'servicePrincipalType' in body ||
  ('appId' in body && firstText(body['userPrincipalName'], body['userDisplayName']) === undefined);

/** The standing of an account in ID Protection changed. Nobody is named who changed it: the account is the target. */
export function riskyAccount(record: EntraRecord): Body {
  const { body } = record;
  const target =
    isWorkload(record) || isServicePrincipal(record)
      ? service(body['id'], body['displayName'], body['displayName'], body['appId'])
      : user(body['id'], body['userDisplayName'], body['userPrincipalName']);
  const vendorRisk = riskOf(body['riskLevel'], body['riskState'], body['riskDetail']);
  const state = firstText(body['riskState'], body['riskDetail']);
  return {
    class: 'entity_management',
    activity: 'update',
    code: record.operation ?? 'Risky user',
    outcome: 'success',
    ...(state && { detail: state }),
    ...(target && { target, resource: { kind: 'account' as const, name: target.name, ...(target.id && { id: target.id }) } }),
    ...(vendorRisk && { vendorRisk }),
  };
}

const PROVISIONED: ReadonlyMap<string, 'create' | 'delete' | 'disable'> = new Map([
  ['create', 'create'],
  ['delete', 'delete'],
  ['stageddelete', 'delete'],
  ['disable', 'disable'],
]);

/** What the provisioning service did to an account in another system. Profile changes and skipped accounts say nothing about access. */
export function provisioning(record: EntraRecord): Body | { readonly ignored: EntraIgnored } {
  const { body } = record;
  // `statusInfo` is the beta's older name.
  const info = object(nested(body['provisioningStatusInfo'] ?? body['statusInfo']));
  const status = (firstText(record.resultType, info['status'], info['Status'], body['resultSignature']) ?? '').toLowerCase();
  if (status === 'skipped') return { ignored: 'provisioning_skipped' };
  const action = PROVISIONED.get((firstText(body['provisioningAction'], body['action']) ?? '').toLowerCase());
  const source = object(nested(body['sourceIdentity']));
  if (action === undefined || /group/i.test(text(source['identityType']) ?? '')) return { ignored: 'profile_sync' };
  const details = object(nested(source['details']));
  const by = object(nested(body['initiatedBy']));
  const app = object(nested(body['servicePrincipal']));
  const name = (one: object): string | undefined => firstText(object(one)['displayName'], object(one)['Name'], object(one)['name']);
  const id = (one: object): string | undefined => firstText(object(one)['id'], object(one)['Id']);
  const actor = /user/i.test(firstText(by['initiatorType'], by['Type']) ?? '')
    ? user(id(by), name(by), name(by))
    : service(id(by), name(by), name(by));
  const given = object(nested(body['targetIdentity']));
  const target =
    user(id(source), name(source), details['UserPrincipalName'], details['userPrincipalName']) ?? user(id(given), name(given), name(given));
  const resource = name(app);
  const reason = firstText(object(nested(info['errorInformation']))['reason'], record.resultDescription);
  return {
    class: 'account_change',
    activity: action,
    code: record.operation ?? 'Provisioning activity',
    outcome: status === 'success' || status === 'warning' ? 'success' : 'failure',
    ...(reason && { detail: reason.replace(/\s+/g, ' ') }),
    ...(actor && { actor }),
    ...(target && { target }),
    ...(resource && { resource: { kind: 'application' as const, name: resource, ...(id(app) !== undefined && { id: id(app) ?? '' }) } }),
  };
}
