import { createBehaviourModel } from '@keyward/baselines';
import { BacktestResult, BacktestSettings } from '@keyward/contract';
import type { Policy } from '@keyward/response';
import { compileChange, listParameters, runBacktest, type BacktestProgress, type OrganisationSource } from '@keyward/stages';
import type { ClickHouse } from '../client.js';
import { ClickHouseBacktestHistory } from './backtest-history.js';

/** What the line runs with, as far as its configuration says. */
export interface ConfigurationInForce {
  /** Content of KEYWARD_DETECTIONS_FILE. */
  readonly detections: Readonly<Record<string, unknown>>;
  readonly policy: () => Policy;
}

export interface WantedBacktest {
  /** Event time, epoch ms; `to` exclusive. */
  readonly from: number;
  readonly to: number;
  readonly warmUpDays: number;
  /** As `BacktestChange` of libs/contract. */
  readonly change: unknown;
}

export interface BacktestRun {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BacktestProgress) => void;
  /** Awaited after each block of rows: whoever shares the thread gets a turn. */
  readonly breathe: () => Promise<void>;
}

export type PreparedBacktest =
  | { readonly kind: 'ready'; readonly run: (run: BacktestRun) => Promise<BacktestResult> }
  /** Each names the field that is wrong. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** Backtests over this store, of changes of what is in force when they are asked for. */
export class Backtests {
  readonly #clickhouse: ClickHouse;
  readonly #organisation: OrganisationSource;
  readonly #inForce: ConfigurationInForce;

  constructor(clickhouse: ClickHouse, organisation: OrganisationSource, inForce: ConfigurationInForce) {
    this.#clickhouse = clickhouse;
    this.#organisation = organisation;
    this.#inForce = inForce;
  }

  /** What is in force, in the words that a change is written in. */
  settings(): BacktestSettings {
    const { sod } = this.#organisation.current();
    return BacktestSettings.parse({ detections: listParameters(this.#inForce.detections), sod, policy: this.#inForce.policy() });
  }

  prepare({ from, to, warmUpDays, change: wanted }: WantedBacktest): PreparedBacktest {
    const { organisation, sod } = this.#organisation.current();
    const compiled = compileChange({ detections: this.#inForce.detections, policy: this.#inForce.policy(), sod }, wanted);
    if (compiled.kind === 'invalid') return compiled;
    return {
      kind: 'ready',
      run: async ({ signal, onProgress, breathe }) => {
        const model = createBehaviourModel();
        const history = new ClickHouseBacktestHistory(this.#clickhouse, model);
        const { change } = compiled;
        const options = { span: { from, to }, change, history, organisation, model, signal, warmUpDays, onProgress, breathe };
        return BacktestResult.parse(await runBacktest(options));
      },
    };
  }
}
