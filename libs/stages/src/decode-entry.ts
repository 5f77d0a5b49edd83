import { VerdictEntry } from '@keyward/baselines';
import { LedgerKind, Part, type LedgerEntry } from '@keyward/events';

/**
 * Reads what INGEST wrote. Events are checked by hand and only in their outline: the topic is ours, the parsers' results are validated in their tests, and a
 * full schema check of each entry would cost as much as scoring it. Verdicts are few.
 *
 * @throws Error when the record is not ours
 */
export function decodeEntry(value: Buffer): LedgerEntry | VerdictEntry {
  const entry = JSON.parse(value.toString('utf8')) as LedgerEntry | VerdictEntry;
  if (entry.part === 'verdict') return VerdictEntry.parse(entry);
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

/** A verdict among the events of a ledger. */
export const isVerdict = (entry: LedgerEntry | VerdictEntry): entry is VerdictEntry => entry.part === 'verdict';
