import { createReadStream } from 'node:fs';
import type { AccessEvent, ParseResult } from '@keyward/events';
import { parseSlice, splitterFor, type Source } from '@keyward/sources';
import { InvalidInputError } from '@keyward/runtime';

export interface SourceCounts {
  records: number;
  kept: number;
  ignored: number;
  rejected: number;
}

/** Vendors' exports come gzipped or not; both are read by content, not by name. */
const CHUNK_BYTES = 1 << 20;

/**
 * Every record of a file (or of standard input, `-`) in input order, streamed: memory holds one record and one chunk.
 *
 * @throws InvalidInputError `input.unreadable` when the file can't be opened
 */
export async function* readRecords(source: Source, file: string, now: number): AsyncGenerator<ParseResult> {
  const splitter = splitterFor(source);
  const stream: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES });
  try {
    for await (const chunk of stream) {
      for (const slice of splitter.push(chunk)) yield* parseSlice(source, slice, { now });
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error)
      throw new InvalidInputError('input.unreadable', `${file}: ${error.message}`, { cause: error });
    throw error;
  }
  for (const slice of splitter.end()) yield* parseSlice(source, slice, { now });
}

/** The kept events of a file; everything else is counted. */
export async function* readEvents(source: Source, file: string, now: number, counts: SourceCounts): AsyncGenerator<AccessEvent> {
  for await (const result of readRecords(source, file, now)) {
    counts.records += 1;
    counts[result.kind] += 1;
    if (result.kind === 'kept') yield result.event;
  }
}
