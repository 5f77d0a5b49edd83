import { ignored, rejected, type ParseResult } from '@keyward/events';
import { parseInstant } from '../instant.js';
import { firstText, isObject, object, text, type JsonObject } from '../json.js';
import { shippedAt } from '../shipped-line.js';
import type { Source } from '../source.js';
import { parsePlatformEvent } from './platform.js';
import { isPrivilegeManager, parsePrivilegeManager } from './privilege-manager.js';
import { delineaPush } from './push.js';
import { readServerMessage } from './server-message.js';
import { fromServerCef, parseServerEvent, serverAccount } from './server.js';
import { parseAuditTrail, SUITE_KEY } from './suite.js';
import { CEF_KEY, fromDecodedCef, readDelineaLine, shippedText } from './text-forms.js';

/** Delinea (once Thycotic and Centrify): Secret Server, the Platform, Privilege Manager, Server Suite. */
export const delinea: Source = {
  id: 'delinea',
  product: { vendor: 'Delinea', name: 'Secret Server' },
  push: delineaPush,
  readLine: readDelineaLine,
  unwrap,
  parse,
};

/** Pages of the audit API, deliveries of a webhook, and lines that a shipper put into JSON. */
function unwrap(value: unknown): readonly unknown[] {
  if (!isObject(value)) return [value];
  for (const key of ['events', 'records', 'value', 'data', 'auditEvents', 'results']) {
    const inner = value[key];
    if (Array.isArray(inner) && value['eventMessageId'] === undefined) return inner.flatMap(unwrap);
  }
  if (isObject(value['data']) && (value['data']['eventMessageId'] !== undefined || value['data']['eventType'] !== undefined))
    return [value['data']];
  const line = shippedText(value);
  return [line === undefined ? value : (readDelineaLine(line, shippedAt(value)) ?? value)];
}

function parse(record: unknown, receivedAt?: number): ParseResult {
  if (!isObject(record)) return rejected('not_an_object', 'a record is a JSON object');
  if (isObject(record[SUITE_KEY])) return parseAuditTrail(record);
  const cef = isObject(record[CEF_KEY]) ? record : fromDecodedCef(record);
  if (cef) return parseCef(cef, receivedAt);
  if (record['eventMessageId'] !== undefined || record['eventDateTime'] !== undefined || record['Event type'] !== undefined)
    return parsePlatformEvent(record);
  // Lines of the Remote Access engine: about itself, by engine or, before it has a name, by build.
  if (
    record['msg'] !== undefined &&
    (record['engine_id'] !== undefined || (record['build'] !== undefined && record['level'] !== undefined))
  )
    return ignored('engine_log');
  return parsePlainEvent(record) ?? rejected('unknown_shape', 'neither an event of Secret Server nor one of the Platform');
}

function parseCef(record: JsonObject, receivedAt?: number): ParseResult {
  const head = object(record[CEF_KEY]);
  const product = text(head['product']) ?? 'Secret Server';
  const headerTime = parseInstant(head['time'], receivedAt);
  const extension: Record<string, string> = {};
  for (const [key, member] of Object.entries(record)) if (typeof member === 'string' && member !== '') extension[key] = member;
  const name = firstText(head['name'], head['signature']);
  if (name === undefined) return rejected('schema_mismatch', 'name: expected the name of the event');
  if (isPrivilegeManager(product)) return parsePrivilegeManager(extension, name, text(head['signature']), headerTime, receivedAt);
  return parseServerEvent(fromServerCef(name, product, extension, headerTime));
}

/** An event as Secret Server's own JSON has it (`eventAction`, `byUser`), also as an event subscription posts it, and rows of its audit API. */
function parsePlainEvent(value: JsonObject): ParseResult | undefined {
  const lower: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) lower[key.toLowerCase().replace(/[^a-z]/g, '')] = member;
  const verb = firstText(lower['eventaction'], lower['action'], lower['actionname']);
  const time =
    parseInstant(lower['eventtime']) ??
    parseInstant(lower['daterecorded']) ??
    parseInstant(lower['timestamp']) ??
    parseInstant(lower['time']);
  const entity =
    firstText(lower['evententitytype'], lower['entitytype']) ??
    (lower['secretid'] !== undefined || lower['secretname'] !== undefined ? 'SECRET' : undefined);
  if (verb === undefined || entity === undefined) return undefined;
  const details = firstText(lower['eventdetails'], lower['notes'], lower['details']);
  return parseServerEvent({
    id: firstText(lower['eventid'], lower['auditid'], lower['eventqueueid']),
    object: entity,
    verb,
    time,
    actor: serverAccount(
      firstText(lower['byuser'], lower['username'], lower['userdisplayname'], lower['bynameuser']),
      firstText(lower['userid']),
      firstText(lower['byuserdisplayname'], lower['displayname']),
    ),
    user: firstText(lower['targetusername'], lower['targetuser']),
    address: firstText(lower['ipaddress'], lower['clientip']),
    message: {
      ...readServerMessage(''),
      item: firstText(lower['itemname'], lower['secretname'], lower['itemnamefordisplay']),
      itemId: firstText(lower['itemid'], lower['secretid']),
      container: firstText(lower['containername'], lower['foldername']),
      details,
    },
    detail: details,
  });
}
