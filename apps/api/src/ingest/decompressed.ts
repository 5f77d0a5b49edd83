import type { Readable } from 'node:stream';
import { Transform, type TransformCallback } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { tooLarge } from '../http/body.js';
import { RequestProblem } from '../http/problem.js';

/**
 * The body as it was before it was packed, cut off with 413 as soon as it is larger than allowed: a gzip bomb costs a chunk, not the memory.
 *
 * @param encoding value of `content-encoding`
 * @throws RequestProblem 415 for other encodings; reading throws 413, or 400 for what is no gzip
 */
export function decompressed(body: Readable, encoding: string | undefined, maxBytes: number): Readable {
  const limit = new ByteLimit(maxBytes);
  switch ((encoding ?? 'identity').trim().toLowerCase()) {
    case 'identity':
    case '':
      return joined(body, limit);
    case 'gzip':
    case 'x-gzip': {
      const gunzip = createGunzip();
      gunzip.on('error', () => {
        limit.destroy(new RequestProblem('request.invalid', 'The body is not gzip, or was cut off.'));
      });
      body.on('error', (error) => gunzip.destroy(error));
      body.pipe(gunzip);
      const out = joined(gunzip, limit);
      // What is left of a refused body is not unpacked any more.
      limit.on('close', () => {
        body.unpipe(gunzip);
        gunzip.destroy();
        body.resume();
      });
      return out;
    }
    default:
      throw new RequestProblem('request.unsupported_media_type', 'A body is sent as it is, or with gzip.', [], 415);
  }
}

function joined(from: Readable, to: Transform): Readable {
  from.on('error', (error) => to.destroy(error));
  from.on('close', () => {
    if (!from.readableEnded && !to.destroyed) to.destroy(new RequestProblem('request.invalid', 'The body was cut off.'));
  });
  return from.pipe(to);
}

class ByteLimit extends Transform {
  readonly #max: number;
  #bytes = 0;
  constructor(max: number) {
    super();
    this.#max = max;
  }
  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#max) done(tooLarge(this.#max));
    else done(null, chunk);
  }
}
