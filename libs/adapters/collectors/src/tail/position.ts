import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';

/** So much of the beginning of a file, and of what stands before the place we have come to, tells a file from all others. */
const MARK_BYTES = 1_024;

/** How far a file was read, and what stood there: whatever its name is by now, it is the same file if it has the same bytes around. */
export interface Position {
  readonly offset: number;
  /** First bytes of the file, and last ones before the offset; at most `MARK_BYTES`. */
  readonly head: Buffer;
  readonly tail: Buffer;
  /** In the middle of a line that was cut off. */
  readonly isSkipping: boolean;
}

/** A position as the cursor keeps it. */
export const StoredPosition = z.object({
  path: z.string(),
  /** Device and inode. */
  key: z.string(),
  offset: z.number().int().min(0),
  /** Of head and tail. */
  mark: z.string(),
  skip: z.literal(true).optional(),
  /** It was read to its end after its name had gone to another. */
  done: z.literal(true).optional(),
  /** When the file was last there, epoch ms. */
  seen: z.number(),
});
export type StoredPosition = z.infer<typeof StoredPosition>;

const NOTHING: Buffer = Buffer.alloc(0);
export const BEGINNING: Position = { offset: 0, head: NOTHING, tail: NOTHING, isSkipping: false };

/** @param bytes what was read from there on @param isSkipping whether that ends within a line that was cut off */
export const advanced = (from: Position, bytes: Buffer, isSkipping: boolean): Position => ({
  offset: from.offset + bytes.length,
  head: from.head.length < MARK_BYTES ? Buffer.concat([from.head, bytes.subarray(0, MARK_BYTES)]).subarray(0, MARK_BYTES) : from.head,
  tail: Buffer.concat([from.tail, bytes.subarray(-MARK_BYTES)]).subarray(-MARK_BYTES),
  isSkipping,
});

export const markOf = ({ head, tail }: Pick<Position, 'head' | 'tail'>): string =>
  createHash('sha256').update(head).update('|').update(tail).digest('base64url').slice(0, 22);

/** Reads what stands in a file around an offset. @returns undefined when the file is shorter */
export async function positionAt(file: FileHandle, offset: number, isSkipping = false): Promise<Position | undefined> {
  const length = Math.min(offset, MARK_BYTES);
  const [head, tail] = [Buffer.alloc(length), Buffer.alloc(length)];
  const [first, last] = [await file.read(head, 0, length, 0), await file.read(tail, 0, length, offset - length)];
  return first.bytesRead === length && last.bytesRead === length ? { offset, head, tail, isSkipping } : undefined;
}

/** @returns the position, when what stands before it in the file is what was read there */
export async function foundIn(
  file: FileHandle,
  known: { readonly offset: number; readonly mark: string; readonly skip?: true | undefined },
): Promise<Position | undefined> {
  const position = await positionAt(file, known.offset, known.skip === true);
  return position && markOf(position) === known.mark ? position : undefined;
}

export const asKnown = (position: Position): { readonly offset: number; readonly mark: string; readonly skip?: true } => ({
  offset: position.offset,
  mark: markOf(position),
  ...(position.isSkipping && { skip: true }),
});
