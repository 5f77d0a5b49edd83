import { Controller, Inject } from '@nestjs/common';
import type { Alive, Readiness } from '@keyward/contract';
import { Incoming, type Call } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import type { OpenApiDocument } from '../openapi/build-openapi.js';
import { OPENAPI } from '../tokens.js';
import { Health } from './health.js';

/** What machines ask: is it alive, is it ready, how does it do, what can it do. */
@Controller()
export class ServiceController {
  readonly #health: Health;
  readonly #openapi: OpenApiDocument;

  constructor(@Inject(Health) health: Health, @Inject(OPENAPI) openapi: OpenApiDocument) {
    this.#health = health;
    this.#openapi = openapi;
  }

  @Endpoint('health.alive')
  alive(): Alive {
    return { status: 'ok' };
  }

  @Endpoint('health.ready')
  async ready(@Incoming() call: Call<'health.ready'>): Promise<Readiness> {
    const readiness = await this.#health.check();
    if (readiness.status !== 'ok') void call.reply.code(503);
    return readiness;
  }

  @Endpoint('metrics.show')
  async metrics(@Incoming() call: Call<'metrics.show'>): Promise<string> {
    void call.reply.header('content-type', this.#health.metricsContentType);
    return this.#health.metrics();
  }

  @Endpoint('openapi.show')
  openapi(): OpenApiDocument {
    return this.#openapi;
  }
}
