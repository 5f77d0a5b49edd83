import type { ClickHouse } from '@keyward/adapter-clickhouse';
import type { Logger, MessageBus, Metrics } from '@keyward/runtime';
import { Controller, Get, Header, Inject, ServiceUnavailableException } from '@nestjs/common';
import { LINE } from './line.js';
import { BUS, CLICKHOUSE, LOGGER, METRICS } from './tokens.js';

/** For the platform: alive, ready, metrics. Loopback unless told otherwise; shows counts, never accounts. */
@Controller()
export class HealthController {
  readonly #bus: MessageBus;
  readonly #clickhouse: ClickHouse;
  readonly #metrics: Metrics;
  readonly #logger: Logger;

  constructor(
    @Inject(BUS) bus: MessageBus,
    @Inject(CLICKHOUSE) clickhouse: ClickHouse,
    @Inject(METRICS) metrics: Metrics,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#bus = bus;
    this.#clickhouse = clickhouse;
    this.#metrics = metrics;
    this.#logger = logger;
  }

  @Get('healthz')
  alive(): { status: string } {
    return { status: 'ok' };
  }

  @Get('readyz')
  async ready(): Promise<Record<string, string>> {
    const checks = { bus: await this.#answers(() => this.#lag()), store: await this.#answers(() => this.#clickhouse.ping()) };
    if (Object.values(checks).some((check) => check !== 'ok')) throw new ServiceUnavailableException(checks);
    return checks;
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4')
  async metrics(): Promise<string> {
    await this.#lag().catch(() => undefined);
    return this.#metrics.registry.metrics();
  }

  async #lag(): Promise<void> {
    const gauge = this.#metrics.gauge('keyward_line_lag_records', 'Records that a stage has not yet committed', ['stage']);
    for (const { role, group, reads } of LINE) {
      const lags = await this.#bus.lagOf(group, reads);
      gauge.set(
        { stage: role },
        [...lags.values()].reduce((sum, lag) => sum + lag, 0),
      );
    }
  }

  async #answers(check: () => Promise<unknown>): Promise<string> {
    try {
      await check();
      return 'ok';
    } catch (error) {
      this.#logger.debug({ err: error }, 'not ready');
      return 'unavailable';
    }
  }
}
