import { fieldReader, parseDescribed, readDescribedLine, unwrapDescribed, type DescribedFormat } from '../described-record.js';
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
  unwrap: unwrapDescribed,
  parse: (record, receivedAt) => parseDescribed(FORMAT, read, record, receivedAt),
};
