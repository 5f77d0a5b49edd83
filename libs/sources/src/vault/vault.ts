import type { Source } from '../source.js';
import { isObject, list, text } from '../json.js';
import { readLogLine } from '../syslog/line.js';
import { parseEntry } from './parse-entry.js';

/** HashiCorp Vault and OpenBao: the audit devices `file`, `syslog` and `socket`, format `json`. */
export const vault: Source = {
  id: 'vault',
  product: { vendor: 'HashiCorp', name: 'Vault' },
  envelopeKeys: ['records'],
  readLine,
  unwrap,
  parse: parseEntry,
};

/** A syslog header, or the audit device's own `prefix`, before the JSON. */
function readLine(line: string, receivedAt?: number): unknown {
  const { body } = readLogLine(line, receivedAt);
  if (body.form === 'json') return body.value;
  const from = line.indexOf('{');
  return from < 0 ? undefined : jsonObject(line.slice(from));
}

/** Log shippers put the line into a member of their own. */
function unwrap(value: unknown): readonly unknown[] {
  if (!isObject(value) || value['request'] !== undefined) return [value];
  if (Array.isArray(value['records'])) return list(value['records']).flatMap(unwrap);
  for (const wrapper of ['message', 'log', 'event', 'line']) {
    const inner = value[wrapper];
    const entry = isObject(inner) ? inner : text(inner)?.startsWith('{') === true ? jsonObject(String(inner)) : undefined;
    if (entry !== undefined && (entry['request'] !== undefined || entry['@message'] !== undefined)) return [entry];
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
