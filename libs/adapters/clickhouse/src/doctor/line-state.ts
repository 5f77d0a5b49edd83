import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';

const At = z.object({ at: z.number().int() });
const deadLetters = defineQuery({
  name: 'doctor.dead_letters',
  sql: `SELECT source, code, count() AS records, argMax(message, stored_at) AS example FROM dead_letters FINAL
        WHERE stored_at >= fromUnixTimestamp64Milli({at:Int64}) GROUP BY source, code ORDER BY records DESC, source, code`,
  params: At,
  row: z.object({ source: z.string(), code: z.string(), records: z.number(), example: z.string() }),
});
const deliveries = defineQuery({
  name: 'doctor.deliveries',
  sql: `SELECT sink, countIf(state = 'pending') AS pending, countIf(state = 'failed' AND updated_at >= fromUnixTimestamp64Milli({at:Int64})) AS failed,
               argMaxIf(last_error, updated_at, last_error != '') AS lastError
        FROM deliveries FINAL WHERE state IN ('pending', 'failed') GROUP BY sink HAVING pending + failed > 0 ORDER BY sink`,
  params: At,
  row: z.object({ sink: z.string(), pending: z.number(), failed: z.number(), lastError: z.string() }),
});
const effects = defineQuery({
  name: 'doctor.effects',
  sql: `SELECT last AS state, count() AS effects, toUnixTimestamp64Milli(min(since)) AS since FROM
          (SELECT uid, argMax(state, (at, chain, seq)) AS last, max(at) AS since FROM effects FINAL GROUP BY uid)
        WHERE last IN ('awaiting_approval', 'approved', 'revoking', 'revoked', 'already_absent', 'not_verified', 'failed') GROUP BY last ORDER BY last`,
  params: z.object({}),
  row: z.object({ state: z.string(), effects: z.number(), since: z.number() }),
});
const sources = defineQuery({
  name: 'doctor.sources',
  sql: `SELECT source, toUnixTimestamp(max(minute)) * 1000 AS lastArrival, sum(m.kept) AS kept, sum(arraySum(mapValues(m.rejected))) AS rejected
        FROM (SELECT * FROM ingest_minutes FINAL WHERE minute >= fromUnixTimestamp64Milli({at:Int64})) AS m GROUP BY source ORDER BY source`,
  params: At,
  row: z.object({ source: z.string(), lastArrival: z.number(), kept: z.number(), rejected: z.number() }),
});

export type DeadLetterReason = z.infer<typeof deadLetters.row>;
export type UndeliveredSink = z.infer<typeof deliveries.row>;
export type OpenEffects = z.infer<typeof effects.row>;
export type SourceArrivals = z.infer<typeof sources.row>;

/** What has not gone through, for `keyward doctor`. Instants are wall time, epoch ms. Every method throws UnavailableError. */
export class LineState {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  /** Records that could not be read, stored since the instant, most frequent reason first. */
  deadLettersSince(at: number): Promise<readonly DeadLetterReason[]> {
    return this.#clickhouse.query(deadLetters, { at });
  }
  /** Deliveries that wait, and those that failed for good since the instant. */
  undelivered(at: number): Promise<readonly UndeliveredSink[]> {
    return this.#clickhouse.query(deliveries, { at });
  }
  /** Revocations whose last step is not an end, by that step; `since`: the oldest. */
  openEffects(): Promise<readonly OpenEffects[]> {
    return this.#clickhouse.query(effects, {});
  }
  /** Sources that have sent anything since the instant. */
  sourcesSince(at: number): Promise<readonly SourceArrivals[]> {
    return this.#clickhouse.query(sources, { at });
  }
}
