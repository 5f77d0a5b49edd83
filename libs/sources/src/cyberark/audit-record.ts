import { deterministicUid } from '@keyward/events';
import { parseInstant } from '../instant.js';
import { at, firstText, isObject, list, object, text, type JsonObject } from '../json.js';
import { readSemicolonPairs } from '../syslog/key-value.js';

/**
 * One audit record of the Vault, whatever form it arrived in. Names as in the Vault's own XML, `<syslog><audit_record>`;
 * an empty element is undefined.
 *
 * @see CyberArk docs, "Create a custom XSL translator file"
 */
export interface AuditRecord {
  readonly code: string;
  /** Description of the code: `Retrieve password`. */
  readonly name: string;
  /** Info, Error or Critical; in CEF 5, 7 or 10. */
  readonly severity: string | undefined;
  /** Epoch ms; undefined when the record has no readable time. */
  readonly time: number | undefined;
  /** Who acted. */
  readonly issuer: string | undefined;
  readonly sourceUser: string | undefined;
  readonly targetUser: string | undefined;
  readonly safe: string | undefined;
  /** The object in the safe: `Root\Operating System-UnixSSH-db1.example.com-root`. */
  readonly file: string | undefined;
  /** The client's address; in records of PSM the PSM server's. */
  readonly station: string | undefined;
  readonly gateway: string | undefined;
  readonly category: string | undefined;
  readonly location: string | undefined;
  readonly requestId: string | undefined;
  readonly reason: string | undefined;
  /** `ExtraDetails`, keys in lower case: sessionid, srchost, dsthost, user, protocol, command ... */
  readonly extra: Readonly<Record<string, string>>;
  /** The account's properties, keys in lower case: username, address, policyid, devicetype ... */
  readonly properties: Readonly<Record<string, string>>;
  readonly ticket: string | undefined;
  /** Id and code of the Audit service, where the record came through it. */
  readonly auditUuid: string | undefined;
  readonly auditCode: string | undefined;
}

/** Where `readLine` puts the time of the syslog header, for records that have none themselves. */
export const HEADER_KEY = 'keyward_syslog';

/** @returns the record inside any of the JSON forms: `{syslog: {audit_record}}`, `{audit_record}`, or itself; undefined when it is none */
export function auditRecordOf(value: JsonObject): JsonObject | undefined {
  const nested = at(value, 'syslog', 'audit_record') ?? at(value, 'cyberarkpas', 'audit') ?? value['audit_record'];
  if (isObject(nested)) return nested;
  return firstText(value['MessageID'], value['MessageId'], value['messageID']) === undefined ? undefined : value;
}

/**
 * @param value what `auditRecordOf` found
 * @param header what the syslog line's header said: `time`, epoch ms
 * @param receivedAt epoch ms, gives a time without year its year
 */
export function readAuditRecord(value: JsonObject, header: JsonObject, receivedAt?: number): AuditRecord | undefined {
  const code = firstText(value['MessageID'], value['MessageId'], value['messageID']);
  if (code === undefined) return undefined;
  const details = value['ExtraDetails'];
  return {
    code,
    name: firstText(value['Desc'], value['Action'], value['Message']) ?? `Code ${code}`,
    severity: text(value['Severity']),
    time: timeOf(value, header, receivedAt),
    issuer: text(value['Issuer']),
    sourceUser: text(value['SourceUser']),
    targetUser: text(value['TargetUser']),
    safe: text(value['Safe']),
    file: text(value['File']),
    station: text(value['Station']),
    gateway: text(value['GatewayStation']),
    category: text(value['Category']),
    location: text(value['Location']),
    requestId: text(value['RequestId']),
    reason: text(value['Reason']),
    extra: isObject(details) ? lowerKeys(Object.entries(details)) : typeof details === 'string' ? pairs(details) : NONE,
    properties: propertiesOf(value['CAProperties']),
    ticket: firstText(value['TicketID'], value['TicketId'], ticketIn(value['PvwaDetails'])),
    auditUuid: text(value['AuditUuid']),
    auditCode: text(value['AuditCode']),
  };
}

const NONE: Readonly<Record<string, string>> = Object.freeze({});

/**
 * The record's own instant first, then the header's (RFC 5424 and BSD alike), then the Vault's local time, which has no zone and no year. CEF and
 * LEEF carry none: a relay that took the header away leaves only when the line was received.
 */
function timeOf(value: JsonObject, header: JsonObject, receivedAt: number | undefined): number | undefined {
  const headerTime = typeof header['time'] === 'number' ? header['time'] : undefined;
  const own = parseInstant(value['IsoTimestamp']) ?? headerTime ?? parseInstant(value['Timestamp'], receivedAt);
  const isBare = header['bare'] === true && firstText(value['IsoTimestamp'], value['Timestamp']) === undefined;
  return own ?? (isBare ? receivedAt : undefined);
}

const pairs = (details: string): Readonly<Record<string, string>> =>
  details.includes('=') ? lowerKeys(Object.entries(readSemicolonPairs(details))) : NONE;

function lowerKeys(entries: readonly (readonly [string, unknown])[]): Readonly<Record<string, string>> {
  const lower: Record<string, string> = {};
  for (const [key, value] of entries) {
    const found = text(value);
    if (found !== undefined) lower[key.toLowerCase()] = found;
  }
  return lower;
}

/** `{CAProperty: {Name, Value}}` or a list of them, `{CAProperty: {Name: ..., ...}}` flattened by a collector, or a plain object. */
function propertiesOf(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return NONE;
  const inner = value['CAProperty'];
  if (inner === undefined) return lowerKeys(Object.entries(value));
  const properties: Record<string, string> = {};
  for (const property of Array.isArray(inner) ? list(inner) : [inner]) {
    const name = text(object(property)['Name']);
    const found = text(object(property)['Value']);
    if (name !== undefined && found !== undefined) properties[name.toLowerCase()] = found;
  }
  return properties;
}

const MAX_TICKET_DEPTH = 5;

/** PVWA's details of a request hold the ticket somewhere below `TicketingDetails`, under a name that changed between versions. */
function ticketIn(value: unknown, depth = 0): string | undefined {
  if (!isObject(value) || depth > MAX_TICKET_DEPTH) return undefined;
  for (const [key, member] of Object.entries(value)) {
    if (/^ticket(?:ing)?(?:id|number)$/i.test(key)) return text(member);
    const below = ticketIn(member, depth + 1);
    if (below !== undefined) return below;
  }
  return undefined;
}

/**
 * The Vault gives its records no id, unlike the Audit service. Two records are the same when all that they say is the same, whatever form they came in:
 * JSON and XML of one event give one id.
 */
export const nativeIdOf = (record: AuditRecord): string =>
  record.auditUuid ??
  deterministicUid(
    record.code,
    record.time ?? 0,
    ...[record.issuer, record.sourceUser, record.targetUser, record.safe, record.file, record.station, record.gateway].map(orEmpty),
    ...[record.category, record.location, record.requestId, record.reason].map(orEmpty),
    ...Object.entries(record.extra).flat(),
  );

const orEmpty = (value: string | undefined): string => value ?? '';
