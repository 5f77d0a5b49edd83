import {
  deterministicUid,
  eventUid,
  ignored,
  kept,
  rejected,
  type AccessEvent,
  type Account,
  type Authentication,
  type Endpoint,
  type Outcome,
  type ParseResult,
} from '@keyward/events';
import { parseAddress } from '../address.js';
import { parseInstant } from '../instant.js';
import { at, defined, isObject, list, number, object, text, type JsonObject } from '../json.js';
import { deviceOf } from '../user-agent.js';
import { holderOf, namedAccount, plain } from './account.js';
import { classify, isServerStatus } from './classify.js';
import type { VaultIgnored, VaultMapping } from './mapping.js';

const MAX_DETAIL = 1_000;
const ignore = (reason: VaultIgnored): ParseResult => ignored(reason);

/**
 * One audit entry. Vault writes two for each request, with the same `request.id`: the request before it is done, and the response, which repeats
 * the request and alone tells what became of it. The response is kept. Vault answers nobody whose request it could not log, and logs a
 * response to every request that it refused, so nothing is lost with the first half.
 */
export function parseEntry(record: unknown): ParseResult {
  if (!isObject(record)) return rejected('not_an_object', 'an audit entry is a JSON object');
  if (!isObject(record['request'])) {
    return record['@message'] === undefined && record['@level'] === undefined
      ? rejected('unknown_shape', 'request: expected the object of an audit entry')
      : ignore('server_log');
  }
  const path = text(record['request']['path']);
  const operation = text(record['request']['operation'])?.toLowerCase();
  if (path === undefined || operation === undefined) return rejected('schema_mismatch', 'request.path, request.operation: expected text');
  const time = parseInstant(record['time']);
  if (time === undefined) return rejected('bad_time', 'time: expected an RFC 3339 instant');
  const type = text(record['type'])?.toLowerCase();
  if (type === 'request' || (type === undefined && record['response'] === undefined)) return ignore('request_half');
  if (operation === 'rollback') return ignore('internal_operation');
  const outcome = outcomeOf(record);
  if (outcome === 'success' && isServerStatus(path, operation)) return ignore('server_status');
  return kept(eventOf(record, record['request'], { path, operation, time, outcome }));
}

interface Read {
  readonly path: string;
  readonly operation: string;
  readonly time: number;
  readonly outcome: Outcome;
}

/**
 * An error, a refusal by policy, or a response that is nothing but an error. Vault before 1.0 writes `"error": ""` where there was none.
 */
function outcomeOf(record: JsonObject): Outcome {
  if (text(record['error']) !== undefined) return 'failure';
  if (at(record, 'auth', 'policy_results', 'allowed') === false) return 'failure';
  const data = object(at(record, 'response', 'data'));
  if (text(data['error']) !== undefined || list(data['errors']).length > 0) return 'failure';
  const status = number(data['http_status_code']);
  return status !== undefined && status >= 400 ? 'failure' : 'success';
}

function eventOf(record: JsonObject, request: JsonObject, { path, operation, time, outcome }: Read): AccessEvent {
  const mountType = text(request['mount_type']) ?? text(at(record, 'response', 'mount_type'));
  const { mapping, user } = classify(path, operation, mountType);
  const nativeId = text(request['id']) ?? deterministicUid(JSON.stringify(record));
  const namespace = text(at(request, 'namespace', 'path')) ?? '';
  const full = `${namespace.replace(/\/?$/, namespace === '' ? '' : '/')}${path}`;
  const { actor, target } = accountsOf(record, mapping, user);
  const own = mapping.class === 'account_change' && mapping.activity === 'password_reset' && actor?.name === target?.name;
  const event: AccessEvent = {
    uid: eventUid('vault', nativeId),
    nativeId,
    source: 'vault',
    time,
    class: mapping.class,
    activity: own && target !== undefined ? 'password_change' : mapping.activity,
    code: operation,
    outcome,
    detail: detailOf(record),
    actor,
    target: own ? undefined : target,
    src: originOf(request),
    device: agentOf(request),
    session: sessionOf(record, mapping),
    auth: proofOf(record, mapping, mountType ?? path.split('/')[1], outcome),
    resource: mapping.class === 'authentication' ? undefined : { kind: mapping.resource ?? 'other', name: full },
    privilege: outcome === 'success' ? privilegeOf(request, mapping) : undefined,
    credential: outcome === 'success' ? credentialOf(record, mapping, full) : undefined,
  };
  return defined(event) ?? event;
}

/** Who asked, or who signed in; of a token that was made, whom it was made for. */
function accountsOf(
  record: JsonObject,
  mapping: VaultMapping,
  user: string | undefined,
): { actor: Account | undefined; target: Account | undefined } {
  const asked = holderOf(object(record['auth']));
  const given = holderOf(object(at(record, 'response', 'auth')));
  if (mapping.class === 'authentication') return { actor: given ?? asked ?? namedAccount(user), target: undefined };
  const target = mapping.ofUser === true ? namedAccount(user) : given;
  return { actor: asked, target: target && target.name === asked?.name && mapping.class !== 'account_change' ? undefined : target };
}

const detailOf = (record: JsonObject): string | undefined =>
  text(record['error'])
    ?.replace(/\s+/g, ' ')
    .replace(/^\d+ errors? occurred: \* /, '')
    .slice(0, MAX_DETAIL);

