import { once } from 'node:events';
import type { ParseResult } from '@keyward/events';
import { InvalidInputError, systemClock } from '@keyward/runtime';
import { SOURCES, sourceById, toOcsf, type Source } from '@keyward/sources';
import { readRecords } from '../replay/read-input.js';

/**
 * `keyward parse`: one JSON line a record on standard output, in input order: the OCSF event, `{"ignored": reason}` or `{"rejected": {code, message}}`.
 *
 * @throws InvalidInputError `source.unknown`, `input.unreadable`
 */
export async function parse(sourceId: string, file: string): Promise<void> {
  const source = sourceOf(sourceId);
  for await (const results of readRecords(source, file, systemClock.now())) await write(results.map(lineOf));
}

export function sourceOf(id: string): Source {
  const source = sourceById(id);
  if (!source)
    throw new InvalidInputError('source.unknown', `There is no source ${id}. There are: ${SOURCES.map((known) => known.id).join(', ')}.`);
  return source;
}

function lineOf(result: ParseResult): string {
  if (result.kind === 'kept') return `${JSON.stringify(toOcsf(result.event))}\n`;
  if (result.kind === 'ignored') return `${JSON.stringify({ ignored: result.reason })}\n`;
  return `${JSON.stringify({ rejected: { code: result.code, message: result.message } })}\n`;
}

async function write(lines: readonly string[]): Promise<void> {
  if (lines.length > 0 && !process.stdout.write(lines.join(''))) await once(process.stdout, 'drain');
}
