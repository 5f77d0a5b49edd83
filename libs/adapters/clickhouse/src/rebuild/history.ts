import { VerdictEntry } from '@keyward/baselines';
import { LedgerKind, Part, type AccessEvent, type LedgerEntry } from '@keyward/events';
import { seenByNetwork } from '@keyward/identity';
import type { History, PastEntry, PastEvent } from '@keyward/stages';
import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';

const Nothing = z.object({});
const Day = z.object({ day: z.number().int().nonnegative() });

const Flag = z.union([z.boolean(), z.number()]).transform(Boolean);

const days = defineQuery({
  name: 'rebuild.days',
  sql: `SELECT DISTINCT day FROM (
          SELECT DISTINCT day FROM ledger_entries UNION ALL SELECT DISTINCT toUInt32(toDate(time)) AS day FROM access_events)
        ORDER BY day`,
  params: Nothing,
  row: Day,
});
const unordered = defineQuery({
  name: 'rebuild.unordered',
  sql: `SELECT event, arrival = 'late' AS isLate FROM access_events FINAL
        WHERE toDate(time) = toDate({day:UInt16})
          AND uid NOT IN (SELECT event_uid FROM ledger_entries WHERE is_primary AND toDate(time) = toDate({day:UInt16}))
        ORDER BY time, uid`,
  params: Day,
  row: z.object({ event: z.string(), isLate: Flag }),
});
/** A join and a sort of a whole day: beyond half a gigabyte each goes through the server's disk. */
const entries = defineQuery({
  name: 'rebuild.entries',
  sql: `SELECT taken.ledger AS ledger, part, is_primary AS isPrimary, if(part = 'verdict', given.entry, stored.event) AS content, arrival = 'late' AS isLate
        FROM (SELECT ledger, number, part, is_primary, event_uid FROM ledger_entries FINAL WHERE day = {day:UInt32}) AS taken
        ANY LEFT JOIN (
          SELECT uid, event, arrival FROM access_events FINAL
          WHERE toDate(time) IN (SELECT DISTINCT toDate(time) FROM ledger_entries WHERE day = {day:UInt32})) AS stored
        ON taken.event_uid = stored.uid
        ANY LEFT JOIN (SELECT uid, ledger, entry FROM verdict_entries FINAL) AS given
        ON taken.event_uid = given.uid AND taken.ledger = given.ledger
        ORDER BY ledger, number
        SETTINGS join_algorithm = 'grace_hash', max_bytes_in_join = 500000000, max_bytes_before_external_sort = 500000000`,
  params: Day,
  row: z.object({
    ledger: z.string(),
    part: z.enum([...Part.options, 'verdict']),
    isPrimary: z.boolean(),
    content: z.string(),
    isLate: Flag,
  }),
});
const coverage = defineQuery({
  name: 'rebuild.coverage',
  sql: `SELECT (SELECT count() FROM access_events FINAL) AS events,
               (SELECT count() FROM ledger_entries FINAL) AS entries,
               (SELECT countIf(first > 0) FROM (SELECT min(number) AS first FROM ledger_entries GROUP BY ledger)) AS withoutBeginning,
               (SELECT countIf(held != newest + 1 - first) FROM (
                  SELECT min(number) AS first, max(number) AS newest, uniqExact(number) AS held FROM ledger_entries GROUP BY ledger)) AS withGaps,
               (SELECT count() FROM ledgers FINAL WHERE stage = 'assess' AND id NOT IN (SELECT ledger FROM ledger_entries)) AS withoutEntries,
               (SELECT (countIf(held < taken), countIf(held > taken)) FROM
                  (SELECT ledger, max(number) + 1 AS taken FROM ledger_entries GROUP BY ledger) AS noted
                  INNER JOIN (SELECT id, JSONExtractUInt(state, 'n', 1) AS held FROM ledgers FINAL WHERE stage = 'assess') AS kept
                  ON noted.ledger = kept.id) AS ends,
               ends.1 AS unsettled, ends.2 AS withoutEnd`,
  params: Nothing,
  row: z.object({
    events: z.number(),
    entries: z.number(),
    withoutBeginning: z.number(),
    withGaps: z.number(),
    withoutEntries: z.number(),
    unsettled: z.number(),
    withoutEnd: z.number(),
  }),
});

/** How much of what the ledgers have learned from is still there. */
export interface Coverage {
  readonly events: number;
  readonly entries: number;
  /** Ledgers whose first entries are gone, or were never noted. */
  readonly withoutBeginning: number;
  /** Ledgers with entries missing in between. */
  readonly withGaps: number;
  /** Ledgers of whose entries none is kept: a rebuild can say nothing of them, and leaves them as they are. */
  readonly withoutEntries: number;
  /** Ledgers that were saved before the last entries they took in: a worker was killed, and what those led to may not have been told yet. */
  readonly unsettled: number;
  /** Ledgers whose last entries are gone. */
  readonly withoutEnd: number;
}

/** The history that the store keeps, for `keyward rebuild`. Reads only. Each method throws UnavailableError. */
export class ClickHouseHistory implements History {
  readonly #clickhouse: ClickHouse;
  /** Events of which no entry is kept (they were stored before entries were, or entries are gone): taken in order of time. */
  unordered = 0;
  /** Entries whose event or verdict is not stored any more: they can't be folded. */
  withoutEvent = 0;

  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  async days(): Promise<readonly number[]> {
    return (await this.#clickhouse.query(days, {})).map(({ day }) => day);
  }

  async *unorderedEvents(day: number): AsyncGenerator<readonly PastEvent[]> {
    for await (const rows of this.#clickhouse.stream(unordered, { day })) {
      this.unordered += rows.length;
      yield rows.map(({ event, isLate }) => ({ event: eventOf(event), isLate }));
    }
  }

  async *entries(day: number): AsyncGenerator<readonly PastEntry[]> {
    for await (const rows of this.#clickhouse.stream(entries, { day })) {
      const kept = rows.filter(({ content }) => content !== '');
      this.withoutEvent += rows.length - kept.length;
      yield kept.map(({ ledger, part, isPrimary, content, isLate }) => ({
        entry: part === 'verdict' ? VerdictEntry.parse(JSON.parse(content)) : entryOf(ledger, part, isPrimary, eventOf(content)),
        isLate,
      }));
    }
  }

  async coverage(): Promise<Coverage> {
    const [found] = await this.#clickhouse.query(coverage, {});
    if (!found) throw new Error('a SELECT without FROM gives a row');
    return found;
  }
}

function entryOf(ledger: string, part: Part, primary: boolean, event: AccessEvent): LedgerEntry {
  const colon = ledger.indexOf(':');
  const kind = LedgerKind.parse(ledger.slice(0, colon));
  // As INGEST gave it to that ledger.
  return { ledger: kind, key: ledger.slice(colon + 1), part, primary, event: kind === 'network' ? seenByNetwork(event) : event };
}

/** The event as it came in: who held the account is ASSESS's own addition. Our own row, validated when the event entered the line. */
function eventOf(text: string): AccessEvent {
  const { heldBy: _added, ...event } = JSON.parse(text) as AccessEvent;
  return event;
}
