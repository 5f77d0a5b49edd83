import { SourceQueries } from '@keyward/adapter-clickhouse';
import type { SourceDetail, SourceList } from '@keyward/contract';
import { Controller, Inject } from '@nestjs/common';
import { Incoming, param, type Call } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { sampleOf } from './record-sample.js';

/** How the sources do, and what is wrong with one. */
@Controller()
export class SourcesController {
  readonly #sources: SourceQueries;

  constructor(@Inject(SourceQueries) sources: SourceQueries) {
    this.#sources = sources;
  }

  @Endpoint('sources.list')
  list(@Incoming() call: Call<'sources.list'>): Promise<SourceList> {
    return this.#sources.list(call.query.hours);
  }

  @Endpoint('sources.show')
  async show(@Incoming() call: Call<'sources.show'>): Promise<SourceDetail> {
    const { reasons, ...shown } = await this.#sources.show(param(call, 'source'), call.query.hours);
    return { ...shown, reasons: reasons.map(({ sample, ...reason }) => ({ ...reason, sample: sample ? sampleOf(sample) : null })) };
  }
}
