import { Controller, Inject } from '@nestjs/common';
import type { IngestAccepted, IngestHandshake } from '@keyward/contract';
import { Incoming, param, type Call } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { Ingest } from './ingest.js';

/** Where senders bring their records. */
@Controller()
export class IngestController {
  readonly #ingest: Ingest;
  constructor(@Inject(Ingest) ingest: Ingest) {
    this.#ingest = ingest;
  }

  @Endpoint('ingest.send')
  async send(@Incoming() call: Call<'ingest.send'>): Promise<IngestAccepted> {
    const source = param(call, 'source');
    const { accepted, status } = await this.#ingest.accept(source, call.request, call.caller);
    if (status !== undefined) call.reply.code(status);
    return { source, accepted };
  }

  @Endpoint('ingest.handshake')
  handshake(@Incoming() call: Call<'ingest.handshake'>): IngestHandshake {
    return this.#ingest.handshake(param(call, 'source'), call.request.headers);
  }
}
