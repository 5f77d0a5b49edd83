import { Controller, Inject } from '@nestjs/common';
import type { IngestAccepted } from '@keyward/contract';
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
    return { source, accepted: await this.#ingest.accept(source, call.request) };
  }
}
