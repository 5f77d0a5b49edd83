import { isObject, list, text } from '../json.js';
import type { Source } from '../source.js';
import { readLogLine } from '../syslog/line.js';
import { parseEvent } from './parse-event.js';

/** Teleport's audit log: the file on the auth server, the event handler (Fluentd, HTTP), Athena and DynamoDB rows. */
export const teleport: Source = {
  id: 'teleport',
  product: { vendor: 'Gravitational', name: 'Teleport' },
  envelopeKeys: ['events', 'records'],
  readLine,
  unwrap,
  parse: parseEvent,
};

/** The event handler's output behind a syslog header or a Fluentd tag. */
function readLine(line: string, receivedAt?: number): unknown {
  const { body } = readLogLine(line, receivedAt);
  if (body.form === 'json') return body.value;
  const from = line.indexOf('{');
  return from < 0 ? undefined : jsonObject(line.slice(from));
}

/** Members that hold the event itself: Athena `event_data`, DynamoDB `FieldsMap` and `Fields`, the API's `unstructured` and `event`, log shippers. */
const WRAPPERS = ['event_data', 'FieldsMap', 'Fields', 'unstructured', 'event', 'message', 'log', 'data'];

function unwrap(value: unknown): readonly unknown[] {
  if (!isObject(value) || (text(value['event'])?.startsWith('{') === false && value['time'] !== undefined)) return [value];
  for (const key of ['events', 'records']) if (Array.isArray(value[key])) return list(value[key]).flatMap(unwrap);
  for (const wrapper of WRAPPERS) {
    const inner = value[wrapper];
    const found = isObject(inner) ? inner : text(inner)?.startsWith('{') === true ? jsonObject(String(inner)) : undefined;
    if (found !== undefined && text(found['event']) !== undefined) return [found];
  }
  return [value];
}

function jsonObject(written: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(written);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
