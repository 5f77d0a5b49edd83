import type { AccessEvent, Account, Privilege } from '@keyward/events';
import { at, firstText, isObject, object, text } from '../json.js';
import type { EntraIgnored } from './mapping.js';
import { originOf } from './origin.js';
import { service, user } from './principal.js';
import { nested, type EntraRecord } from './shape.js';

type Body = Omit<AccessEvent, 'uid' | 'nativeId' | 'source' | 'time'>;

const CLAIM = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

/** Who called Azure Resource Manager, by the claims of his token. */
function caller(record: EntraRecord, envelope: unknown): Account | undefined {
  const claims = object(at(nested(envelope), 'claims') ?? nested(record.body['claims']));
  const id = claims[OBJECT_ID];
  const person = firstText(claims[`${CLAIM}upn`], claims[`${CLAIM}name`], claims[`${CLAIM}emailaddress`], record.body['caller']);
  if (person?.includes('@')) return user(id, claims['name'], person);
  const evidence = object(at(nested(envelope), 'authorization', 'evidence'));
  return service(firstText(id, evidence['principalId']), undefined, claims['appid']);
}

/**
 * Azure's activity log, as far as it is about who may do what: role assignments and definitions, elevation of access, and keys that were read.
 *
 * @param record its `properties` may hold the request's body; `identity` of the envelope holds the caller's claims
 */
export function azureActivity(
  record: EntraRecord,
  envelope: { readonly identity: unknown; readonly resourceId: unknown },
): Body | { readonly ignored: EntraIgnored } {
  const operation = (record.operation ?? '').toLowerCase();
  const assignment = /microsoft\.authorization\/roleassignments\/(write|delete)$/.exec(operation)?.[1];
  const definition = /microsoft\.authorization\/(?:roledefinitions|denyassignments|policyassignments|locks)\/(write|delete)$/.exec(
    operation,
  )?.[1];
  const elevates = /microsoft\.authorization\/elevateaccess\/action$/.test(operation);
  const reads =
    /\/(?:listkeys|listsecrets|listcredentials|listadminkeys|listkey|listclusteradmincredential|listaccountsas|listservicesas|regeneratekeys?)\/action$/.test(
      operation,
    );
  if (!assignment && !definition && !elevates && !reads) return { ignored: 'resource_activity' };
  const status = (record.resultType ?? firstText(record.body['activityStatusValue'], record.body['status']) ?? '').toLowerCase();
  if (/^(?:start|started|accept|accepted|in ?progress)$/.test(status)) return { ignored: 'operation_started' };
  const outcome = /^(?:success|succeeded|ok|0|completed|)$/.test(status) ? 'success' : 'failure';
  const actor = caller(record, envelope.identity);
  const src = originOf({}, record.callerIp);
  const scope = text(envelope.resourceId) ?? text(record.body['_ResourceId']);
  const change = assignment === 'write' || elevates ? 'granted' : assignment === 'delete' ? 'revoked' : undefined;
  const given = change && roleGiven(record, change, scope);
  return {
    ...(change
      ? { class: 'user_access' as const, activity: change === 'granted' ? 'assign_role' : 'remove_role' }
      : definition
        ? { class: 'entity_management' as const, activity: definition === 'write' ? 'update' : 'delete' }
        : { class: 'api_activity' as const, activity: operation.includes('regenerate') ? 'update' : 'read' }),
    code: record.operation ?? 'Azure activity',
    outcome,
    ...(actor && { actor }),
    ...(given?.target && { target: given.target }),
    ...(src && { src }),
    ...(given && outcome === 'success' && given.target && { privilege: given.privilege }),
    ...(scope && { resource: { kind: reads ? ('secret' as const) : ('role' as const), name: scope, id: scope } }),
  };
}

/** The assignment stands in the request's body: principal and role definition by their ids only. */
function roleGiven(
  record: EntraRecord,
  change: 'granted' | 'revoked',
  scope: string | undefined,
): { readonly target: Account | undefined; readonly privilege: Privilege } {
  const body = nested(record.body['requestbody'] ?? record.body['responseBody']);
  const properties = object(isObject(body) ? nested(at(body, 'Properties') ?? at(body, 'properties')) : undefined);
  const principal = firstText(properties['PrincipalId'], properties['principalId']);
  const role = firstText(properties['RoleDefinitionId'], properties['roleDefinitionId'])?.split('/').at(-1);
  const workload = /serviceprincipal/i.test(firstText(properties['PrincipalType'], properties['principalType']) ?? '');
  return {
    target: principal === undefined ? undefined : workload ? service(principal, undefined) : user(principal, undefined),
    privilege: {
      change,
      entitlement: `entra:role:${role ?? 'unknown'}`,
      jit: false,
      ...(role && { entitlementId: role }),
      ...(scope && { scopeId: scope }),
    },
  };
}
