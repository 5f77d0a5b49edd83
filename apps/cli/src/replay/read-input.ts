import { createReadStream } from 'node:fs';
import { once } from 'node:events';
import { createGunzip } from 'node:zlib';
import type { ParseResult } from '@keyward/events';
import { parseSlice, splitterFor, type Slice, type Source } from '@keyward/sources';
import { AppError, InvalidInputError } from '@keyward/runtime';

export interface SourceCounts {
  records: number;
  kept: number;
  ignored: number;
  rejected: number;
}

const CHUNK_BYTES = 1 << 20;

/**
 * Every record of a file (or of standard input, `-`) in input order, streamed: memory holds one chunk and what it came to. A list at a time, since
 * a promise for each record would cost as much as reading it.
 * Exports come gzipped or not; which it is says the content, not the name.
 *
 * @throws InvalidInputError `input.unreadable` when the file can't be opened, or its gzip is damaged
 */
export async function* readSlices(source: Source, file: string): AsyncGenerator<readonly Slice[]> {
  const splitter = splitterFor(source);
  const stream: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES });
  try {
    for await (const chunk of unzipped(stream)) yield splitter.push(chunk);
  } catch (error) {
    if (error instanceof AppError || !(error instanceof Error && 'code' in error)) throw error;
    throw new InvalidInputError('input.unreadable', `${file}: ${reasonOf(error)}`, { cause: error });
  }
  yield splitter.end();
}

/** As `readSlices`, parsed. */
export async function* readRecords(source: Source, file: string, now: number): AsyncGenerator<readonly ParseResult[]> {
  for await (const slices of readSlices(source, file)) yield slices.flatMap((slice) => parseSlice(source, slice, { now }));
}

/** Decompresses when the first two bytes are gzip's; files of several members (`cat a.gz b.gz`) are read whole. */
async function* unzipped(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = stream[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const whole = chunksOf(head, chunks);
  yield* head[0] === 0x1f && head[1] === 0x8b ? gunzip(whole) : whole;
}

async function* chunksOf(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const feeding = feed(chunks, gunzip);
  feeding.catch((error: unknown) => gunzip.destroy(error instanceof Error ? error : new Error(String(error))));
  const out: AsyncIterable<Buffer> = gunzip;
  yield* out;
  await feeding;
}

async function feed(chunks: AsyncIterable<Buffer>, gunzip: ReturnType<typeof createGunzip>): Promise<void> {
  for await (const chunk of chunks) {
    if (gunzip.destroyed) return;
    if (!gunzip.write(chunk)) await Promise.race([once(gunzip, 'drain'), once(gunzip, 'close')]);
  }
  gunzip.end();
}

function reasonOf(error: Error & { readonly code?: unknown }): string {
  if (error.code === 'ENOENT') return 'there is no such file';
  if (error.code === 'EISDIR') return 'this is a folder, not a file';
  if (error.code === 'EACCES') return 'it may not be read: check its permissions';
  return error.message;
}
