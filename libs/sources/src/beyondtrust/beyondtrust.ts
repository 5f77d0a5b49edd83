import { rejected, type ParseResult } from '@keyward/events';
import { isObject } from '../json.js';
import { shippedAt } from '../shipped-line.js';
import type { Source } from '../source.js';
import { isInsight, parseInsight } from './insight.js';
import { beyondtrustPush } from './push.js';
import { parseRemote } from './remote.js';
import { isRemoteEvent, parseOutbound, parseSessionEvent } from './remote-session.js';
import { REMOTE_KEY } from './remote-syslog.js';
import { continuationOf, endOfReport, readBeyondTrustLine, shippedText } from './text-forms.js';

/** BeyondTrust: BeyondInsight with Password Safe, Privileged Remote Access, Remote Support. */
export const beyondtrust: Source = {
  id: 'beyondtrust',
  product: { vendor: 'BeyondTrust', name: 'BeyondTrust' },
  readLine: readBeyondTrustLine,
  endOfRecord: endOfReport,
  continuation: continuationOf,
  push: beyondtrustPush,
  unwrap,
  parse,
};

/** Lines that a shipper put into JSON, and lists in one envelope. */
function unwrap(value: unknown): readonly unknown[] {
  if (!isObject(value)) return [value];
  const events = value['events'] ?? value['value'] ?? value['data'];
  if (Array.isArray(events) && value['event_type'] === undefined) return events.flatMap(unwrap);
  if (isObject(value['message'])) return unwrap(value['message']);
  const line = shippedText(value);
  if (line === undefined) return [value];
  // The shipper's own clock is the nearest to when the line was received.
  const read = line.startsWith('{') ? parsed(line) : readBeyondTrustLine(line, shippedAt(value));
  return Array.isArray(read) ? read : [read ?? value];
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function parse(record: unknown, receivedAt?: number): ParseResult {
  if (!isObject(record)) return rejected('not_an_object', 'a record is a JSON object');
  if (record[REMOTE_KEY] !== undefined) return parseRemote(record, receivedAt);
  if (isRemoteEvent(record)) {
    if (record['event_type'] !== undefined) return parseSessionEvent(record);
    return record['who'] === undefined ? parseOutbound(record) : parseRemote(record, receivedAt);
  }
  if (isInsight(record)) return parseInsight(record);
  return rejected('unknown_shape', 'neither an event of BeyondInsight nor one of Privileged Remote Access');
}
