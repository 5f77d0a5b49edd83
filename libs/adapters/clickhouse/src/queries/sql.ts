import { z } from 'zod';

/** Parameters of a query that is put together from fixed fragments: each value still goes through a typed `{name:Type}`. */
export const AnyParams = z.record(z.string(), z.unknown());

/** A fixed fragment that belongs into the query only when its filter was given. */
export const when = (given: unknown, fragment: string): readonly string[] =>
  given === undefined || (Array.isArray(given) && given.length === 0) ? [] : [fragment];

/** @param fragments conditions; none means everything */
export const and = (...fragments: readonly (readonly string[] | string)[]): string => fragments.flat().join('\n  AND ') || '1';

/** An instant parameter as ClickHouse compares it with a DateTime64(3). */
export const at = (name: string): string => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;
/** Epoch ms of a DateTime64(3) column. */
export const ms = (column: string): string => `toUnixTimestamp64Milli(${column})`;

/** Empty is "none" in the tables; null is "none" on the wire. */
export const orNull = (value: string): string | null => (value === '' ? null : value);
