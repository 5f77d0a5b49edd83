import { randomUUID } from 'node:crypto';
import type { HeardRequest, HttpAnswer } from './http-listener.js';
import { json, PlayedServer, type PlayedFault } from './played-server.js';

export interface GraphFault extends PlayedFault {
  readonly status: number | 'hang';
  readonly code?: string;
  readonly retryAfterSeconds?: number;
}
interface RoleAssignment {
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly directoryScopeId: string;
}
interface GroupAssignment {
  readonly principalId: string;
  readonly groupId: string;
  readonly accessId: string;
}

/** Plays the parts of Microsoft Graph v1.0 and its login server that the Entra PIM connector uses, with the errors that Graph gives. */
export class GraphServer extends PlayedServer<GraphFault> {
  readonly tenantId = 'example.com';
  readonly clientId = '00000000-0000-4000-8000-000000000001';
  readonly roles: RoleAssignment[] = [];
  readonly groups: GroupAssignment[] = [];
  readonly users = new Map<string, string>();
  readonly roleDefinitions = new Map<string, string>();
  readonly groupNames = new Map<string, string>();
  /** Principal ids whose sessions were revoked, in order. */
  readonly sessionsRevoked: string[] = [];
  /** Accepted `adminRemove` requests, validation-only ones too. */
  readonly removals: Readonly<Record<string, unknown>>[] = [];
  /** Looks at instances that still answer with an assignment after it was removed: Graph's own delay. */
  staleLooks = 0;
  #stale: RoleAssignment[] = [];

  protected override hear(request: HeardRequest): HttpAnswer | 'hang' {
    const url = new URL(request.path, 'http://graph');
    const isToken = url.pathname.endsWith('/oauth2/v2.0/token');
    const met = this.takeFault(request, isToken);
    if (met) return met.status === 'hang' ? 'hang' : graphError(met.status, met.code ?? 'generalException', met.retryAfterSeconds);
    if (isToken) return this.#token(request, url);
    if (!this.isKnown(request.headers['authorization'])) return graphError(401, 'InvalidAuthenticationToken');
    return request.method === 'GET' ? this.#get(url) : this.#post(request, url);
  }

