import type { Account, Privilege, Resource } from '@keyward/events';
import type { ClassifiedActivity } from '../ocsf-export/activities.js';
import { at, firstText, list, object, text } from '../json.js';
import { OPERATIONS, READ, type Operation } from './operations.js';
import { client, person, type TenantLog } from './tenant-log.js';

/** What a Management API call did, to whom, and what it gave or took. */
export interface Act {
  readonly as: ClassifiedActivity;
  readonly target?: Account;
  readonly resource?: Resource;
  readonly privilege?: Privilege;
}

interface Call {
  readonly method: string;
  /** Behind `/api/v2/`, decoded, without query. */
  readonly path: string;
  readonly segments: readonly string[];
}

function callOf(log: TenantLog): Call | undefined {
  const written = text(log.request['path']);
  if (written === undefined || written.length > 2_000) return undefined;
  const path = decodedPath(
    written
      .replace(/^https?:\/\/[^/]+/, '')
      .replace(/[?#].*$/s, '')
      .replace(/^\/?(?:api\/)?(?:v2\/)?/, ''),
  ).replace(/\/+$/, '');
  const method = text(log.request['method'])?.toUpperCase() ?? (log.type === 'mgmt_api_read' ? 'GET' : 'POST');
  return { method, path, segments: path.split('/') };
}

/** Auth0 writes ids in paths with and without escapes. */
export function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function operationOf(log: TenantLog, call: Call | undefined): Operation | undefined {
  if (call?.method === 'GET' || log.type === 'mgmt_api_read') return READ;
  if (call) return OPERATIONS.find(({ method, path }) => method.test(call.method) && path.test(call.path));
  const description = text(log.record['description']);
  return description === undefined ? undefined : OPERATIONS.find(({ words }) => words?.test(description));
}

/** @returns undefined when the record doesn't say enough to tell more than "an API call" */
export function managementAct(log: TenantLog): Act | undefined {
  const call = callOf(log);
  const operation = operationOf(log, call);
  if (!operation) return undefined;
  const as = operation.refine?.(log.body) ?? operation.as;
  const target = operation.concerns === 'client' ? clientOf(log) : operation.concerns === 'user' ? userOf(log, call) : undefined;
  const resource = resourceOf(log, call, operation.resource);
  const change = operation.refineChange?.(log.body) ?? operation.change ?? 'granted';
  const privilege = target && operation.gives ? privilegeOf(log, call, operation.gives, change) : undefined;
  return { as, ...(target && { target }), ...(resource && { resource }), ...(privilege && { privilege }) };
}

const after = (call: Call | undefined, collection: string): string | undefined => {
  const at = call?.segments.indexOf(collection) ?? -1;
  return at < 0 ? undefined : text(call?.segments[at + 1]);
};

const first = (value: unknown): string | undefined => text(list(value)[0]);

/** The account a call is about: the id in the path, in the body, or in the answer; its login where the record has it. */
function userOf(log: TenantLog, call: Call | undefined): Account | undefined {
  const { body, details } = log;
  const answered = at(details, 'response', 'body');
  // Invitations are answered with a list.
  const answer = object(Array.isArray(answered) ? answered[0] : answered);
  const invited = firstText(at(body, 'invitee', 'email'), body['email'], at(body, 'user', 'email'), first(body['owners']));
  const inPath =
    after(call, 'users') ??
    after(call, 'user-blocks') ??
    (call && ['organizations', 'tenants'].includes(call.segments[0] ?? '') ? after(call, 'members') : undefined);
  const id = firstText(
    inPath,
    body['user_id'],
    at(body, 'user', 'id'),
    first(body['users']),
    first(body['members']),
    answer['user_id'],
    body['sub'],
  );
  const query = object(log.request['query']);
  return person(
    id,
    firstText(answer['email'], invited, answer['username'], body['username'], body['phone_number'], query['email'], query['identifier']),
  );
}

function clientOf(log: TenantLog): Account | undefined {
  const answer = object(at(log.details, 'response', 'body'));
  return client(firstText(log.body['client_id'], answer['client_id']), firstText(log.body['client_name'], answer['client_name']));
}

function resourceOf(log: TenantLog, call: Call | undefined, kind: Resource['kind'] | undefined): Resource | undefined {
  if (kind === undefined) return undefined;
  const answer = object(at(log.details, 'response', 'body'));
  const name = firstText(
    log.body['name'],
    answer['name'],
    log.body['display_name'],
    answer['display_name'],
    answer['audience'],
    log.body['audience'],
  );
  const id = firstText(text(call?.segments[1]), answer['id'], answer['client_id']);
  const shown = name ?? id ?? call?.path ?? text(log.record['description']);
  return shown === undefined ? undefined : { kind, name: shown, ...(id && { id }) };
}

/** The role, permission, API or organization a call gives or takes. Auth0 names roles and organizations by id only. */
function privilegeOf(
  log: TenantLog,
  call: Call | undefined,
  of: NonNullable<Operation['gives']>,
  change: Privilege['change'],
): Privilege | undefined {
  const { body } = log;
  const answer = object(at(log.details, 'response', 'body'));
  const permission = object(list(body['permissions'])[0]);
  const names: Readonly<Record<NonNullable<Operation['gives']>, string | undefined>> = {
    role: first(body['roles']) ?? after(call, 'roles') ?? first(answer['roles']),
    permission: firstText(permission['permission_name'], permission['name']),
    api: firstText(body['audience'], answer['audience'], after(call, 'client-grants')),
    organization: after(call, 'organizations'),
    consent: after(call, 'grants') ?? firstText(object(log.request['query'])['user_id']),
    tenant_role: first(body['roles']) ?? 'member',
  };
  const name = names[of];
  return name === undefined ? undefined : { change, entitlement: `auth0:${of}:${name}`, entitlementId: name, jit: false };
}
