import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApiConfig, LINE_CONSUMERS, createApi } from '@keyward/api';
import { GuardedChild, freePort } from '@keyward/adapter-embedded';
import { OutboundConfig } from '@keyward/outbound';
import { LINE, TOPICS, WorkerConfig, startPipeline } from '@keyward/pipeline';
import {
  InvalidInputError,
  Metrics,
  OrderedStop,
  createLogger,
  loadConfig,
  sleep,
  systemClock,
  type LogLevel,
  type MessageBus,
} from '@keyward/runtime';
import { z } from 'zod';
import { Progress, count, say } from '../terminal.js';
import { DemoFeed } from './demo-feed.js';
import { DemoPam } from './demo-pam.js';
import { demoPolicy } from './demo-policy.js';
import { startBus, startStore, type Environment, type StartedBus } from './servers.js';

export interface StartOptions {
  /** Default: the demo, unless a policy, Kafka or ClickHouse of one's own is named. */
  readonly demo: boolean;
  readonly data: string;
}

const StartConfig = z.intersection(z.intersection(ApiConfig, WorkerConfig), OutboundConfig);

/**
 * `keyward start`: everything on one machine. Resolves when it has been told to stop and has stopped, in order.
 *
 * @throws UnavailableError, InvalidInputError: a sentence that says what to do
 */
export async function start(options: StartOptions, environment: Environment): Promise<void> {
  const began = performance.now();
  const dataDirectory = resolve(options.data);
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const logger = createLogger({ name: 'keyward', level: (environment['KEYWARD_LOG_LEVEL'] ?? 'warn') as LogLevel });
  const metrics = new Metrics();
  const stop = new OrderedStop(logger);
  const stopping = new AbortController();
  const asked = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        done();
      });
  });
  try {
    const pam = options.demo ? await startDemoPam(stop) : undefined;
    const env = { ...environment, ...(pam && demoEnvironment(pam, dataDirectory, environment)) };
    const step = steps();
    const store = await startStore(env, dataDirectory, stop);
    step(store.words);
    const bus = await startBus(env, dataDirectory, stop, { logger, metrics });
    await bus.part.ensureTopics(TOPICS);
    step(bus.words);

    const feed = new DemoFeed({ bus: bus.part, clickhouse: store.part, dataDirectory, clock: systemClock, logger });
    const isFirst = options.demo && (!feed.isLoaded || !bus.isShared);
    if (isFirst) await feed.saveOrganisation();
    const worker = { ...env, ...store.environment, ...bus.environment };
    const { ended } = bus.isShared
      ? await startWorkerProcess(worker, dataDirectory, stop)
      : await startWorkerHere(worker, bus, store.part, stop, { logger, metrics });
    step('the line: ingest, assess, alert, respond');
    const config = loadConfig(StartConfig, worker);
    const api = await createApi({
      config,
      clickhouse: store.part,
      bus: bus.part,
      logger,
      metrics,
      clock: systemClock,
      consumers: LINE_CONSUMERS,
    });
    stop.add('API', () => api.close());
    const { url } = await api.listen().catch((error: unknown) => {
      throw portInUse(error, config.KEYWARD_HTTP_PORT);
    });
    step(api.servesDashboard ? 'API and dashboard' : 'API (the dashboard is not built: npm run build)');
    if (isFirst) await loadDemo(feed, bus.part);

    say(`\nKeyward is running after ${((performance.now() - began) / 1000).toFixed(1)} s.\n\n  Open     ${url}`);
    if (api.firstAdmin) say(`  Sign in  ${api.firstAdmin.user}  ${api.firstAdmin.password}   (shown this once)`);
    say(`  Runs on  ${store.words}; ${bus.words}`);
    say(`  Data     ${dataDirectory}`);
    if (options.demo) say('  Demo     Example Bank, sixty people, thirty days; an intruder comes in a minute and a half');
    say('\nCtrl-C stops everything.');

    stop.add('live feed', () => {
      stopping.abort(new Error('stopping'));
      return Promise.resolve();
    });
    if (options.demo) void feed.live(stopping.signal);
    await Promise.race([asked, ended]);
    say('\nStopping …');
  } finally {
    await stop.stop();
  }
}