  #token(request: HeardRequest, url: URL): HttpAnswer {
    const form = new URLSearchParams(request.body);
    if (request.method !== 'POST' || request.headers['content-type'] !== 'application/x-www-form-urlencoded')
      return this.#problem('token request');
    if (url.pathname !== `/${this.tenantId}/oauth2/v2.0/token`) return json(400, { error: 'invalid_request', error_codes: [90002] });
    if (form.get('grant_type') !== 'client_credentials' || form.get('scope') !== `${this.origin}/.default`)
      return this.#problem('token form');
    if (form.get('client_id') !== this.clientId || form.get('client_secret') !== this.clientSecret) {
      return json(401, { error: 'invalid_client', error_description: `Invalid secret ${form.get('client_secret') ?? ''}` });
    }
    return this.issue(3599);
  }

  #get(url: URL): HttpAnswer {
    const filter = url.searchParams.get('$filter') ?? '';
    const wanted = (field: string): string | undefined =>
      new RegExp(`${field} eq '((?:[^']|'')*)'`).exec(filter)?.[1]?.replaceAll("''", "'");
    const user = /^\/v1\.0\/users\/([^/]+)$/.exec(url.pathname)?.[1];
    if (user !== undefined) {
      const id = this.users.get(decodeURIComponent(user));
      return id === undefined ? graphError(404, 'Request_ResourceNotFound') : json(200, { id });
    }
    switch (url.pathname) {
      case '/v1.0/roleManagement/directory/roleAssignmentScheduleInstances': {
        const stale = this.staleLooks > 0 ? this.#stale : [];
        this.staleLooks = Math.max(0, this.staleLooks - 1);
        const found = [...this.roles, ...stale].filter(
          (role) => matches(role, 'principalId', wanted) && matches(role, 'roleDefinitionId', wanted),
        );
        return list(found.map((role) => ({ ...role, appScopeId: null, assignmentType: 'Activated', memberType: 'Direct' })));
      }
      case '/v1.0/identityGovernance/privilegedAccess/group/assignmentScheduleInstances':
        if (filter === '') return graphError(400, 'MissingParameters');
        return list(
          this.groups
            .filter((group) => matches(group, 'principalId', wanted) && matches(group, 'groupId', wanted))
            .map((group) => ({ ...group, assignmentType: 'Activated', memberType: 'Direct' })),
        );
      case '/v1.0/roleManagement/directory/roleDefinitions':
        return list(named(this.roleDefinitions, wanted('displayName')));
      case '/v1.0/groups':
        return list(named(this.groupNames, wanted('displayName')));
      default:
        return this.#problem(`GET ${url.pathname}`);
    }
  }

  #post(request: HeardRequest, url: URL): HttpAnswer {
    const sessions = /^\/v1\.0\/users\/([^/]+)\/revokeSignInSessions$/.exec(url.pathname)?.[1];
    if (sessions !== undefined) {
      const id = decodeURIComponent(sessions);
      if (![...this.users.values()].includes(id)) return graphError(404, 'Request_ResourceNotFound');
      this.sessionsRevoked.push(id);
      return json(200, { '@odata.context': `${this.origin}/v1.0/$metadata#Edm.Boolean`, value: true });
    }
    if (request.headers['content-type'] !== 'application/json') return this.#problem(`content type of POST ${url.pathname}`);
    const body = JSON.parse(request.body) as Readonly<Record<string, unknown>>;
    if (body['action'] !== 'adminRemove' || typeof body['justification'] !== 'string' || body['justification'] === '') {
      return this.#problem(`body of POST ${url.pathname}`);
    }
    switch (url.pathname) {
      case '/v1.0/roleManagement/directory/roleAssignmentScheduleRequests':
        return this.#remove(this.roles, ['principalId', 'roleDefinitionId', 'directoryScopeId'], body);
      case '/v1.0/identityGovernance/privilegedAccess/group/assignmentScheduleRequests':
        return this.#remove(this.groups, ['principalId', 'groupId', 'accessId'], body);
      default:
        return this.#problem(`POST ${url.pathname}`);
    }
  }

  #remove<T extends RoleAssignment | GroupAssignment>(
    assignments: T[],
    keys: readonly (keyof T & string)[],
    body: Readonly<Record<string, unknown>>,
  ): HttpAnswer {
    if (keys.some((key) => typeof body[key] !== 'string'))
      return this.#problem(`missing ${keys.filter((key) => typeof body[key] !== 'string').join()}`);
    const at = assignments.findIndex((assignment) => keys.every((key) => assignment[key] === body[key]));
    if (at < 0) return graphError(400, 'RoleAssignmentDoesNotExist');
    this.removals.push(body);
    if (body['isValidationOnly'] !== true) {
      const [gone] = assignments.splice(at, 1);
      if (gone && 'roleDefinitionId' in gone) this.#stale = [gone];
    }
    return json(201, {
      ...body,
      id: randomUUID(),
      status: body['isValidationOnly'] === true ? 'Granted' : 'Revoked',
      createdDateTime: '2026-01-05T09:00:00Z',
    });
  }

  #problem(what: string): HttpAnswer {
    this.problems.push(what);
    return graphError(400, 'BadRequest');
  }
}

const matches = (item: RoleAssignment | GroupAssignment, field: string, wanted: (field: string) => string | undefined): boolean => {
  const value = wanted(field);
  return value === undefined || Object.entries(item).some(([name, own]) => name === field && own === value);
};
const named = (names: ReadonlyMap<string, string>, name: string | undefined): { readonly id: string }[] =>
  [...names].filter(([, displayName]) => displayName === name).map(([id]) => ({ id }));
const list = (value: readonly unknown[]): HttpAnswer => json(200, { value });
const graphError = (status: number, code: string, retryAfterSeconds?: number): HttpAnswer =>
  json(
    status,
    { error: { code, message: `played: ${code}`, innerError: { 'request-id': randomUUID() } } },
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
  );
