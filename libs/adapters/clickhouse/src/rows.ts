import type { Cell, ClickHouse } from './client.js';

/** A table as it is written: each column beside what fills it. */
export interface TableOf<T> {
  readonly name: string;
  readonly cells: readonly (readonly [column: string, cell: (row: T) => Cell])[];
}

/** Writes rows; nothing is sent for none. */
export async function insertRows<T>(clickhouse: ClickHouse, table: TableOf<T>, rows: readonly T[]): Promise<void> {
  const [first, ...others] = table.cells.map(([column]) => column);
  if (rows.length === 0 || first === undefined) return;
  await clickhouse.insert(
    table.name,
    [first, ...others],
    rows.map((row) => table.cells.map(([, cell]) => cell(row))),
  );
}

const LONE_SURROGATE = /\p{Surrogate}/gu;
/** Text of outside: half a surrogate pair is no text to ClickHouse's JSON reader, so it becomes U+FFFD. Absent is the empty string. */
export const text = (value: string | undefined): string =>
  value === undefined ? '' : isAscii(value) ? value : value.replace(LONE_SURROGATE, '\uFFFD');
/** Nearly everything is short ASCII: looking is four times cheaper than the Unicode expression. */
function isAscii(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) if (value.charCodeAt(at) > 0x7f) return false;
  return true;
}

const LAST_MS = 5_662_310_399_999; // 2149-06-06, the last day that ClickHouse's Date can sort by
/** @param at epoch ms @returns the same, within what the sorting key can hold; the event's JSON keeps what the vendor wrote */
export const instant = (at: number): number => Math.min(LAST_MS, Math.max(0, Math.trunc(at)));
export const instantOrNull = (at: number | undefined): number | null => (at === undefined ? null : instant(at));

/** Splits a list so that no query grows without bound. */
export function chunksOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}
