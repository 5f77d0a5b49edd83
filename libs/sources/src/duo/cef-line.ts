import type { JsonObject } from '../json.js';
import { readLogLine } from '../syslog/line.js';

/** Names under which Duo Log Sync puts the members of a log into CEF, and what they are called in the log. */
const RENAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    suser: 'username',
    duser: 'username',
    src: 'ip',
    rt: 'timestamp',
    msg: 'description',
    outcome: 'result',
    shost: 'hostname',
    deviceExternalId: 'txid',
  }),
);

/**
 * A line of Duo Log Sync: JSON, or `CEF:0|Duo Security|DuoLogSync|2.0|administrator|user_update|5|rt=… cs1Label=action cs1=user_update`.
 *
 * @returns the record as the Admin API would give it, as far as the line has it
 */
export function recordInLine(line: string, receivedAt?: number): JsonObject | undefined {
  const { body, header } = readLogLine(line, receivedAt);
  if (body.form === 'json') return body.value;
  if (body.form !== 'cef' || !/duo/i.test(body.value.vendor)) return undefined;
  const { extension, signatureId, name } = body.value;
  const record: Record<string, unknown> = { eventtype: signatureId };
  for (const [key, value] of Object.entries(extension)) {
    if (/^c(?:s|n|fp)\d{1,2}Label$/.test(key)) {
      const labelled = extension[key.slice(0, -'Label'.length)];
      if (labelled !== undefined) record[snake(value)] ??= labelled;
    } else if (!/^c(?:s|n|fp)\d{1,2}$/.test(key)) {
      record[RENAMED.get(key) ?? snake(key)] ??= value;
    }
  }
  if (signatureId === 'administrator') record['action'] ??= name;
  record['timestamp'] ??= header.time;
  return record;
}

const snake = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s.]+/g, '_');
