import { appendFile } from 'node:fs/promises';
import { toCloudEvent } from '@keyward/alerts';
import type { AlertSink, Delivery } from '@keyward/response';
import { ForbiddenError, InvalidInputError, UnavailableError } from '@keyward/runtime';
import { z } from 'zod';
import { defineSink, type SinkDeps } from '../sink.js';

const FileSinkSettings = z.strictObject({
  path: z.string().min(1).describe('Appended to, one JSON line an alert version; `-` is standard output'),
});
type FileSinkSettings = z.infer<typeof FileSinkSettings>;

/** Alerts as lines of a file: for a log forwarder that tails it, or to look at. */
export const file = defineSink({
  product: 'file',
  settings: FileSinkSettings,
  create: (id, settings, deps) => new FileSink(id, settings.path, deps),
});

class FileSink implements AlertSink {
  readonly id: string;
  readonly product = 'file';
  readonly #path: string;
  readonly #deps: SinkDeps;

  constructor(id: string, path: string, deps: SinkDeps) {
    this.id = id;
    this.#path = path;
    this.#deps = deps;
  }

  async deliver(delivery: Delivery, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new UnavailableError('sink_file.aborted', 'The delivery was broken off.', { context: { sink: this.id } });
    const { productVersion, source } = this.#deps;
    const line = `${JSON.stringify(toCloudEvent(delivery.alert, { id: delivery.id, link: delivery.link, productVersion, source }))}\n`;
    try {
      // One write of one line with O_APPEND: lines of two workers don't mix.
      if (this.#path === '-') process.stdout.write(line);
      else await appendFile(this.#path, line, { encoding: 'utf8', mode: 0o600 });
    } catch (error) {
      throw toAppError(error, this.id);
    }
  }
}

function toAppError(error: unknown, sink: string): UnavailableError | ForbiddenError | InvalidInputError {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
  const options = { context: { sink, errno: code } };
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new ForbiddenError('sink_file.forbidden', 'The file may not be written.', options);
  if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') {
    return new InvalidInputError('sink_file.bad_path', 'There is no folder to write the file in, or it is a folder.', options);
  }
  return new UnavailableError('sink_file.unavailable', `The file can't be written now (${code}).`, options);
}
