import { z } from 'zod';
import type { Pulse } from '@keyward/contract';
import { DAY_MS, isoInstant, MINUTE_MS } from '@keyward/events';
import type { Clock } from '@keyward/runtime';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { at, ms } from './sql.js';

const Counts = z.record(z.string(), z.number());

const sources = defineQuery({
  name: 'pulse.sources',
  sql: `SELECT source, sum(m.kept) AS kept, sumMap(m.ignored) AS ignored, sumMap(m.rejected) AS rejected, sumIf(m.kept, minute >= ${at('lately')}) AS lately,
  ${ms('max(m.stored_at)')} AS lastArrival, ${ms('max(last_event_time)')} AS lastEventTime
FROM (SELECT * FROM ingest_minutes FINAL WHERE minute >= ${at('since')}) AS m GROUP BY source ORDER BY source`,
  params: z.object({ since: z.number(), lately: z.number() }),
  row: z.object({
    source: z.string(),
    kept: z.number(),
    ignored: Counts,
    rejected: Counts,
    lately: z.number(),
    lastArrival: z.number(),
    lastEventTime: z.number().nullable(),
  }),
});
const deliveries = defineQuery({
  name: 'pulse.deliveries',
  sql: `SELECT countIf(state = 'pending') AS pending, countIf(state = 'failed') AS failed FROM deliveries FINAL WHERE updated_at >= ${at('since')}`,
  params: z.object({ since: z.number() }),
  row: z.object({ pending: z.number(), failed: z.number() }),
});
/** Of the sources' own records, those that were rejected are counted by the minute; what is told of here no source sent. */
const unreadable = defineQuery({
  name: 'pulse.unreadable',
  sql: `SELECT source AS stage, count() AS records FROM dead_letters FINAL
WHERE code = 'unreadable' AND stored_at >= ${at('since')} GROUP BY source ORDER BY source`,
  params: z.object({ since: z.number() }),
  row: z.object({ stage: z.string(), records: z.number() }),
});

export interface LagRow {
  readonly group: string;
  readonly topic: string;
  readonly records: number;
}
/** Records that consumer groups have not worked through yet; undefined when the bus does not say. */
export type LagReader = () => Promise<readonly LagRow[] | undefined>;

/** How the pipeline does, now. @throws UnavailableError */
export class PulseQueries {
  readonly #clickhouse: ClickHouse;
  readonly #clock: Clock;
  readonly #lag: LagReader;

  constructor(clickhouse: ClickHouse, clock: Clock, lag: LagReader) {
    this.#clickhouse = clickhouse;
    this.#clock = clock;
    this.#lag = lag;
  }

  async show(): Promise<Pulse> {
    const now = this.#clock.now();
    // Counts are kept by the minute: the present one and the one before.
    const lately = Math.floor(now / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
    const seconds = (now - lately) / 1_000;
    const [rows, [sent], unread, lag] = await Promise.all([
      this.#clickhouse.query(sources, { since: now - DAY_MS, lately }),
      this.#clickhouse.query(deliveries, { since: now - DAY_MS }),
      this.#clickhouse.query(unreadable, { since: now - DAY_MS }),
      this.#lag().catch(() => undefined),
    ]);
    return {
      at: isoInstant(now),
      eventsPerSecond: rows.reduce((sum, row) => sum + row.lately, 0) / seconds,
      sources: rows.map((row) => ({
        source: row.source,
        kept: row.kept,
        ignored: total(row.ignored),
        rejected: total(row.rejected),
        perSecond: row.lately / seconds,
        lastArrival: isoInstant(row.lastArrival),
        lastEventTime: row.lastEventTime === null ? null : isoInstant(row.lastEventTime),
        ignoredReasons: row.ignored,
        rejectedCodes: row.rejected,
        link: { to: 'events' as const, query: { source: row.source } },
      })),
      lag: lag ? lag.map((row) => ({ ...row })) : null,
      deliveries: sent ?? { pending: 0, failed: 0 },
      unreadable: unread,
    };
  }
}

const total = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, n) => sum + n, 0);
