import { Controller, Inject } from '@nestjs/common';
import type { BacktestDetail, BacktestList, BacktestSettings, BacktestSummary } from '@keyward/contract';
import { Audit } from '../auth/audit.js';
import { Incoming, param, type Call } from '../http/call.js';
import { callerName } from '../http/caller.js';
import { Endpoint } from '../http/endpoint.js';
import { BacktestJobs } from './backtest-jobs.js';

/** What a change would have done. */
@Controller()
export class BacktestsController {
  readonly #jobs: BacktestJobs;
  readonly #audit: Audit;

  constructor(@Inject(BacktestJobs) jobs: BacktestJobs, @Inject(Audit) audit: Audit) {
    this.#jobs = jobs;
    this.#audit = audit;
  }

  @Endpoint('backtests.create')
  create(@Incoming() call: Call<'backtests.create'>): Promise<BacktestSummary> {
    const { from, to, change } = call.body;
    return this.#jobs.start(call.body, callerName(call.caller), (id) =>
      this.#audit.write(call, { action: 'backtest.create', object: id, detail: `${from} to ${to}: ${Object.keys(change).join(', ')}` }),
    );
  }

  @Endpoint('backtests.list')
  list(): Promise<BacktestList> {
    return this.#jobs.list();
  }

  @Endpoint('backtests.settings')
  settings(): BacktestSettings {
    return this.#jobs.settings();
  }

  @Endpoint('backtests.show')
  show(@Incoming() call: Call<'backtests.show'>): Promise<BacktestDetail> {
    return this.#jobs.show(param(call, 'id'));
  }

  @Endpoint('backtests.cancel')
  async cancel(@Incoming() call: Call<'backtests.cancel'>): Promise<BacktestSummary> {
    const id = param(call, 'id');
    const cancelled = await this.#jobs.cancel(id);
    await this.#audit.write(call, { action: 'backtest.cancel', object: id });
    return cancelled;
  }
}
