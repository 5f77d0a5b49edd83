import { Controller, Inject } from '@nestjs/common';
import { IdentityStandings, UnresolvedAccountQueries } from '@keyward/adapter-clickhouse';
import type { AccountLinkPage, LinkDecisionView, LinkSummary, UnresolvedAccounts } from '@keyward/contract';
import { Audit } from '../auth/audit.js';
import { Incoming, param, type Call } from '../http/call.js';
import { callerName } from '../http/caller.js';
import { Endpoint } from '../http/endpoint.js';
import { Links } from './links.js';

/** Whose the accounts of directories are: found by rules, decided by people. */
@Controller()
export class LinksController {
  readonly #links: Links;
  readonly #unresolved: UnresolvedAccountQueries;
  readonly #standings: IdentityStandings;
  readonly #audit: Audit;

  constructor(
    @Inject(Links) links: Links,
    @Inject(UnresolvedAccountQueries) unresolved: UnresolvedAccountQueries,
    @Inject(IdentityStandings) standings: IdentityStandings,
    @Inject(Audit) audit: Audit,
  ) {
    this.#links = links;
    this.#unresolved = unresolved;
    this.#standings = standings;
    this.#audit = audit;
  }

  @Endpoint('links.list')
  list(@Incoming() call: Call<'links.list'>): Promise<AccountLinkPage> {
    return this.#links.list(call.query);
  }

  @Endpoint('links.summary')
  summary(): Promise<LinkSummary> {
    return this.#links.summary();
  }

  @Endpoint('links.unresolved')
  unresolved(@Incoming() call: Call<'links.unresolved'>): Promise<UnresolvedAccounts> {
    return this.#unresolved.find(call.query);
  }

  @Endpoint('links.decide')
  async decide(@Incoming() call: Call<'links.decide'>): Promise<LinkDecisionView> {
    const { system, name, identity, reason } = call.body;
    const decided = await this.#links.decide(call.body, callerName(call.caller), (uid) =>
      this.#audit.write(call, { action: 'link.decide', object: `${system}:${name}`, detail: `${uid}, ${identity ?? 'nobody'}: ${reason}` }),
    );
    this.#standings.forget();
    return decided;
  }

  @Endpoint('links.undo')
  async undo(@Incoming() call: Call<'links.undo'>): Promise<void> {
    const uid = param(call, 'uid');
    await this.#links.undo(uid, call.query.reason, callerName(call.caller), (account) =>
      this.#audit.write(call, { action: 'link.undo', object: account, detail: `${uid}: ${call.query.reason}` }),
    );
    this.#standings.forget();
  }
}