function originOf(request: JsonObject): Endpoint | undefined {
  const address = parseAddress(request['remote_address']);
  if (!address) return undefined;
  const port = number(request['remote_port']) ?? address.port;
  return { ip: address.ip, ...(port !== undefined && Number.isInteger(port) && port > 0 && port <= 65_535 && { port }) };
}

function agentOf(request: JsonObject): AccessEvent['device'] {
  const headers = object(request['headers']);
  const agent = plain(list(headers['user-agent'])[0]) ?? plain(list(headers['User-Agent'])[0]);
  return agent === undefined ? undefined : deviceOf(agent);
}

/** The token's accessor: hashed or not, it is the same for all that is done with one token. */
function sessionOf(record: JsonObject, mapping: VaultMapping): AccessEvent['session'] {
  const accessor =
    (mapping.class === 'authentication' ? text(at(record, 'response', 'auth', 'accessor')) : undefined) ??
    text(at(record, 'auth', 'accessor')) ??
    text(at(record, 'request', 'client_token_accessor'));
  return accessor === undefined ? undefined : { uid: accessor, kind: 'sign_in' };
}

/** How each method proves who asks, by the type of its mount. */
const METHODS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    userpass: 'password',
    ldap: 'password',
    okta: 'password',
    radius: 'password',
    oidc: 'federated',
    jwt: 'token',
    saml: 'federated',
    github: 'token',
    approle: 'key',
    cert: 'certificate',
    kerberos: 'kerberos',
    kubernetes: 'token',
    aws: 'token',
    gcp: 'token',
    azure: 'token',
    token: 'token',
  }),
);
const INTERACTIVE: ReadonlySet<string> = new Set(['userpass', 'ldap', 'okta', 'radius', 'oidc', 'saml']);

const FAILURES: readonly (readonly [RegExp, NonNullable<Authentication['failure']>])[] = [
  [/locked/i, 'locked'],
  [/mfa|passcode|second factor|totp/i, 'bad_factor'],
  [/expired/i, 'expired'],
  [
    /invalid (?:username|user name|credentials|role|secret)|wrong password|bind failed|ldap operation failed|authentication failed/i,
    'bad_password',
  ],
  [/not found|unknown user|no such user/i, 'unknown_user'],
  [/disabled/i, 'disabled'],
  [/permission denied|not (?:authori[sz]ed|allowed)|does not match|claim|policy|bound/i, 'policy'],
];

function proofOf(record: JsonObject, mapping: VaultMapping, mount: string | undefined, outcome: Outcome): AccessEvent['auth'] {
  if (mapping.class !== 'authentication' || mapping.activity === 'logoff') return undefined;
  const error = text(record['error']) ?? '';
  const method = mount === undefined ? undefined : METHODS.get(mount);
  return defined<Authentication>({
    method: mapping.step === 'second_factor' ? undefined : method,
    mfa: mapping.step === 'second_factor' ? true : undefined,
    step: mapping.step,
    interactive: mount !== undefined && INTERACTIVE.has(mount) ? true : undefined,
    failure: outcome === 'failure' ? (FAILURES.find(([words]) => words.test(error))?.[1] ?? 'other') : undefined,
  });
}

/** Policies that a user is given. Vault hashes them unless the device logs in plain text: then nothing is said. */
function privilegeOf(request: JsonObject, mapping: VaultMapping): AccessEvent['privilege'] {
  if (mapping.class !== 'user_access' || mapping.ofUser !== true) return undefined;
  const written = at(request, 'data', 'token_policies') ?? at(request, 'data', 'policies');
  const names = (Array.isArray(written) ? written : (plain(written)?.split(',') ?? [])).flatMap((name) => plain(name)?.trim() ?? []);
  const strongest = names.find((name) => name === 'root') ?? names.find((name) => name !== 'default');
  return strongest === undefined ? undefined : { change: 'granted', entitlement: `vault:policy:${strongest}`, jit: false };
}

/**
 * A key/value secret is its path without the `data/` of version 2; an engine's role is its path; a lease is the path that made it. Where the path of a
 * lease is hashed, nothing is said.
 */
function credentialOf(record: JsonObject, mapping: VaultMapping, path: string): AccessEvent['credential'] {
  if (mapping.credential === undefined) return undefined;
  const lease = plain(at(record, 'response', 'secret', 'lease_id')) ?? plain(at(record, 'request', 'data', 'lease_id'));
  const name = mapping.credential === 'checked_in' && /(?:^|\/)sys\//.test(path) ? revoked(path, lease) : lent(path);
  if (name === undefined) return undefined;
  const vault = plain(at(record, 'request', 'mount_point'))?.replace(/\/$/, '') ?? path.split('/', 1)[0];
  return defined({ act: mapping.credential, account: name.toLowerCase(), vault, secretId: lease });
}

const lent = (path: string): string =>
  path.replace(/^([^/]+(?:\/[^/]+)?)\/data\//, '$1/').replace(/\/library\/(?:manage\/)?(.+)\/check-(?:out|in)$/, '/library/$1');

/** `sys/leases/revoke-prefix/database/creds/readonly` and lease `database/creds/readonly/3Jl...` are both of `database/creds/readonly`. */
function revoked(path: string, lease: string | undefined): string | undefined {
  const named = /\/revoke(?:-prefix|-force)?\/(.+)$/.exec(path)?.[1];
  const from = lease ?? (path.includes('/revoke/') ? named : undefined);
  if (from !== undefined) return from.includes('/') ? from.slice(0, from.lastIndexOf('/')) : undefined;
  return named?.replace(/\/$/, '');
}
