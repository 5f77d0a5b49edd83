import { LedgerKind, Part, type LedgerEntry } from '@keyward/events';

/**
 * Reads what INGEST wrote. Checked by hand and only in its outline: the topic is ours, the parsers' results are validated in their tests, and a full
 * schema check of each entry would cost as much as scoring it.
 *
 * @throws Error when the record is not ours
 */
export function decodeEntry(value: Buffer): LedgerEntry {
  const entry = JSON.parse(value.toString('utf8')) as LedgerEntry;
  if (
    !LedgerKind.options.includes(entry.ledger) ||
    !Part.options.includes(entry.part) ||
    typeof entry.key !== 'string' ||
    typeof entry.primary !== 'boolean' ||
    typeof entry.event.uid !== 'string' ||
    !Number.isInteger(entry.event.time)
  ) {
    throw new Error('access.events holds a record that is no ledger entry: only INGEST may write there');
  }
  return entry;
}
