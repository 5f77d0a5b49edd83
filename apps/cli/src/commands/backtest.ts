import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  ClickHouseBacktestHistory,
  ClickHouseConfig,
  OrganisationStore,
  StoredOrganisationSource,
  createClickHouse,
} from '@keyward/adapter-clickhouse';
import { createBehaviourModel } from '@keyward/baselines';
import { DAY_MS } from '@keyward/events';
import { DEFAULT_POLICY, Policy } from '@keyward/response';
import { InvalidInputError, loadConfig, systemClock } from '@keyward/runtime';
import {
  compileChange,
  runBacktest,
  type BacktestProgress,
  type BacktestResult,
  type CompiledChange,
  type LineSettings,
} from '@keyward/stages';
import { changeOf, mappingOf, policyOf, type ChangeArguments } from '../backtest/change-arguments.js';
import { backtestMarkdown } from '../backtest/report-text.js';
import { runningOn } from '../start/data-folder.js';
import { EXIT, Progress, count, say } from '../terminal.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface BacktestArguments extends ChangeArguments {
  readonly from?: string;
  readonly to?: string;
  readonly warmUpDays?: string;
  readonly data: string;
  readonly json?: boolean;
  readonly out?: string;
  readonly exitCode?: boolean;
}

const DEFAULT_DAYS = 30;

/**
 * `keyward backtest`: what a change would have done, from what the store holds. Writes nothing there.
 *
 * @returns the exit code
 * @throws InvalidInputError for arguments, files and changes that can't be used; UnavailableError
 */
export async function runBacktestCommand(args: BacktestArguments, environment: Environment): Promise<number> {
  const env = reachable(args.data, environment);
  const span = spanOf(args);
  const wanted = changeOf(args);
  const clickhouse = createClickHouse(loadConfig(ClickHouseConfig, env));
  const interrupted = new AbortController();
  const interrupt = (): void => {
    interrupted.abort(new InvalidInputError('backtest.interrupted', 'Interrupted.'));
  };
  process.once('SIGINT', interrupt);
  const progress = new Progress();
  try {
    const { organisation, sod } = (await StoredOrganisationSource.load(new OrganisationStore(clickhouse))).current();
    const model = createBehaviourModel();
    const result = await runBacktest({
      span,
      change: checked({ ...inForce(env), sod }, wanted),
      history: new ClickHouseBacktestHistory(clickhouse, model),
      organisation,
      model,
      signal: interrupted.signal,
      warmUpDays: warmUpOf(args.warmUpDays),
      onProgress: (step) => {
        progress.update(wordsOf(step));
      },
    });
    progress.done();
    write(result, args);
    const differs = result.counts.appeared + result.counts.disappeared > 0;
    return args.exitCode === true && differs ? EXIT.failed : EXIT.ok;
  } finally {
    progress.done();
    process.off('SIGINT', interrupt);
    await clickhouse.close();
  }
}

/** Servers that the environment names; else those of the `keyward start` that runs on the data folder. */
const reachable = (data: string, environment: Environment): Environment => ({ ...runningOn(resolve(data))?.environment, ...environment });

/** What the line runs with, as its environment says it. */
function inForce(env: Environment): Omit<LineSettings, 'sod'> {
  const { KEYWARD_DETECTIONS_FILE: detections, KEYWARD_POLICY_FILE: policy } = env;
  return {
    detections: detections === undefined ? {} : mappingOf(detections),
    policy: policy === undefined ? DEFAULT_POLICY : Policy.parse(policyOf(policy)),
  };
}

function checked(current: LineSettings, wanted: unknown): CompiledChange {
  const compiled = compileChange(current, wanted);
  if (compiled.kind === 'change') return compiled.change;
  throw new InvalidInputError('backtest.change', `The change can't be used:\n  ${compiled.problems.join('\n  ')}`);
}

/** @throws InvalidInputError `backtest.span` */
function spanOf({ from, to }: Pick<BacktestArguments, 'from' | 'to'>): { readonly from: number; readonly to: number } {
  const end = to === undefined ? systemClock.now() : instantOf('--to', to);
  const start = from === undefined ? end - DEFAULT_DAYS * DAY_MS : instantOf('--from', from);
  if (start >= end) throw new InvalidInputError('backtest.span', '--from must be before --to.');
  return { from: start, to: end };
}

const DAY_OR_INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/;
function instantOf(option: string, text: string): number {
  const at = DAY_OR_INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new InvalidInputError(
    'backtest.span',
    `${option} takes a day or an instant in UTC, 2026-01-31 or 2026-01-31T12:00:00Z, not ${text}`,
  );
}

function warmUpOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const days = Number(text);
  if (Number.isInteger(days) && days >= 0) return days;
  throw new InvalidInputError('backtest.span', `--warm-up-days takes a whole number, not ${text}`);
}

const wordsOf = ({ phase, done, of }: BacktestProgress): string =>
  phase === 'detections'
    ? `run again: ${count(done)} of ${count(of)} events`
    : `grouped: day ${count(Math.ceil(done / DAY_MS))} of ${count(Math.ceil(of / DAY_MS))}`;

function write(result: BacktestResult, { json, out }: BacktestArguments): void {
  const text = json === true ? `${JSON.stringify(result, null, 2)}\n` : backtestMarkdown(result);
  if (out === undefined) process.stdout.write(text);
  else {
    writeFileSync(out, text);
    say(`${out} written`);
  }
}
