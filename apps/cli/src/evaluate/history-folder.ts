import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { AccessEvent } from '@keyward/events';
import { HISTORY_FORMATS, type HistoryFile, type HistoryFormat } from '@keyward/evaluation';
import { InvalidInputError } from '@keyward/runtime';
import type { EventStream } from './events-by-time.js';

const BATCH_EVENTS = 1_000;

/** A user's copy of a public data set. */
export interface HistoryFolder {
  readonly format: HistoryFormat;
  readonly files: ReadonlyMap<string, HistoryFile>;
}

/**
 * Finds out what a folder holds. Files may be gzipped (`auth.txt.gz`).
 *
 * @throws InvalidInputError `history.missing`, `history.format`
 */
export function openHistoryFolder(folder: string): HistoryFolder {
  if (!existsSync(folder)) throw new InvalidInputError('history.missing', `There is no folder ${folder}.`);
  const files = new Map<string, HistoryFile>();
  for (const file of readdirSync(folder).sort()) {
    const name = file.replace(/\.gz$/, '');
    files.set(name, {
      name,
      // A new stream at each reading: some formats are looked through twice.
      get lines() {
        return linesOf(join(folder, file));
      },
    });
  }
  const format = HISTORY_FORMATS.find(({ recognises }) => recognises([...files.keys()]));
  if (format) return { format, files };
  const known = HISTORY_FORMATS.map(({ title, reference }) => `${title} (${reference})`).join('; ');
  throw new InvalidInputError('history.format', `${folder} is none of the labelled histories that can be read: ${known}.`);
}

function linesOf(file: string): AsyncIterable<string> {
  const stream = createReadStream(file, { highWaterMark: 1 << 20 });
  return createInterface({ input: file.endsWith('.gz') ? stream.pipe(createGunzip()) : stream, crlfDelay: Infinity });
}

/** Single events in lists. */
export const streamOfEvents = (name: string, events: AsyncIterable<AccessEvent>): EventStream => ({ name, batches: batched(events) });

async function* batched(events: AsyncIterable<AccessEvent>): AsyncGenerator<readonly AccessEvent[]> {
  let batch: AccessEvent[] = [];
  for await (const event of events) {
    batch.push(event);
    if (batch.length < BATCH_EVENTS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
