import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { ROUTE_LIST } from '@keyward/contract';
import { RequestProblem } from './problem.js';

/** Largest JSON body of the ordinary routes: a bulk change of 500 alerts takes 20 KB. */
const MAX_JSON_BYTES = 256 * 1024;
/** Routes that read their body themselves, with limits of their own. */
const STREAMED = new Set(ROUTE_LIST.filter(([, route]) => route.consumes !== undefined).map(([, route]) => route.path));

/** JSON for the ordinary routes and nothing else; ingest and import get the stream as it is. */
export function readBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parseJson = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser('*', (request, payload: IncomingMessage, done) => {
    if (STREAMED.has(request.routeOptions.url ?? '')) {
      done(null, payload);
      return;
    }
    const type = request.headers['content-type'] ?? '';
    if (!/^application\/json(;|$)/i.test(type.trim())) {
      payload.resume();
      done(new RequestProblem('request.unsupported_media_type', 'Send application/json.', [], 415));
      return;
    }
    readAll(payload, MAX_JSON_BYTES).then(
      (body) => {
        // Fastify's parser refuses __proto__ and constructor.prototype.
        void parseJson(request, body.toString('utf8'), (error, value) => {
          if (error) done(new RequestProblem('request.invalid', 'The body is not JSON.'));
          else done(null, value);
        });
      },
      (error: unknown) => {
        done(error instanceof Error ? error : new Error('the body could not be read'));
      },
    );
  });
}

/**
 * @param maxBytes more ends the reading
 * @throws RequestProblem 413
 */
export async function readAll(stream: AsyncIterable<unknown>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) throw new Error('a body is bytes');
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

export const tooLarge = (maxBytes: number): RequestProblem =>
  new RequestProblem('request.too_large', `A body has at most ${Math.floor(maxBytes / 1024)} KiB after decompression.`, [], 413);
