import type { z } from 'zod';
import { InvalidInputError } from '@keyward/runtime';

/** The place after a row: what the list is sorted by, ending in something unique, so that a page is stable while rows come in. */
export const encodeCursor = (position: readonly (string | number)[]): string => Buffer.from(JSON.stringify(position)).toString('base64url');

/**
 * @param cursor as a list answered it; undefined for the first page
 * @throws InvalidInputError `cursor.invalid`
 */
export function decodeCursor<Position extends z.ZodType>(position: Position, cursor: string | undefined): z.output<Position> | undefined {
  if (cursor === undefined) return undefined;
  const parsed = position.safeParse(readJson(cursor));
  if (!parsed.success) throw new InvalidInputError('cursor.invalid', 'The cursor is not one that this list has given.');
  return parsed.data;
}

function readJson(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** @param rows one more than `limit` when there is a next page */
export function pageFrom<Row, Item>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
  view: (row: Row) => Item,
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(view), nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}
