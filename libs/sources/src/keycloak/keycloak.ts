import {
  deterministicUid,
  eventUid,
  ignored,
  isPrivateIp,
  kept,
  rejected,
  type AccessEvent,
  type Endpoint,
  type Outcome,
  type ParseResult,
} from '@keyward/events';
import { parseIp } from '../address.js';
import { defined, isObject, text, type JsonObject } from '../json.js';
import type { Source } from '../source.js';
import { adminAct, sessionOf } from './admin-event.js';
import { isBanner, isContinuation, jsonInSyslog, serverLine } from './log-line.js';
import type { KeycloakIgnored } from './mapping.js';
import { keycloakPush } from './push.js';
import { LINE_MEMBER, readRecord, type AdminEvent, type ServerLog, type UserEvent } from './records.js';
import { account, credentialAct, deviceSeen, partiesOf, proofOf, userPrivilege } from './user-event.js';
import { userMapping } from './user-types.js';

function endpoint(address: string | undefined): Endpoint | undefined {
  const ip = parseIp(address);
  return defined<Endpoint>({ ...(ip && { ip }), ...(ip !== undefined && isPrivateIp(ip) && { networkKind: 'private' as const }) });
}

const idOf = (event: UserEvent | AdminEvent | ServerLog, record: JsonObject): string =>
  ('id' in event ? event.id : undefined) ?? deterministicUid(JSON.stringify(record));

/** Events whose name alone says that it went wrong: a lock is a success of the lock, an invalid signature is none. */
const FAILED = /_ERROR$|^INVALID_/;

function fromUser(event: UserEvent, record: JsonObject, time: number): AccessEvent {
  const mapping = userMapping(event.type);
  const outcome: Outcome = FAILED.test(event.type) || event.error !== undefined ? 'failure' : 'success';
  const nativeId = idOf(event, record);
  const { actor, target } = partiesOf(event);
  const as = credentialAct(event, mapping);
  const src = endpoint(event.ip);
  const device = deviceSeen(event);
  const auth = as.class === 'authentication' && as.activity !== 'logoff' ? proofOf(event, mapping, outcome) : undefined;
  const tokenId = text(event.details['token_id']);
  const privilege = userPrivilege(event, mapping, outcome === 'success');
  const kind = mapping.resource ?? (event.clientId === undefined ? undefined : 'application');
  const detail = event.error ?? text(event.details['reason']);
  return {
    uid: eventUid('keycloak', nativeId),
    nativeId,
    source: 'keycloak',
    time,
    class: as.class,
    activity: as.activity,
    code: event.type,
    outcome,
    ...(detail && { detail }),
    ...(actor && { actor }),
    ...(target && { target }),
    ...(src && { src }),
    ...(device && { device }),
    ...(event.sessionId && { session: { uid: event.sessionId, ...(tokenId && { tokenId }), kind: 'sign_in' as const } }),
    ...(auth && { auth }),
    ...(kind && event.clientId && { resource: { kind, name: event.clientId } }),
    ...(privilege && { privilege }),
  };
}

function fromAdmin(event: AdminEvent, record: JsonObject, time: number): AccessEvent {
  const { mapping, target, resource, privilege } = adminAct(event);
  const nativeId = idOf(event, record);
  const actor = account(event.userId, event.userName);
  const src = endpoint(event.ip);
  const session = sessionOf(event);
  return {
    uid: eventUid('keycloak', nativeId),
    nativeId,
    source: 'keycloak',
    time,
    class: mapping.as.class,
    activity: mapping.as.activity,
    code: `${event.resourceType}:${event.operation}`,
    outcome: event.error === undefined ? 'success' : 'failure',
    ...((event.error ?? event.path) && { detail: event.error ?? event.path }),
    ...(actor && { actor }),
    ...(target && target.id !== actor?.id && { target }),
    ...(src && { src }),
    ...(session && { session }),
    ...(resource && { resource }),
    ...(privilege && { privilege }),
  };
}

/** The server's own words for an administrator it made at its start: the only lines beside events that tell of an account. */
const BOOTSTRAP =
  /^(KC-SERVICES\d{4}): (?:Added|Created temporary) (?:temporary )?(?:admin )?(user|service account)(?: with (?:username|client id))?:? '?([^\s']{1,200})'?(?: to realm '?([^\s']{1,200})'?)?/;

const told = (reason: KeycloakIgnored): ParseResult => ignored(reason);

function fromServer(event: ServerLog, record: JsonObject): ParseResult {
  if (event.continued) return told('continuation');
  const made = BOOTSTRAP.exec(event.message);
  if (!made || event.time === undefined) return told('server_log');
  const [, code = '', what, name = ''] = made;
  const nativeId = idOf(event, record);
  return kept({
    uid: eventUid('keycloak', nativeId),
    nativeId,
    source: 'keycloak',
    time: event.time,
    class: 'account_change',
    activity: 'create',
    code,
    outcome: 'success',
    detail: event.message.slice(0, 300),
    target: { system: 'keycloak', name: name.toLowerCase(), kind: what === 'user' ? 'admin' : 'service' },
  });
}

function parse(record: unknown, receivedAt?: number): ParseResult {
  if (!isObject(record)) return rejected('not_an_object', 'a Keycloak event is a JSON object');
  const event = readRecord(record, receivedAt);
  if (!event) return rejected('unknown_shape', 'type: expected a user event, an admin event, or a line of the server log');
  if (event.kind === 'server') return fromServer(event, record);
  if (event.time === undefined) return rejected('bad_time', 'time: expected epoch milliseconds or an instant');
  return kept(event.kind === 'user' ? fromUser(event, record, event.time) : fromAdmin(event, record, event.time));
}

function readLine(line: string, receivedAt?: number): unknown {
  if (isContinuation(line) || isBanner(line) || serverLine(line, receivedAt)) return { [LINE_MEMBER]: line };
  return jsonInSyslog(line);
}

/** Members under which extensions, brokers and collectors put the event. */
const WRAPPERS = ['adminEvent', 'event', 'payload', 'detail', 'data', 'value'] as const;

function bare(value: unknown): unknown {
  let current = value;
  for (let depth = 0; depth < 4 && isObject(current); depth += 1) {
    const outer: JsonObject = current;
    if (typeof outer['operationType'] === 'string' || outer['realmId'] !== undefined || outer['message'] !== undefined) return outer;
    const inner = WRAPPERS.map((key) => outer[key]).find(isObject);
    if (!inner) return outer;
    current = inner;
  }
  return current;
}

function unwrap(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(unwrap);
  if (!isObject(value)) return [value];
  const events = value['type'] === undefined ? value['events'] : undefined;
  return Array.isArray(events) ? events.map(bare) : [bare(value)];
}

/** Keycloak and Red Hat build of Keycloak: events API, server log (text, JSON, ECS), webhook and broker extensions. */
export const keycloak: Source = {
  id: 'keycloak',
  product: { vendor: 'Keycloak', name: 'Keycloak' },
  push: keycloakPush,
  readLine,
  unwrap,
  parse,
};
