import { Controller, Inject } from '@nestjs/common';
import { RateLimitedError } from '@keyward/runtime';
import { Authenticator } from '../auth/authenticator.js';
import { Incoming, type Call } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { StreamHub, type Message } from './stream-hub.js';

/** A comment keeps proxies from closing a quiet stream; at each one it is checked whether the listener may still listen. */
const HEARTBEAT_MS = 15_000;
const MAX_LISTENERS = 200;
/** A page that does not read is dropped: it comes back with Last-Event-ID. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

/** Live events. */
@Controller()
export class StreamController {
  readonly #hub: StreamHub;
  readonly #authenticator: Authenticator;

  constructor(@Inject(StreamHub) hub: StreamHub, @Inject(Authenticator) authenticator: Authenticator) {
    this.#hub = hub;
    this.#authenticator = authenticator;
  }

  @Endpoint('stream.open')
  async open(@Incoming() call: Call<'stream.open'>): Promise<void> {
    if (this.#hub.listeners >= MAX_LISTENERS) throw new RateLimitedError('rate_limited', 'Too many pages listen at once.');
    const { request, reply } = call;
    const headers = reply.getHeaders();
    reply.hijack();
    const { raw } = reply;
    // What Fastify would have sent: the security headers stand there already.
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) raw.setHeader(name, value);
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    raw.write('retry: 3000\n\n');

    const lastId = request.headers['last-event-id'];
    const send = (message: Message): void => {
      raw.write(frame(message));
      if (raw.writableLength > MAX_BUFFERED_BYTES) raw.destroy();
    };
    const leave = await this.#hub.listen(send, typeof lastId === 'string' ? lastId : undefined);
    const heartbeat = setInterval(() => {
      this.#authenticator.callerOf(request).then(
        () => raw.write(': still here\n\n'),
        () => raw.end(),
      );
    }, HEARTBEAT_MS);
    const end = (): void => {
      clearInterval(heartbeat);
      leave();
    };
    raw.on('close', end);
    if (raw.destroyed) end();
  }
}

/** JSON has no line breaks, so one `data:` line holds it. */
const frame = ({ id, event }: Message): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
