import { Controller, Inject } from '@nestjs/common';
import { IdentityHabits, IdentityQueries } from '@keyward/adapter-clickhouse';
import type { IdentityDetail, IdentityPage, PeerList, Rhythm, RiskHistory, Usage } from '@keyward/contract';
import { Incoming, param, type Call } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';

/** People and services. */
@Controller()
export class IdentitiesController {
  readonly #identities: IdentityQueries;
  readonly #habits: IdentityHabits;

  constructor(@Inject(IdentityQueries) identities: IdentityQueries, @Inject(IdentityHabits) habits: IdentityHabits) {
    this.#identities = identities;
    this.#habits = habits;
  }

  @Endpoint('identities.list')
  list(@Incoming() call: Call<'identities.list'>): Promise<IdentityPage> {
    return this.#identities.list(call.query);
  }

  @Endpoint('identities.show')
  show(@Incoming() call: Call<'identities.show'>): Promise<IdentityDetail> {
    return this.#identities.show(param(call, 'id'));
  }

  @Endpoint('identities.risk')
  risk(@Incoming() call: Call<'identities.risk'>): Promise<RiskHistory> {
    return this.#identities.risk(param(call, 'id'), call.query.days);
  }

  @Endpoint('identities.rhythm')
  rhythm(@Incoming() call: Call<'identities.rhythm'>): Promise<Rhythm> {
    return this.#habits.rhythm(param(call, 'id'));
  }

  @Endpoint('identities.usage')
  usage(@Incoming() call: Call<'identities.usage'>): Promise<Usage> {
    return this.#habits.usage(param(call, 'id'), call.query.kind, call.query.days);
  }

  @Endpoint('identities.peers')
  peers(@Incoming() call: Call<'identities.peers'>): Promise<PeerList> {
    return this.#identities.peers(param(call, 'id'));
  }
}
