import { Controller, Inject } from '@nestjs/common';
import { EventQueries } from '@keyward/adapter-clickhouse';
import type { EventDetail, EventPage } from '@keyward/contract';
import type { AccessEvent } from '@keyward/events';
import { Incoming, param, type Call } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { OCSF_EXPORT } from '../tokens.js';

export type OcsfExport = (event: AccessEvent) => Readonly<Record<string, unknown>>;

/** Events and why they scored. */
@Controller()
export class EventsController {
  readonly #events: EventQueries;
  readonly #toOcsf: OcsfExport;

  constructor(@Inject(EventQueries) events: EventQueries, @Inject(OCSF_EXPORT) toOcsf: OcsfExport) {
    this.#events = events;
    this.#toOcsf = toOcsf;
  }

  @Endpoint('events.list')
  list(@Incoming() call: Call<'events.list'>): Promise<EventPage> {
    return this.#events.list(call.query);
  }

  @Endpoint('events.show')
  async show(@Incoming() call: Call<'events.show'>): Promise<EventDetail> {
    const detail = await this.#events.show(param(call, 'uid'));
    return { ...detail, ocsf: { ...this.#toOcsf(detail.event) } };
  }
}
