import { resolve } from 'node:path';
import { ClickHouseConfig, DecisionLogReader, LineState, createClickHouse, type ClickHouse } from '@keyward/adapter-clickhouse';
import { KafkaConfig, createKafkaBus } from '@keyward/adapter-kafka';
import { ApiConfig } from '@keyward/api';
import { OutboundConfig } from '@keyward/outbound';
import { WorkerConfig } from '@keyward/pipeline';
import { AppError, Metrics, describeError, loadConfig, silentLogger, systemClock } from '@keyward/runtime';
import type { z } from 'zod';
import { checkBus, checkDeadLetters, checkDeliveries, checkEffects, checkMigrations, checkNode, checkSources } from '../doctor/checks.js';
import { checkDecisionLog } from '../doctor/decision-log.js';
import { diagnose, exitCodeOf, type Diagnosis, type Health } from '../doctor/diagnosis.js';
import { runningOn } from '../start/data-folder.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface DoctorOptions {
  readonly data: string;
  readonly json?: boolean;
}

const SIGNS: Readonly<Record<Health, string>> = { ok: '✓', warning: '!', broken: '✗', misconfigured: '✗', unreachable: '✗' };
/** A doctor does not wait for a server that is away. */
const TIMEOUT_MS = 10_000;

/** `keyward doctor`: says how each part is, on standard output. Changes nothing. @returns the exit code */
export async function runDoctor(options: DoctorOptions, environment: Environment): Promise<number> {
  const { env, where } = reachable(options.data, environment);
  const diagnoses = [
    { check: 'node', ...checkNode(process.versions.node) },
    checkConfiguration(env),
    await diagnose('bus', () => lookAtBus(env, where)),
    ...(await lookAtStore(env)),
  ];
  const code = exitCodeOf(diagnoses);
  process.stdout.write(options.json === true ? `${JSON.stringify({ ok: code === 0, checks: diagnoses })}\n` : inWords(diagnoses));
  return code;
}

/** Servers that the environment names; else those of the `keyward start` that runs on the data folder. */
function reachable(data: string, environment: Environment): { readonly env: Environment; readonly where: string } {
  const folder = resolve(data);
  const running = runningOn(folder);
  if (running === undefined) return { env: environment, where: `no Keyward is running on ${folder}` };
  return { env: { ...running.environment, ...environment }, where: `Keyward is running on ${folder}` };
}

/** Each section for itself, so that one wrong variable hides no other. */
function checkConfiguration(env: Environment): Diagnosis {
  const check = 'configuration';
  const sections: readonly z.ZodType[] = [WorkerConfig, ApiConfig, OutboundConfig, KafkaConfig, ClickHouseConfig];
  // That these two are not set is said where their servers are looked at.
  const given = { KAFKA_BROKERS: '127.0.0.1:9092', CLICKHOUSE_URL: 'http://127.0.0.1:8123', ...presentIn(env) };
  const problems = new Set<string>();
  for (const schema of sections) {
    try {
      loadConfig(schema, given);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      for (const line of error.message.split('\n').slice(1)) problems.add(line.trim());
    }
  }
  if (problems.size === 0) return { check, health: 'ok', sentence: 'Every variable can be used.' };
  return { check, health: 'misconfigured', sentence: "Variables of the environment can't be used:", details: [...problems] };
}

const presentIn = (env: Environment): Environment => Object.fromEntries(Object.entries(env).filter(([, value]) => value));

async function lookAtBus(env: Environment, where: string): Promise<Omit<Diagnosis, 'check'>> {
  if (!env['KAFKA_BROKERS']) {
    const isHere = where.startsWith('Keyward');
    return isHere
      ? {
          health: 'warning',
          sentence:
            'Keyward runs on its in-process bus: what is under way is lost when it stops. Install Java and Maven, or set KAFKA_BROKERS.',
        }
      : { health: 'unreachable', sentence: `KAFKA_BROKERS is not set, and ${where}: start it, or name your Kafka.` };
  }
  const bus = createKafkaBus({ config: loadConfig(KafkaConfig, env), logger: silentLogger, metrics: new Metrics() });
  try {
    return await checkBus(bus);
  } finally {
    await bus.close();
  }
}

async function lookAtStore(env: Environment): Promise<readonly Diagnosis[]> {
  let clickhouse: ClickHouse;
  try {
    if (!env['CLICKHOUSE_URL'])
      return [
        {
          check: 'store',
          health: 'unreachable',
          sentence: 'CLICKHOUSE_URL is not set, and no Keyward is running here: start it, or name your ClickHouse.',
        },
      ];
    clickhouse = createClickHouse({ ...loadConfig(ClickHouseConfig, env), CLICKHOUSE_TIMEOUT_MS: TIMEOUT_MS });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [{ check: 'store', health: 'misconfigured', sentence: describeError(error) }];
  }
  try {
    const store = await diagnose('store', () => checkMigrations(clickhouse));
    // Without its tables there is nothing more to ask.
    if (store.health === 'unreachable' || store.health === 'misconfigured') return [store];
    const state = new LineState(clickhouse);
    const now = systemClock.now();
    return [
      store,
      await diagnose('decision_log', () => checkDecisionLog(new DecisionLogReader(clickhouse))),
      await diagnose('dead_letters', () => checkDeadLetters(state, now)),
      await diagnose('deliveries', () => checkDeliveries(state, now)),
      await diagnose('effects', () => checkEffects(state, now)),
      await diagnose('sources', () => checkSources(state, now)),
    ];
  } finally {
    await clickhouse.close();
  }
}

const inWords = (diagnoses: readonly Diagnosis[]): string =>
  diagnoses
    .map(
      ({ health, sentence, details = [] }) => [`${SIGNS[health]} ${sentence}`, ...details.map((line) => `    ${line}`)].join('\n') + '\n',
    )
    .join('');
