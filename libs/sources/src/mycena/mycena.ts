import { fieldReader, parseDescribed, readDescribedLine, type DescribedFormat } from '../described-record.js';
import { isObject, list } from '../json.js';
import type { Source } from '../source.js';
import { EVENTS } from './events.js';
import { FIELDS } from './fields.js';

const FORMAT: DescribedFormat = { source: 'mycena', synonyms: FIELDS, rules: EVENTS };
const read = fieldReader(FIELDS);

/** MyCena Desk Center and console: its audit events as JSON, CEF, LEEF or `name=value` behind syslog. */
export const mycena: Source = {
  id: 'mycena',
  product: { vendor: 'MyCena', name: 'MyCena' },
  envelopeKeys: ['events', 'records'],
  readLine: readDescribedLine,
  unwrap,
  parse: (record, receivedAt) => parseDescribed(FORMAT, read, record, receivedAt),
};

function unwrap(value: unknown): readonly unknown[] {
  if (!isObject(value)) return [value];
  for (const key of ['events', 'records']) if (Array.isArray(value[key])) return list(value[key]);
  return [value];
}
