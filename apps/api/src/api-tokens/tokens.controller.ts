import { Controller, Inject } from '@nestjs/common';
import type { ApiTokenList, CreatedApiToken } from '@keyward/contract';
import { ApiTokens } from '../auth/api-tokens.js';
import { Audit } from '../auth/audit.js';
import { Incoming, param, type Call } from '../http/call.js';
import { callerName } from '../http/caller.js';
import { Endpoint } from '../http/endpoint.js';

/** Tokens of other programs. */
@Controller()
export class TokensController {
  readonly #tokens: ApiTokens;
  readonly #audit: Audit;

  constructor(@Inject(ApiTokens) tokens: ApiTokens, @Inject(Audit) audit: Audit) {
    this.#tokens = tokens;
    this.#audit = audit;
  }

  @Endpoint('tokens.list')
  async list(): Promise<ApiTokenList> {
    return { items: await this.#tokens.list() };
  }

  @Endpoint('tokens.create')
  async create(@Incoming() call: Call<'tokens.create'>): Promise<CreatedApiToken> {
    const created = await this.#tokens.create(call.body, callerName(call.caller));
    await this.#audit.write(call, {
      action: 'token.create',
      object: created.record.id,
      detail: `${created.record.name}: ${created.record.scopes.join(' ')}`,
    });
    return created;
  }

  @Endpoint('tokens.revoke')
  async revoke(@Incoming() call: Call<'tokens.revoke'>): Promise<void> {
    const id = param(call, 'id');
    await this.#tokens.revoke(id);
    await this.#audit.write(call, { action: 'token.revoke', object: id });
  }
}
