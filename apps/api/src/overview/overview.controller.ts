import { Controller, Inject } from '@nestjs/common';
import { OverviewQueries, PulseQueries, SodQueries } from '@keyward/adapter-clickhouse';
import type { Overview, PolicyView, Pulse, SodOverview } from '@keyward/contract';
import { Incoming, type Call } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { POLICY, type PolicyInForce } from '../tokens.js';

/** What stands on the first page, and the rules everything follows. */
@Controller()
export class OverviewController {
  readonly #overview: OverviewQueries;
  readonly #pulse: PulseQueries;
  readonly #sod: SodQueries;
  readonly #policy: PolicyInForce;

  constructor(
    @Inject(OverviewQueries) overview: OverviewQueries,
    @Inject(PulseQueries) pulse: PulseQueries,
    @Inject(SodQueries) sod: SodQueries,
    @Inject(POLICY) policy: PolicyInForce,
  ) {
    this.#overview = overview;
    this.#pulse = pulse;
    this.#sod = sod;
    this.#policy = policy;
  }

  @Endpoint('overview.show')
  show(@Incoming() call: Call<'overview.show'>): Promise<Overview> {
    return this.#overview.show(call.query.hours);
  }

  @Endpoint('pulse.show')
  pulse(): Promise<Pulse> {
    return this.#pulse.show();
  }

  @Endpoint('sod.show')
  sod(): Promise<SodOverview> {
    return this.#sod.show();
  }

  /** Secrets do not stand in a policy: its schema takes names of environment variables only. */
  @Endpoint('policy.show')
  policy(): PolicyView {
    return { policy: { ...this.#policy.policy() }, source: this.#policy.source };
  }
}
