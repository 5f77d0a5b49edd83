import type { AccessEvent, Account, Privilege } from '@keyward/events';
import { at, firstText, isObject, object, text } from '../json.js';
import type { EntraIgnored } from './mapping.js';
import { originOf } from './origin.js';
import { service, user } from './principal.js';
import type { EntraRecord } from './record.js';
import { nested } from './shape.js';

type Body = Omit<AccessEvent, 'uid' | 'nativeId' | 'source' | 'time'>;

const CLAIM = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

/** Who called Azure Resource Manager, by the claims of his token. */
function caller(record: EntraRecord, envelope: unknown): Account | undefined {
  const claims = object(at(nested(envelope), 'claims') ?? nested(record.body['claims']));
  const id = claims[OBJECT_ID];
  const person = firstText(
    claims[`${CLAIM}upn`],
    claims[`${CLAIM}name`],
    claims[`${CLAIM}emailaddress`],
    record.body['caller'],
    at(envelope, 'caller'),
  );
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
  const given = change && roleGiven(record, change, scope, elevates);
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
    ...(given && outcome === 'success' && (given.target ?? elevates) && { privilege: given.privilege }),
    ...(scope && { resource: { kind: reads ? ('secret' as const) : ('role' as const), name: scope, id: scope } }),
  };
}

const USER_ACCESS_ADMINISTRATOR = '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9';
/**
 * Azure's own roles that matter most, by the ids under which assignments name them; PIM writes their names.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
const BUILT_IN_ROLES: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': 'Owner',
    'b24988ac-6180-42a0-ab88-20f7382dd24c': 'Contributor',
    'acdd72a7-3385-48ef-bd42-f606fba81ae7': 'Reader',
    [USER_ACCESS_ADMINISTRATOR]: 'User Access Administrator',
    'f58310d9-a9f6-439a-9e8d-f62e7b41a168': 'Role Based Access Control Administrator',
    '00482a5a-887f-4fb3-b363-3b7fe8e74483': 'Key Vault Administrator',
    '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
    '9980e02c-c2be-4d73-94e8-173b1dc7cf3c': 'Virtual Machine Contributor',
    '1c0163c0-47e6-4577-8991-ea5c82e286e4': 'Virtual Machine Administrator Login',
    'fb879df8-f326-4884-b1cf-06f3ad86be52': 'Virtual Machine User Login',
    'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  }),
);

/** The assignment stands in the request's body: principal and role definition by their ids only. */
function roleGiven(
  record: EntraRecord,
  change: 'granted' | 'revoked',
  scope: string | undefined,
  elevates: boolean,
): { readonly target: Account | undefined; readonly privilege: Privilege } {
  const inside = object(nested(record.body['properties']));
  const body = nested(record.body['requestbody'] ?? record.body['responseBody'] ?? inside['requestbody'] ?? inside['responseBody']);
  const properties = object(isObject(body) ? nested(at(body, 'Properties') ?? at(body, 'properties')) : undefined);
  const principal = firstText(properties['PrincipalId'], properties['principalId']);
  // Elevation gives a global administrator this role over everything.
  const role =
    firstText(properties['RoleDefinitionId'], properties['roleDefinitionId'])?.split('/').at(-1) ??
    (elevates ? USER_ACCESS_ADMINISTRATOR : undefined);
  const workload = /serviceprincipal/i.test(firstText(properties['PrincipalType'], properties['principalType']) ?? '');
  return {
    target: principal === undefined ? undefined : workload ? service(principal, undefined) : user(principal, undefined),
    privilege: {
      change,
      entitlement: `entra:role:${BUILT_IN_ROLES.get(role?.toLowerCase() ?? '') ?? role ?? 'unknown'}`,
      jit: false,
      ...(role && { entitlementId: role }),
      ...(scope && { scopeId: scope }),
    },
  };
}
