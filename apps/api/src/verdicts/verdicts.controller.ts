import { Controller, Inject } from '@nestjs/common';
import { IdentityStandings } from '@keyward/adapter-clickhouse';
import type { VerdictPage, VerdictPreview, VerdictView } from '@keyward/contract';
import { Audit } from '../auth/audit.js';
import { Incoming, param, type Call } from '../http/call.js';
import { callerName } from '../http/caller.js';
import { Endpoint } from '../http/endpoint.js';
import { Verdicts } from './verdicts.js';

/** What people say of alerts. */
@Controller()
export class VerdictsController {
  readonly #verdicts: Verdicts;
  readonly #standings: IdentityStandings;
  readonly #audit: Audit;

  constructor(@Inject(Verdicts) verdicts: Verdicts, @Inject(IdentityStandings) standings: IdentityStandings, @Inject(Audit) audit: Audit) {
    this.#verdicts = verdicts;
    this.#standings = standings;
    this.#audit = audit;
  }

  @Endpoint('verdicts.list')
  list(@Incoming() call: Call<'verdicts.list'>): Promise<VerdictPage> {
    return this.#verdicts.list(call.query);
  }

  @Endpoint('verdicts.preview')
  preview(@Incoming() call: Call<'verdicts.preview'>): Promise<VerdictPreview> {
    return this.#verdicts.preview(param(call, 'uid'), call.body, callerName(call.caller));
  }

  @Endpoint('verdicts.create')
  async give(@Incoming() call: Call<'verdicts.create'>): Promise<VerdictView> {
    const alert = param(call, 'uid');
    const { kind, scope, days, reason } = call.body;
    const verdict = await this.#verdicts.give(alert, call.body, callerName(call.caller), (uid) =>
      this.#audit.write(call, { action: `verdict.${kind}`, object: alert, detail: `${uid}, ${scope}, ${days} days: ${reason}` }),
    );
    this.#standings.forget();
    return verdict;
  }

  @Endpoint('verdicts.undo')
  async undo(@Incoming() call: Call<'verdicts.undo'>): Promise<VerdictView> {
    const uid = param(call, 'uid');
    const verdict = await this.#verdicts.undo(uid, call.query.reason, callerName(call.caller), (alert) =>
      this.#audit.write(call, { action: 'verdict.undo', object: alert, detail: `${uid}: ${call.query.reason}` }),
    );
    this.#standings.forget();
    return verdict;
  }
}
