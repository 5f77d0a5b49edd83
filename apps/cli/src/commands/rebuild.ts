import { resolve } from 'node:path';
import { ClickHouseConfig, openClickHouse } from '@keyward/adapter-clickhouse';
import { KafkaConfig, groupMembers } from '@keyward/adapter-kafka';
import { ConflictError, InvalidInputError, OrderedStop, createLogger, loadConfig, silentLogger } from '@keyward/runtime';
import { compileDetectionSettings, type DetectionSettings } from '@keyward/stages';
import { mappingOf } from '../backtest/change-arguments.js';
import { rebuild } from '../rebuild/rebuild.js';
import { reportText, stepInWords } from '../rebuild/report.js';
import { runningOn, takeDataFolder } from '../start/data-folder.js';
import { startStore } from '../start/servers.js';
import { EXIT, Progress } from '../terminal.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface RebuildArguments {
  readonly check?: boolean;
  readonly write?: boolean;
  readonly acceptLoss?: boolean;
  readonly workersStopped?: boolean;
  readonly data: string;
  readonly json?: boolean;
}

/** Consumer group of ASSESS, as the worker names it. */
const ASSESS_GROUP = 'keyward-assess';
/** A day of a large organisation is sorted and joined in one query. */
const TIMEOUT_MS = 600_000;
/** Differences that are told in full. */
const TOLD = 10;

/**
 * `keyward rebuild`: what its history makes of profiles, snapshots and scores, beside what is stored. Nothing is alerted or revoked.
 *
 * @returns the exit code: 0 equal or written, 1 differs
 * @throws InvalidInputError, ConflictError (2), UnavailableError (3)
 */
export async function runRebuild(args: RebuildArguments, environment: Environment): Promise<number> {
  if (args.check === true && args.write === true) throw new InvalidInputError('rebuild.option', 'Either --check or --write, not both.');
  const stop = new OrderedStop(silentLogger);
  const interrupted = new AbortController();
  const interrupt = (): void => {
    interrupted.abort(new InvalidInputError('rebuild.interrupted', 'Interrupted: nothing was written.'));
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const progress = new Progress();
  try {
    const env = await reachable(args, environment, stop);
    const config = { ...loadConfig(ClickHouseConfig, env), CLICKHOUSE_TIMEOUT_MS: TIMEOUT_MS };
    const { clickhouse } = await openClickHouse(config);
    stop.add('store client', () => clickhouse.close());
    const kafka = env['KAFKA_BROKERS'] === undefined ? undefined : loadConfig(KafkaConfig, env);
    const result = await rebuild({
      clickhouse,
      config,
      settings: settingsOf(env['KEYWARD_DETECTIONS_FILE']),
      write: args.write === true,
      acceptLoss: args.acceptLoss === true,
      limit: TOLD,
      workers: () => (kafka === undefined ? Promise.resolve(0) : groupMembers(kafka, ASSESS_GROUP)),
      logger: createLogger({ name: 'rebuild', level: 'error' }),
      signal: interrupted.signal,
      onProgress: (step) => {
        progress.update(stepInWords(step));
      },
    });
    progress.done();
    process.stdout.write(args.json === true ? `${JSON.stringify(result, null, 2)}\n` : reportText(result));
    return result.outcome === 'differs' ? EXIT.failed : EXIT.ok;
  } finally {
    progress.done();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await stop.stop();
  }
}

/** The servers that the environment names; else those of the `keyward start` that runs on the data folder; else its store alone, started for us. */
async function reachable(
  { data, write, workersStopped }: RebuildArguments,
  environment: Environment,
  stop: OrderedStop,
): Promise<Environment> {
  const folder = resolve(data);
  const running = runningOn(folder);
  if (running && write === true) {
    throw new ConflictError(
      'rebuild.workers',
      `Keyward is running on ${folder} (process ${running.pid}): stop it, and start it again when the rebuild is done.`,
    );
  }
  if (environment['CLICKHOUSE_URL']) {
    if (write !== true || environment['KAFKA_BROKERS'] || workersStopped === true) return environment;
    throw new InvalidInputError(
      'rebuild.kafka',
      'KAFKA_BROKERS is not set, so nobody can be asked whether ASSESS runs somewhere. Set it, or say --workers-stopped when you know.',
    );
  }
  if (running) return { ...running.environment, ...environment };
  const taken = takeDataFolder(folder);
  stop.add('data folder', () => {
    taken.release();
    return Promise.resolve();
  });
  const store = await startStore(environment, folder, stop);
  return { ...environment, ...store.environment };
}

/** @throws InvalidInputError `detections.invalid` with every parameter that is wrong */
function settingsOf(file: string | undefined): Extract<DetectionSettings, { kind: 'settings' }> {
  const settings = compileDetectionSettings(file === undefined ? {} : mappingOf(file));
  if (settings.kind === 'settings') return settings;
  throw new InvalidInputError('detections.invalid', `KEYWARD_DETECTIONS_FILE can't be used:\n  ${settings.problems.join('\n  ')}`);
}
