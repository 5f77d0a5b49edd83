import { SecretString } from '@keyward/runtime';
import { z } from 'zod';

/** Where the store is. Without `CLICKHOUSE_URL` the app starts the embedded server and fills this in itself. */
export const ClickHouseConfig = z.object({
  CLICKHOUSE_URL: z.url().describe('HTTP interface of ClickHouse, e.g. http://127.0.0.1:8123'),
  CLICKHOUSE_USER: z.string().default('default').describe('User that may create the tables of CLICKHOUSE_DATABASE'),
  CLICKHOUSE_PASSWORD: SecretString.prefault('').describe('Password of CLICKHOUSE_USER'),
  CLICKHOUSE_DATABASE: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'letters, digits and underscores')
    .default('keyward')
    .describe('Database; made by `keyward migrate` when it is missing'),
  CLICKHOUSE_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(600_000)
    .default(30_000)
    .describe('How long one request may take before it counts as unavailable'),
});
export type ClickHouseConfig = z.output<typeof ClickHouseConfig>;
