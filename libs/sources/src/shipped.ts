import type { ParseResult } from '@keyward/events';
import { fromCustomLog } from './custom-log.js';
import { parseInstant } from './instant.js';
import { at, isObject, list, type JsonObject } from './json.js';
import type { Source } from './source.js';

/**
 * Members in which shippers, buses and searches keep the record that they carry: Beats, Fluent Bit, Vector, Logstash, HTTP collectors, CloudEvents,
 * EventBridge, Kafka Connect, Wazuh, and exports of Splunk and Elasticsearch.
 */
const CARRIERS = [
  'event',
  'original',
  'event.original',
  'SyslogMessage',
  'full_message',
  'short_message',
  'detail',
  'data',
  'message',
  'Message',
  '_raw',
  'raw',
  'rawEvent',
  'RawData',
  'log',
  'body',
  'Body',
  'payload',
  'json',
  'record',
  'line',
  'full_log',
  'aws',
  '_source',
  'result',
  'value',
  'values',
  'jsonPayload',
  'textPayload',
  'stringValue',
  'attributes',
  'fields',
  'parsed',
  'content',
  'Sns',
  'kinesis',
] as const;
/** `{"result": {"_raw": "{\"event\": {...}}"}}` has three. */
const MAX_DEPTH = 4;
const CARRIED_AT = ['@timestamp', 'timestamp', '_time', 'TimeGenerated', 'time'] as const;

/**
 * The result of the one record that a shipper's own record carries. Asked only for what the source itself can't read, so that a vendor's record
 * with such a member is never taken for a shipper's.
 *
 * @param receivedAt epoch ms; the shipper's own time is nearer to a line whose time has no year
 * @returns undefined when nothing in it is a record of the source, or more than one is
 */
export function carriedRecord(
  source: Source,
  carrier: JsonObject,
  receivedAt: number | undefined,
  depth: number = MAX_DEPTH,
): ParseResult | undefined {
  if (depth === 0) return undefined;
  const near = CARRIED_AT.map((key) => parseInstant(carrier[key])).find((at) => at !== undefined) ?? receivedAt;
  const row = depth === MAX_DEPTH ? fromCustomLog(carrier) : undefined;
  const read = row === undefined ? undefined : source.parse(row, near);
  if (read !== undefined && read.kind !== 'rejected') return read;
  for (const key of CARRIERS) {
    const inside = Object.hasOwn(carrier, key) ? opened(source, carrier[key], near) : undefined;
    const records = inside === undefined ? [] : source.unwrap(inside);
    const [record] = records;
    if (records.length !== 1 || !isObject(record)) continue;
    const result = source.parse(record, near);
    if (result.kind !== 'rejected') return result;
    const deeper = carriedRecord(source, record, near, depth - 1);
    if (deeper) return deeper;
  }
  return undefined;
}

/** `{"` and `{\n`, in base64: Pub/Sub, Kinesis and Event Hubs carry bytes. */
const BASE64_OBJECT = /^e[wyo][A-Za-z0-9+/]{6,}={0,2}$/;

function opened(source: Source, value: unknown, receivedAt: number | undefined): unknown {
  if (typeof value !== 'string') return isObject(value) ? value : undefined;
  const written = BASE64_OBJECT.test(value) ? Buffer.from(value, 'base64').toString('utf8') : value;
  if (!/^\s*\{/.test(written)) return source.readLine?.(written.trim(), receivedAt);
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}

/** Members under which APIs, functions, searches and collectors keep a list of records. */
const LISTS = [
  'records',
  'Records',
  'value',
  'values',
  'events',
  'Events',
  'items',
  'Items',
  'data',
  'results',
  'logs',
  'logEvents',
  'entries',
  'messages',
  'hits',
  'streams',
  'resourceLogs',
  'scopeLogs',
  'logRecords',
  'result',
  'response',
] as const;

const itemsOf = (value: unknown): readonly unknown[] | undefined => {
  const items = list(value);
  return items.length > 0 ? items : undefined;
};

/** The list that an envelope carries whose name the source doesn't know: `{"hits": {"hits": [...]}}`. Asked only for what the source can't read. */
export function listIn(envelope: JsonObject): readonly unknown[] | undefined {
  for (const key of LISTS) {
    if (!Object.hasOwn(envelope, key)) continue;
    const inside = envelope[key];
    const found = itemsOf(inside) ?? LISTS.map((name) => itemsOf(at(inside, name))).find((one) => one !== undefined);
    if (found) return found;
  }
  return undefined;
}
