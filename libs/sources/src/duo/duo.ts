import { deterministicUid, eventUid, ignored, kept, rejected, type ParseResult } from '@keyward/events';
import { firstText, isObject, objects, text, type JsonObject } from '../json.js';
import type { Source } from '../source.js';
import { actionEvent, activityAction, administratorAction, type Action } from './action-log.js';
import { classifyAction } from './actions.js';
import { authenticationEvent, proxyEvent } from './authentication-log.js';
import { recordInLine } from './cef-line.js';
import { known, timeOf, type EventParts } from './fields.js';
import { telephonyEvent, trustMonitorEvent } from './other-logs.js';
import type { DuoIgnored } from './mapping.js';

type Read = { readonly parts: EventParts } | { readonly ignored: DuoIgnored };

function fromAction(action: Action): Read {
  const classified = classifyAction(action.name);
  return 'ignored' in classified ? classified : { parts: actionEvent(action, classified.mapping) };
}

/** Which log a record is of, by the members that only that one has. */
function read(record: JsonObject): Read | undefined {
  if (isObject(record['action']) && text(record['action']['name']) !== undefined) return fromAction(activityAction(record));
  if (text(record['sekey']) !== undefined || record['surfaced_timestamp'] !== undefined) return { parts: trustMonitorEvent(record) };
  if (text(record['auth_stage']) !== undefined) return { parts: proxyEvent(record) };
  if (text(record['action']) !== undefined) return fromAction(administratorAction(record));
  if (record['credits'] !== undefined && (record['phone'] !== undefined || record['context'] !== undefined))
    return { parts: telephonyEvent(record) };
  if (
    record['result'] !== undefined &&
    (record['factor'] !== undefined || record['event_type'] !== undefined || record['txid'] !== undefined)
  ) {
    return { parts: authenticationEvent(record) };
  }
  if (record['user_count'] !== undefined || record['telephony_credits_remaining'] !== undefined) return { ignored: 'account_summary' };
  if (text(record['user_id']) !== undefined && ('is_enrolled' in record || 'last_login' in record)) return { ignored: 'inventory' };
  return undefined;
}

/** A sign-in keeps its transaction's id; a transaction that is logged twice with two results is two events. */
function idsOf(record: JsonObject): { readonly nativeId: string; readonly unique: string } {
  const own = firstText(known(record['activity_id']), known(record['telephony_id']), known(record['sekey']));
  if (own !== undefined) return { nativeId: own, unique: own };
  const txid = known(record['txid']);
  if (txid !== undefined) return { nativeId: txid, unique: `${txid} ${text(record['result']) ?? ''} ${text(record['timestamp']) ?? ''}` };
  const whole = deterministicUid(JSON.stringify(record));
  return { nativeId: whole, unique: whole };
}

function parse(record: unknown): ParseResult {
  if (!isObject(record)) return rejected('not_an_object', 'a Duo log is a JSON object');
  const found = read(record);
  if (!found) return rejected('unknown_shape', 'none of the logs of Duo: no action, factor, sekey, auth_stage, credits');
  if ('ignored' in found) return ignored(found.ignored);
  const time = timeOf(record);
  if (time === undefined) return rejected('bad_time', 'timestamp: expected epoch seconds, or isotimestamp');
  const { nativeId, unique } = idsOf(record);
  return kept({ uid: eventUid('duo', unique), nativeId, source: 'duo', time, ...found.parts });
}

/** Members under which the Admin API and Duo Log Sync keep their lists. */
const LISTS = ['authlogs', 'items', 'events', 'logs'] as const;

function unwrap(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(unwrap);
  if (!isObject(value)) return [value];
  if (value['stat'] !== undefined && 'response' in value) return unwrap(value['response']);
  if (isObject(value['response']) && Object.keys(value).length <= 2) return unwrap(value['response']);
  const inner = isObject(value['log']) ? value['log'] : isObject(value['event']) ? value['event'] : undefined;
  if (inner && read(value) === undefined && read(inner) !== undefined) return [inner];
  for (const key of LISTS) if (Array.isArray(value[key])) return objects(value[key]);
  return [value];
}

/** Cisco Duo: Admin API logs v1 and v2, Duo Log Sync (JSON and CEF), the Authentication Proxy's events. */
export const duo: Source = {
  id: 'duo',
  product: { vendor: 'Cisco', name: 'Duo' },
  envelopeKeys: ['authlogs', 'items', 'response'],
  readLine: recordInLine,
  unwrap,
  parse,
};
