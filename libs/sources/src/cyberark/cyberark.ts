import { at, isObject, list } from '../json.js';
import { shippedAt } from '../shipped-line.js';
import type { Source } from '../source.js';
import { HEADER_KEY } from './audit-record.js';
import { parseVaultRecord } from './parse-record.js';
import { endOfVaultXml, readVaultLine, shippedLine } from './text-forms.js';

/** CyberArk Privileged Access Manager: the Vault's audit, with PVWA, CPM and PSM. */
export const cyberark: Source = {
  id: 'cyberark',
  product: { vendor: 'CyberArk', name: 'Privileged Access Manager' },
  readLine: readVaultLine,
  endOfRecord: endOfVaultXml,
  unwrap,
  parse: parseVaultRecord,
};

/** A list of audit records in one envelope, and lines that a shipper put into JSON. */
function unwrap(value: unknown): readonly unknown[] {
  // Pages of the Audit service, and rows of Identity's query.
  const page = at(value, 'data') ?? at(value, 'results') ?? at(value, 'Result', 'Results') ?? at(value, 'events');
  if (Array.isArray(page)) return page.flatMap(unwrap);
  const row = at(value, 'Row');
  if (isObject(row)) return [row];
  const records = at(value, 'syslog', 'audit_record') ?? at(value, 'audit_record');
  if (Array.isArray(records)) {
    const header = isObject(value) ? value[HEADER_KEY] : undefined;
    return list(records).map((record) => ({ audit_record: record, [HEADER_KEY]: header }));
  }
  if (records !== undefined || !isObject(value)) return [value];
  const line = shippedLine(value);
  // The shipper's own clock is the nearest to when the line was received.
  return [(line === undefined ? undefined : readVaultLine(line, shippedAt(value))) ?? value];
}
