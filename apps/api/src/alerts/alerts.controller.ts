import { Controller, Inject } from '@nestjs/common';
import { AlertQueries, AlertTriage, IdentityStandings } from '@keyward/adapter-clickhouse';
import type { AlertActionList, AlertDetail, AlertFacets, AlertPage, AlertSummary, BulkResult } from '@keyward/contract';
import { NotFoundError } from '@keyward/runtime';
import { Audit } from '../auth/audit.js';
import { Incoming, param, type Call } from '../http/call.js';
import { callerName } from '../http/caller.js';
import { Endpoint } from '../http/endpoint.js';
import { Verdicts } from '../verdicts/verdicts.js';

/** The queue. */
@Controller()
export class AlertsController {
  readonly #alerts: AlertQueries;
  readonly #triage: AlertTriage;
  readonly #standings: IdentityStandings;
  readonly #verdicts: Verdicts;
  readonly #audit: Audit;

  constructor(
    @Inject(AlertQueries) alerts: AlertQueries,
    @Inject(AlertTriage) triage: AlertTriage,
    @Inject(IdentityStandings) standings: IdentityStandings,
    @Inject(Verdicts) verdicts: Verdicts,
    @Inject(Audit) audit: Audit,
  ) {
    this.#alerts = alerts;
    this.#triage = triage;
    this.#standings = standings;
    this.#verdicts = verdicts;
    this.#audit = audit;
  }

  @Endpoint('alerts.list')
  list(@Incoming() call: Call<'alerts.list'>): Promise<AlertPage> {
    return this.#alerts.list(call.query);
  }

  @Endpoint('alerts.facets')
  facets(): Promise<AlertFacets> {
    return this.#alerts.facets();
  }

  @Endpoint('alerts.change_many')
  async changeMany(@Incoming() call: Call<'alerts.change_many'>): Promise<BulkResult> {
    const { uids, status, note } = call.body;
    await this.#verdicts.checkStatus(uids, status);
    const result = await this.#triage.change(uids, { status, note }, callerName(call.caller));
    this.#standings.forget();
    await this.#audit.write(call, {
      action: 'alert.status',
      object: result.changed.join(' '),
      detail: `${status} (${result.changed.length})`,
    });
    return result;
  }

  @Endpoint('alerts.show')
  show(@Incoming() call: Call<'alerts.show'>): Promise<AlertDetail> {
    return this.#alerts.show(param(call, 'uid'), callerName(call.caller));
  }

  @Endpoint('alerts.change')
  async change(@Incoming() call: Call<'alerts.change'>): Promise<AlertSummary> {
    const uid = param(call, 'uid');
    await this.#verdicts.checkStatus([uid], call.body.status);
    await this.#triage.change([uid], call.body, callerName(call.caller));
    const [summary] = await this.#alerts.summaries([uid]);
    if (!summary) throw new NotFoundError('not_found', 'There is no such alert.');
    this.#standings.forget();
    await this.#audit.write(call, { action: 'alert.status', object: uid, detail: call.body.status });
    return summary;
  }

  @Endpoint('alerts.actions')
  async actions(@Incoming() call: Call<'alerts.actions'>): Promise<AlertActionList> {
    return { items: await this.#triage.history(param(call, 'uid')) };
  }
}
