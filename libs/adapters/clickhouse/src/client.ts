import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ClickHouseLogLevel, createClient, type ClickHouseClient, type ClickHouseSettings, type ResultSet } from '@clickhouse/client';
import type { z } from 'zod';
import type { ClickHouseConfig } from './config.js';
import { translateClickHouseError } from './errors.js';
import type { NamedQuery } from './query.js';
import { encodeRows, type BinaryTableOf } from './row-binary.js';

/** What a column takes: `undefined` is not among it, so that nothing is left out by accident. */
export type Cell = string | number | boolean | null | readonly Cell[] | Readonly<Record<string, number | string>>;

/** Rows in one INSERT; below 10 thousand the server pays more for each part, above 50 thousand it only takes memory. */
const INSERT_ROWS = 20_000;

const READ_SETTINGS: ClickHouseSettings = {
  output_format_json_quote_64bit_integers: 0, // offsets and counts are exact up to 2^53
  output_format_json_quote_denormals: 0,
  do_not_merge_across_partitions_select_final: 1, // every sorting key determines its partition
};
const WRITE_SETTINGS: ClickHouseSettings = {
  max_partitions_per_insert_block: '0', // a batch of hostile clocks may touch any number of months
  wait_end_of_query: 1,
};

export interface QueryOptions {
  readonly signal?: AbortSignal;
}

/**
 * One connection pool to one ClickHouse database, always over HTTP.
 * Every method throws UnavailableError when the server does not answer or is overloaded (`errors.ts`).
 */
export class ClickHouse {
  readonly #client: ClickHouseClient;
  readonly database: string;

  constructor(client: ClickHouseClient, database: string) {
    this.#client = client;
    this.database = database;
  }

  /** Runs a named query; rows are parsed by its schema. */
  async query<P extends z.ZodType<Record<string, unknown>>, R extends z.ZodType>(
    query: NamedQuery<P, R>,
    params: z.input<P>,
    options: QueryOptions = {},
  ): Promise<z.output<R>[]> {
    const rows = await this.#translated(
      query.name,
      async () => (await this.#select(query, query.params.parse(params), options)).json(),
      options,
    );
    return rows.map((row) => query.row.parse(row));
  }

  /** Like `query`, a block of rows at a time: for what does not fit into memory. */
  async *stream<P extends z.ZodType<Record<string, unknown>>, R extends z.ZodType>(
    query: NamedQuery<P, R>,
    params: z.input<P>,
    options: QueryOptions = {},
  ): AsyncGenerator<z.output<R>[]> {
    for await (const block of this.#blocks(query, query.params.parse(params), options)) yield block.map((row) => query.row.parse(row));
  }

  /**
   * Appends rows; resolves once the server has them on disk. Columns that are not named take their default.
   * @param rows cells in the order of `columns`; instants as epoch ms
   */
  async insert(table: string, columns: readonly [string, ...string[]], rows: readonly (readonly Cell[])[]): Promise<void> {
    for (let from = 0; from < rows.length; from += INSERT_ROWS) {
      await this.#translated(`insert ${table}`, () =>
        this.#client.insert({
          table,
          columns: [...columns],
          values: rows.slice(from, from + INSERT_ROWS),
          format: 'JSONCompactEachRow',
          clickhouse_settings: { ...WRITE_SETTINGS, log_comment: `insert ${table}` },
        }),
      );
    }
  }

  /** As `insert`, in binary: for tables that get a row for every event. Nothing is sent for none. */
  async insertBinary<T>(table: BinaryTableOf<T>, rows: readonly T[]): Promise<void> {
    const columns = table.columns.map(({ name }) => name).join(', ');
    for (let from = 0; from < rows.length; from += INSERT_ROWS) {
      await this.#translated(`insert ${table.name}`, async () => {
        const { stream } = await this.#client.exec({
          query: `INSERT INTO ${table.name} (${columns}) FORMAT RowBinaryWithNamesAndTypes`,
          values: Readable.from(encodeRows(table, rows.slice(from, from + INSERT_ROWS)), { objectMode: false }),
          clickhouse_settings: { ...WRITE_SETTINGS, log_comment: `insert ${table.name}` },
        });
        await finished(stream.resume()); // the answer is empty; unread it would keep its connection
      });
    }
  }

  /** A statement that returns no rows. `name` is for the query log. */
  async command(name: string, sql: string, params: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.#translated(name, () =>
      this.#client.command({ query: sql, query_params: params, clickhouse_settings: { log_comment: name, wait_end_of_query: 1 } }),
    );
  }

  /** @throws UnavailableError when the server does not answer, ForbiddenError when it refuses the user */
  async ping(): Promise<void> {
    await this.#translated('ping', async () => {
      const answer = await this.#client.ping({ select: true });
      if (!answer.success) throw answer.error;
    });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  #select<P extends z.ZodType, R extends z.ZodType>(
    { name, sql }: NamedQuery<P, R>,
    params: Record<string, unknown>,
    { signal }: QueryOptions,
  ): Promise<ResultSet<'JSONEachRow'>> {
    return this.#client.query({
      query: sql,
      query_params: params,
      format: 'JSONEachRow',
      clickhouse_settings: { ...READ_SETTINGS, log_comment: name },
      ...(signal ? { abort_signal: signal } : {}),
    });
  }

  async *#blocks<P extends z.ZodType, R extends z.ZodType>(
    query: NamedQuery<P, R>,
    params: Record<string, unknown>,
    options: QueryOptions,
  ): AsyncGenerator<unknown[]> {
    try {
      const result = await this.#select(query, params, options);
      for await (const rows of result.stream()) yield rows.map((row) => row.json());
    } catch (error) {
      throw translated(error, query.name, options);
    }
  }

  async #translated<T>(query: string, work: () => Promise<T>, options: QueryOptions = {}): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw translated(error, query, options);
    }
  }
}

/** Whoever has aborted a query knows why it ends. */
const translated = (error: unknown, query: string, { signal }: QueryOptions): unknown =>
  signal?.aborted === true ? error : translateClickHouseError(error, { query });

export type ConnectionConfig = Pick<
  ClickHouseConfig,
  'CLICKHOUSE_URL' | 'CLICKHOUSE_USER' | 'CLICKHOUSE_PASSWORD' | 'CLICKHOUSE_DATABASE'
> &
  Partial<Pick<ClickHouseConfig, 'CLICKHOUSE_TIMEOUT_MS'>>;

/** Opens no connection yet: the first request does. */
export function createClickHouse(config: ConnectionConfig): ClickHouse {
  return connect(config, config.CLICKHOUSE_DATABASE);
}

/** A client outside the configured database, to make that database. */
export const connectToServer = (config: ConnectionConfig): ClickHouse => connect(config, 'default');

function connect(config: ConnectionConfig, database: string): ClickHouse {
  const client = createClient({
    url: config.CLICKHOUSE_URL,
    username: config.CLICKHOUSE_USER,
    password: config.CLICKHOUSE_PASSWORD.reveal(),
    database,
    application: 'keyward',
    log: { level: ClickHouseLogLevel.OFF }, // every failure is translated and thrown; whoever catches it logs it
    request_timeout: config.CLICKHOUSE_TIMEOUT_MS ?? 30_000,
    max_open_connections: 16,
    keep_alive: { enabled: true, idle_socket_ttl: 2_000 }, // the server closes idle ones after 3 s by default
    use_multipart_params_auto: true, // a list of thousands of ids does not fit into a URL
  });
  return new ClickHouse(client, database);
}
