import { HOUR_MS, MINUTE_MS } from '@keyward/events';
import type { Gap, SourceCounts, SourceHistory, SourcePast } from '@keyward/stages';
import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { at, ms } from '../queries/sql.js';

const Counts = z.record(z.string(), z.number());
const Span = z.object({ from: z.number(), to: z.number() });

/** Minutes since 1970 in which records arrived; rows from before these were counted tell their first one. */
const MINUTES = `SELECT DISTINCT source, arrayJoin(if(empty(arrivals), [toUInt32(intDiv(toUnixTimestamp(minute), 60))], mapKeys(arrivals))) AS at_minute
  FROM ingest_minutes WHERE minute >= ${at('from')} AND minute < ${at('to')}`;
const RECORDS = 'i.kept + arraySum(mapValues(i.ignored)) + arraySum(mapValues(i.rejected))';
/** A producer's clock that goes ahead must not make a source look alive for as long. */
const ARRIVED = "least(ifNull(last_arrival, toDateTime64(minute, 3, 'UTC')), stored_at)";

const active = defineQuery({
  name: 'source_history.active',
  sql: `SELECT source, intDiv(at_minute, 60) AS hour, count() AS activeMinutes FROM (${MINUTES})
WHERE at_minute >= intDiv({from:Int64}, 60000) AND at_minute < intDiv({to:Int64}, 60000) GROUP BY source, hour`,
  params: Span,
  row: z.object({ source: z.string(), hour: z.number(), activeMinutes: z.number() }),
});
const gaps = defineQuery({
  name: 'source_history.gaps',
  sql: `SELECT source, before, at_minute AS after FROM (
  SELECT source, at_minute, lagInFrame(at_minute) OVER (PARTITION BY source ORDER BY at_minute ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before
  FROM (${MINUTES}))
WHERE before > 0 AND at_minute - before >= {minGap:UInt32}`,
  params: Span.extend({ minGap: z.number() }),
  row: z.object({ source: z.string(), before: z.number(), after: z.number() }),
});
const counts = defineQuery({
  name: 'source_history.counts',
  sql: `SELECT source, intDiv(toUnixTimestamp(minute), 3600) AS hour, sum(${RECORDS}) AS records, sum(arraySum(mapValues(i.rejected))) AS rejected, sumMap(i.lags) AS lags
FROM (SELECT * FROM ingest_minutes FINAL WHERE minute >= ${at('from')} AND minute < ${at('to')}) AS i GROUP BY source, hour`,
  params: Span,
  row: z.object({ source: z.string(), hour: z.number(), records: z.number(), rejected: z.number(), lags: Counts }),
});
const firsts = defineQuery({
  name: 'source_history.firsts',
  sql: `SELECT source, toUnixTimestamp(min(minute)) * 1000 AS firstArrival FROM ingest_minutes GROUP BY source`,
  params: z.object({}),
  row: z.object({ source: z.string(), firstArrival: z.number() }),
});
const newest = defineQuery({
  name: 'source_history.newest',
  sql: `SELECT source, ${ms(`max(${ARRIVED})`)} AS lastArrival FROM ingest_minutes WHERE minute >= ${at('from')} GROUP BY source ORDER BY source`,
  params: z.object({ from: z.number() }),
  row: z.object({ source: z.string(), lastArrival: z.number() }),
});

const NOTHING: SourceCounts = { records: 0, rejected: 0, lags: {} };

/** What the watch over the sources goes by, from `ingest_minutes`. Every method throws UnavailableError. */
export class ClickHouseSourceHistory implements SourceHistory {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  async past(from: number, to: number, minGapMs: number): Promise<ReadonlyMap<string, SourcePast>> {
    const span = { from, to };
    const [first, busy, counted, silent] = await Promise.all([
      this.#clickhouse.query(firsts, {}),
      this.#clickhouse.query(active, span),
      this.#clickhouse.query(counts, span),
      this.#clickhouse.query(gaps, { ...span, minGap: Math.ceil(minGapMs / MINUTE_MS) }),
    ]);
    const past = new Map<string, { firstArrival: number; hours: Map<number, SourcePast['hours'][number]>; gaps: Gap[] }>();
    for (const { source, firstArrival } of first) past.set(source, { firstArrival, hours: new Map(), gaps: [] });
    for (const { source, hour, activeMinutes } of busy)
      past.get(source)?.hours.set(hour, { at: hour * HOUR_MS, activeMinutes, ...NOTHING });
    for (const { source, hour, ...its } of counted) {
      const hours = past.get(source)?.hours;
      hours?.set(hour, { at: hour * HOUR_MS, activeMinutes: 0, ...hours.get(hour), ...its });
    }
    for (const { source, before, after } of silent) past.get(source)?.gaps.push({ from: before * MINUTE_MS, to: after * MINUTE_MS });
    return new Map([...past].map(([source, { hours, ...its }]) => [source, { ...its, hours: [...hours.values()] }]));
  }

  async present(from: number, recently: number): Promise<ReadonlyMap<string, SourceCounts & { readonly lastArrival: number }>> {
    const [last, recent] = await Promise.all([
      this.#clickhouse.query(newest, { from }),
      // To the end of time: the minute that is not over belongs to it.
      this.#clickhouse.query(counts, { from: recently, to: recently + 24 * HOUR_MS }),
    ]);
    return new Map(
      last.map(({ source, lastArrival }) => {
        const its = recent.filter((row) => row.source === source);
        return [source, { lastArrival, ...total(its) }];
      }),
    );
  }
}

/** An hour by the clock is in two of the store's. */
function total(rows: readonly SourceCounts[]): SourceCounts {
  const lags: Record<string, number> = {};
  for (const row of rows) for (const [step, events] of Object.entries(row.lags)) lags[step] = (lags[step] ?? 0) + events;
  return {
    records: rows.reduce((sum, row) => sum + row.records, 0),
    rejected: rows.reduce((sum, row) => sum + row.rejected, 0),
    lags,
  };
}
