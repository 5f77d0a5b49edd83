import { parseInstant } from '../instant.js';
import { at, firstText, isObject, object, text, type JsonObject } from '../json.js';
import { eventPairs, isBanner, isContinuation, isEventText, serverLine } from './log-line.js';
import { eventOfRow } from './table-row.js';
import { isUserType } from './user-types.js';

/** What all shapes of a user event have in common. */
export interface UserEvent {
  readonly kind: 'user';
  readonly id: string | undefined;
  readonly time: number | undefined;
  /** `LOGIN_ERROR`, also where an extension writes `access.LOGIN_ERROR`. */
  readonly type: string;
  readonly realm: string | undefined;
  readonly clientId: string | undefined;
  readonly userId: string | undefined;
  readonly sessionId: string | undefined;
  readonly ip: string | undefined;
  readonly error: string | undefined;
  readonly details: JsonObject;
}

export interface AdminEvent {
  readonly kind: 'admin';
  readonly id: string | undefined;
  readonly time: number | undefined;
  readonly operation: string;
  readonly resourceType: string;
  readonly path: string;
  readonly representation: unknown;
  readonly realm: string | undefined;
  readonly clientId: string | undefined;
  readonly userId: string | undefined;
  readonly userName: string | undefined;
  readonly sessionId: string | undefined;
  readonly ip: string | undefined;
  readonly error: string | undefined;
  readonly details: JsonObject;
}

/** A line of the server's log that is neither. */
export interface ServerLog {
  readonly kind: 'server';
  readonly time: number | undefined;
  readonly message: string;
  readonly continued: boolean;
}

/** Keycloak writes what it does not know as `null`. */
const known = (value: unknown): string | undefined => {
  const found = text(value);
  return found === 'null' ? undefined : found;
};
const firstKnown = (...values: readonly unknown[]): string | undefined => values.map(known).find((value) => value !== undefined);

/** The member under which `readLine` hands on a line of text. */
export const LINE_MEMBER = 'keycloakLine';

/** @returns undefined when it is none of Keycloak's shapes */
export function readRecord(written: JsonObject, receivedAt: number | undefined): UserEvent | AdminEvent | ServerLog | undefined {
  const record = eventOfRow(written);
  const line = record[LINE_MEMBER];
  if (typeof line === 'string') return fromLine(line, undefined, receivedAt);
  if (isAdmin(record)) return adminEvent(record, timeOf(record));
  if (isUser(record)) return userEvent(record, timeOf(record));
  return fromStructuredLog(record, receivedAt);
}

const timeOf = (record: JsonObject): number | undefined => {
  const written = record['time'] ?? record['timestamp'] ?? record['@timestamp'] ?? record['eventTime'] ?? record['dateTime'];
  return written === undefined || written === null ? undefined : parseInstant(written);
};

/** `{"loggerName": "org.keycloak.events", "message": "type=…"}`, the same in ECS words, or what a log shipper made of a line. */
function fromStructuredLog(record: JsonObject, receivedAt: number | undefined): ServerLog | UserEvent | AdminEvent | undefined {
  const message = firstText(record['message'], record['log'], record['MESSAGE'], record['msg'], record['short_message']);
  const logger = firstText(
    record['loggerName'],
    record['log.logger'],
    at(record, 'log', 'logger'),
    record['logger'],
    record['_LoggerName'],
    record['log_name'],
  );
  if (message === undefined) return undefined;
  const time = timeOf(record);
  const inner = fromLine(message, time, receivedAt);
  if (inner && inner.kind !== 'server') return inner;
  return logger === undefined ? inner : { kind: 'server', time, message, continued: false };
}

function fromLine(
  line: string,
  writtenAt: number | undefined,
  receivedAt: number | undefined,
): ServerLog | UserEvent | AdminEvent | undefined {
  if (isContinuation(line)) return { kind: 'server', time: undefined, message: line, continued: true };
  if (isBanner(line)) return { kind: 'server', time: undefined, message: line, continued: false };
  const read = isEventText(line) ? { time: writtenAt, logger: '', message: line } : serverLine(line, receivedAt);
  if (!read) return undefined;
  const time = isEventText(line) ? read.time : inZone(read.time, writtenAt);
  if (isEventText(read.message)) {
    const pairs = eventPairs(read.message);
    // The details of an admin event stand beside its own members: their `username` is the account that was acted on.
    if (pairs['operationType'] !== undefined && pairs['resourceType'] !== undefined) return adminEvent({ ...pairs, details: pairs }, time);
    if (pairs['type'] !== undefined) return userEvent({ ...pairs, details: pairs }, time);
  }
  return { kind: 'server', time, message: read.message, continued: false };
}