interface Worker {
  /** Settles when it ends by itself. */
  readonly ended: Promise<void>;
}

/** Prints what has come up, and how long it took. */
function steps(): (words: string) => void {
  let last = performance.now();
  return (words) => {
    const now = performance.now();
    say(`  ✓ ${words} (${((now - last) / 1000).toFixed(1)} s)`);
    last = now;
  };
}

async function startDemoPam(stop: OrderedStop): Promise<{ readonly address: string; readonly secret: string }> {
  const pam = new DemoPam();
  const address = await pam.start();
  stop.add('demo PAM', () => pam.stop());
  return { address, secret: pam.secret };
}

function demoEnvironment(
  pam: { readonly address: string; readonly secret: string },
  dataDirectory: string,
  environment: Environment,
): Record<string, string> {
  if (environment['KEYWARD_POLICY_FILE'] !== undefined) return {};
  const policyFile = join(dataDirectory, 'demo-policy.yaml');
  writeFileSync(policyFile, demoPolicy(pam.address, dataDirectory));
  return { KEYWARD_POLICY_FILE: policyFile, KEYWARD_DEMO_PAM_SECRET: pam.secret, KEYWARD_OUTBOUND_ALLOWED_HOSTS: pam.address };
}

/** The worker as a process of its own: a long batch then never keeps the dashboard waiting. */
async function startWorkerProcess(env: Environment, dataDirectory: string, stop: OrderedStop): Promise<Worker> {
  const port = await freePort();
  const main = join(dirname(fileURLToPath(import.meta.resolve('@keyward/pipeline'))), 'main.js');
  const child = new GuardedChild({
    name: 'The worker',
    args: [process.execPath, main],
    logFile: join(dataDirectory, 'pipeline.log'),
    env: { ...definedIn(env), KEYWARD_WORKER_PORT: String(port), KEYWARD_INSTANCE: 'start' },
  });
  stop.add('worker', () => child.stop(20_000));
  await child.ready(async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(1_000) });
    await answer.body?.cancel();
    return answer.ok;
  }, 60_000);
  return {
    ended: child.ended.then(() => {
      say(`The worker has ended; its last words are in ${join(dataDirectory, 'pipeline.log')}.`);
    }),
  };
}

async function startWorkerHere(
  env: Environment,
  bus: StartedBus,
  clickhouse: Parameters<typeof startPipeline>[0]['clickhouse'],
  stop: OrderedStop,
  common: Pick<Parameters<typeof startPipeline>[0], 'logger' | 'metrics'>,
): Promise<Worker> {
  const config = loadConfig(z.intersection(WorkerConfig, OutboundConfig), { ...env, KEYWARD_WORKER_PORT: '0' });
  const pipeline = await startPipeline({ config, bus: bus.part, clickhouse, ...common });
  stop.add('worker', () => pipeline.stop());
  return { ended: pipeline.ended };
}

const definedIn = (env: Environment): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));

async function loadDemo(feed: DemoFeed, bus: MessageBus): Promise<void> {
  const began = performance.now();
  const progress = new Progress();
  const records = await feed.loadHistory((sent) => {
    progress.update(`  … demo history: ${count(sent)} records sent`);
  });
  for (;;) {
    const lag = await lagOf(bus);
    if (lag === 0) break;
    progress.update(`  … demo history: ${count(records)} records sent, ${count(lag)} still on the line`);
    await sleep(500);
  }
  progress.done();
  say(`  ✓ demo history: ${count(records)} vendor records through the line (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}

/** Records that some stage has not committed yet. */
async function lagOf(bus: MessageBus): Promise<number> {
  let lag = 0;
  for (const { group, reads } of LINE) for (const records of (await bus.lagOf(group, reads)).values()) lag += records;
  return lag;
}

function portInUse(error: unknown, port: number): unknown {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  if (!isTaken) return error;
  return new InvalidInputError(
    'start.port_in_use',
    `Port ${port} is in use by another program: stop that one, or choose another: KEYWARD_HTTP_PORT=${port + 1} npm start`,
  );
}
