import { fieldReader, parseDescribed, readDescribedLine, unwrapDescribed, type DescribedFormat } from '../described-record.js';
import type { Source } from '../source.js';
import { EVENTS } from './events.js';
import { FIELDS } from './fields.js';

const FORMAT: DescribedFormat = { source: 'visulox', synonyms: FIELDS, rules: EVENTS };
const read = fieldReader(FIELDS);

/** amitego VISULOX: its service events and action-script variables, as JSON, CEF, LEEF or `name=value` behind syslog. */
export const visulox: Source = {
  id: 'visulox',
  product: { vendor: 'amitego', name: 'VISULOX' },
  envelopeKeys: ['events', 'records'],
  readLine: readDescribedLine,
  unwrap: unwrapDescribed,
  parse: (record, receivedAt) => parseDescribed(FORMAT, read, record, receivedAt),
};
