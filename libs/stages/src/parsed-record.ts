import type { VerdictEntry } from '@keyward/baselines';
import type { BusRecord } from '@keyward/runtime';
import type { ParseResult } from '@keyward/events';

/** One Kafka record of a source and what its vendor records came to. */
export interface ParsedRecord {
  readonly source: string;
  readonly record: BusRecord;
  readonly results: readonly ParseResult[];
  /** Of a record of `access.verdicts` in place of results: it has its ledger, and only needs its place there. */
  readonly verdict?: VerdictEntry;
}
