import { Controller, Inject } from '@nestjs/common';
import { EffectQueries, GrantQueries } from '@keyward/adapter-clickhouse';
import type { DecisionView, EffectDetail, EffectPage, GrantDetail, GrantPage } from '@keyward/contract';
import { Audit } from '../auth/audit.js';
import { Incoming, param, type Call } from '../http/call.js';
import { callerName } from '../http/caller.js';
import { Endpoint } from '../http/endpoint.js';
import { Decisions } from './decisions.js';

/** JIT grants, what was done about them, and what people decide. */
@Controller()
export class GrantsController {
  readonly #grants: GrantQueries;
  readonly #effects: EffectQueries;
  readonly #decisions: Decisions;
  readonly #audit: Audit;

  constructor(
    @Inject(GrantQueries) grants: GrantQueries,
    @Inject(EffectQueries) effects: EffectQueries,
    @Inject(Decisions) decisions: Decisions,
    @Inject(Audit) audit: Audit,
  ) {
    this.#grants = grants;
    this.#effects = effects;
    this.#decisions = decisions;
    this.#audit = audit;
  }

  @Endpoint('grants.list')
  list(@Incoming() call: Call<'grants.list'>): Promise<GrantPage> {
    return this.#grants.list(call.query);
  }

  @Endpoint('grants.show')
  show(@Incoming() call: Call<'grants.show'>): Promise<GrantDetail> {
    return this.#grants.show(param(call, 'uid'), callerName(call.caller));
  }

  @Endpoint('effects.list')
  effects(@Incoming() call: Call<'effects.list'>): Promise<EffectPage> {
    return this.#effects.list(call.query, callerName(call.caller));
  }

  @Endpoint('effects.show')
  effect(@Incoming() call: Call<'effects.show'>): Promise<EffectDetail> {
    return this.#effects.show(param(call, 'uid'), callerName(call.caller));
  }

  @Endpoint('decisions.create')
  async decide(@Incoming() call: Call<'decisions.create'>): Promise<DecisionView> {
    const decision = await this.#decisions.make(call.body, callerName(call.caller), (uid) =>
      this.#audit.write(call, {
        action: `decision.${call.body.kind}`,
        object: call.body.kind === 'revoke' ? call.body.grantUid : call.body.effectUid,
        detail: `${uid}: ${call.body.reason}`,
      }),
    );
    return decision;
  }
}