const HALF_HOUR_MS = 30 * 60_000;
const CLOSE_MS = 2 * 60_000;
const FARTHEST_ZONE_MS = 14 * 60 * 60_000;

/**
 * The text log has a clock without a zone. Where a shipper wrote with its own time when it took the line, the half hours between the two are the
 * server's zone; where they don't fit (a line that was shipped late), the clock is read as UTC.
 */
function inZone(clock: number | undefined, shippedAt: number | undefined): number | undefined {
  if (clock === undefined || shippedAt === undefined) return clock ?? shippedAt;
  const apart = shippedAt - clock;
  const zone = Math.round(apart / HALF_HOUR_MS) * HALF_HOUR_MS;
  return Math.abs(apart) <= FARTHEST_ZONE_MS && Math.abs(apart - zone) <= CLOSE_MS ? clock + zone : clock;
}

/** `admin.USER-CREATE`, `USER-CREATE`: how extensions put object and operation together. */
const JOINED = /^(?:admin\.)?([A-Z][A-Z_]{1,60})-(CREATE|UPDATE|DELETE|ACTION)$/;

const isAdmin = (record: JsonObject): boolean =>
  text(record['operationType']) !== undefined ||
  (typeof record['type'] === 'string' && JOINED.test(record['type']) && record['type'].length < 100);

/** Also as forwarders lower it, `login_error`. */
const USER_TYPE = /^(?:access\.|user\.)?([A-Z][A-Z0-9_]{2,60}|[a-z][a-z0-9_]{2,60})$/;
const isUser = (record: JsonObject): boolean =>
  typeof record['type'] === 'string' &&
  record['type'].length < 100 &&
  USER_TYPE.test(record['type']) &&
  (record['type'] !== record['type'].toLowerCase() || isUserType(record['type'].toUpperCase())) &&
  ['realmId', 'realm', 'realmName', 'realm_id', 'clientId', 'userId', 'ipAddress', 'details', 'time', 'authDetails'].some(
    (key) => key in record,
  );

function userEvent(record: JsonObject, time: number | undefined): UserEvent {
  const said = object(record['details']);
  const by = object(record['authDetails']);
  const name = known(by['username']);
  // One copy of the details: what extensions write beside them belongs to them.
  const details = name !== undefined && said['username'] === undefined ? { ...said, username: name } : said;
  const error = known(record['error']);
  return {
    kind: 'user',
    id: firstKnown(record['id'], record['uid'], record['uuid']),
    time,
    type: (USER_TYPE.exec(known(record['type']) ?? '')?.[1] ?? known(record['type']) ?? '').toUpperCase(),
    realm: firstKnown(record['realmName'], record['realm'], record['realmId'], by['realmId']),
    clientId: firstKnown(record['clientId'], by['clientId']),
    userId: firstKnown(record['userId'], by['userId']),
    // A failed sign-in has the id of its attempt there, which is no session yet.
    sessionId: firstKnown(
      record['sessionId'],
      by['sessionId'],
      ...(error === undefined ? [details['code_id'], details['authSessionParentId']] : []),
    ),
    ip: firstKnown(record['ipAddress'], by['ipAddress']),
    error,
    details,
  };
}

function adminEvent(record: JsonObject, time: number | undefined): AdminEvent {
  const by = object(record['authDetails']);
  const joined = JOINED.exec(known(record['type']) ?? '');
  const details = object(record['details']);
  return {
    kind: 'admin',
    id: firstKnown(record['id'], record['uid'], record['uuid']),
    time,
    operation: (firstKnown(record['operationType'], joined?.[2]) ?? '').toUpperCase(),
    resourceType: (firstKnown(record['resourceType'], record['resourceTypeAsString'], joined?.[1]) ?? 'CUSTOM').toUpperCase(),
    path: known(record['resourcePath']) ?? '',
    representation: representationOf(record['representation']),
    realm: firstKnown(record['realmName'], record['realmId'], by['realmId']),
    clientId: firstKnown(by['clientId'], record['clientId']),
    userId: firstKnown(by['userId'], record['userId']),
    userName: firstKnown(by['username'], record['adminUsername']),
    sessionId: firstKnown(by['sessionId'], record['sessionId']),
    ip: firstKnown(by['ipAddress'], record['ipAddress']),
    error: known(record['error']),
    details,
  };
}

/** JSON in text. What is longer than any person's edit is not read. */
const LONGEST_REPRESENTATION = 256_000;
function representationOf(value: unknown): unknown {
  if (typeof value !== 'string') return isObject(value) || Array.isArray(value) ? value : undefined;
  if (value.length > LONGEST_REPRESENTATION) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
