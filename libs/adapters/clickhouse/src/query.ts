import type { z } from 'zod';

/**
 * A read with a name: visible SQL with typed `{name:Type}` parameters, and schemas of what goes in and what comes out.
 * The name stands in `system.query_log` as `log_comment`.
 */
export interface NamedQuery<P extends z.ZodType, R extends z.ZodType> {
  readonly name: string;
  readonly sql: string;
  readonly params: P;
  readonly row: R;
}

export const defineQuery = <P extends z.ZodType<Record<string, unknown>>, R extends z.ZodType>(query: NamedQuery<P, R>): NamedQuery<P, R> =>
  query;
