import { BacktestResult, BacktestState, type BacktestDetail, type BacktestSummary } from '@keyward/contract';
import { isoInstant } from '@keyward/events';
import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { ms } from '../queries/sql.js';
import { insertRows, text, type TableOf } from '../rows.js';

/** A backtest as its process knows it. Instants are wall time, but for the span's; epoch ms. */
export interface StoredBacktest {
  readonly id: string;
  readonly state: BacktestState;
  readonly author: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly from: number;
  readonly to: number;
  readonly change: Readonly<Record<string, unknown>>;
  readonly progress?: { readonly phase: 'detections' | 'alerts'; readonly done: number; readonly of: number } | undefined;
  readonly error?: string | undefined;
  readonly result?: BacktestResult | undefined;
}

/** What is over stays over, whatever a slower process still writes. */
const OVER = 2 ** 52;
export const isBacktestOver = (state: BacktestState): boolean => state !== 'waiting' && state !== 'running';

const backtests: TableOf<StoredBacktest> = {
  name: 'backtests',
  cells: [
    ['id', (row) => row.id],
    ['version', (row) => row.updatedAt + (isBacktestOver(row.state) ? OVER : 0)],
    ['state', (row) => row.state],
    ['author', (row) => text(row.author)],
    ['created_at', (row) => row.createdAt],
    ['updated_at', (row) => row.updatedAt],
    ['span_from', (row) => row.from],
    ['span_to', (row) => row.to],
    ['change', (row) => text(JSON.stringify(row.change))],
    ['progress', (row) => (row.progress ? JSON.stringify(row.progress) : '')],
    ['error', (row) => text(row.error)],
    ['result', (row) => (row.result ? text(JSON.stringify(row.result)) : '')],
  ],
};

const json = <S extends z.ZodType>(schema: S) =>
  z.string().transform((value): z.output<S> | null => (value === '' ? null : schema.parse(JSON.parse(value))));
const Progress = z.object({ phase: z.enum(['detections', 'alerts']), done: z.number(), of: z.number() });
const SummaryRow = z.object({
  id: z.string(),
  state: BacktestState,
  author: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
  spanFrom: z.number(),
  spanTo: z.number(),
  change: z.string().transform((value) => z.record(z.string(), z.unknown()).parse(JSON.parse(value))),
  progress: json(Progress),
  error: z.string(),
});
const SUMMARY = `id, state, author, ${ms('created_at')} AS createdAt, ${ms('updated_at')} AS updatedAt, ${ms('span_from')} AS spanFrom,
  ${ms('span_to')} AS spanTo, change, progress, error`;

const byId = defineQuery({
  name: 'backtests.by_id',
  sql: `SELECT ${SUMMARY}, result FROM backtests FINAL WHERE id = {id:String}`,
  params: z.object({ id: z.string() }),
  row: SummaryRow.extend({ result: json(BacktestResult) }),
});
const newest = defineQuery({
  name: 'backtests.newest',
  sql: `SELECT ${SUMMARY} FROM backtests FINAL ORDER BY created_at DESC, id LIMIT 50`,
  params: z.object({}),
  row: SummaryRow,
});

/** Backtests and their results. @throws UnavailableError */
export class BacktestStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  /** A later row replaces an earlier one; none replaces one that says it is over, but another such. */
  async save(backtest: StoredBacktest): Promise<void> {
    await insertRows(this.#clickhouse, backtests, [backtest]);
  }
  async find(id: string): Promise<BacktestDetail | undefined> {
    const [row] = await this.#clickhouse.query(byId, { id });
    return row && { ...summaryOf(row), result: row.result };
  }
  /** Newest first, at most 50. */
  async newest(): Promise<BacktestSummary[]> {
    return (await this.#clickhouse.query(newest, {})).map(summaryOf);
  }
}

function summaryOf(row: z.output<typeof SummaryRow>): BacktestSummary {
  const { id, state, author, change, progress } = row;
  return {
    ...{ id, state, author, change, progress },
    createdAt: isoInstant(row.createdAt),
    updatedAt: isoInstant(row.updatedAt),
    from: isoInstant(row.spanFrom),
    to: isoInstant(row.spanTo),
    error: row.error === '' ? null : row.error,
  };
}
