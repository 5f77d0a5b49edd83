import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { ApiConfig, LINE_CONSUMERS, createApi } from '@keyward/api';
import { OutboundConfig } from '@keyward/outbound';
import { LINE, TOPICS, WorkerConfig } from '@keyward/pipeline';
import {
  InvalidInputError,
  Metrics,
  OrderedStop,
  UnavailableError,
  createLogger,
  loadConfig,
  sleep,
  systemClock,
  type MessageBus,
} from '@keyward/runtime';
import { z } from 'zod';
import { Progress, count, say } from '../terminal.js';
import { adoptBus } from './adopt-bus.js';
import { diskErrorOf, takeDataFolder, type TakenFolder } from './data-folder.js';
import { DemoFeed } from './demo-feed.js';
import { DemoPam } from './demo-pam.js';
import { demoPolicy } from './demo-policy.js';
import { DemoConfig } from './start-config.js';
import { startBus, startStore, type Environment } from './servers.js';
import { startWorkerHere, startWorkerProcess } from './worker.js';

export interface StartOptions {
  /** Default: yes, unless a policy, a Kafka or a ClickHouse of one's own is named. */
  readonly demo?: boolean;
  readonly data: string;
}

const StartConfig = z.intersection(z.intersection(ApiConfig, WorkerConfig), z.intersection(OutboundConfig, DemoConfig));

/** Ctrl-C, `kill`, and a terminal that is closed. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * `keyward start`: everything on one machine. Resolves when it has been told to stop and has stopped, in order.
 *
 * @throws UnavailableError, InvalidInputError, ConflictError: a sentence that says what to do
 */
export async function start(options: StartOptions, environment: Environment): Promise<void> {
  const dataDirectory = resolve(options.data);
  const config = loadConfig(StartConfig, environment);
  await refuseTakenPort(config.KEYWARD_HTTP_HOST, config.KEYWARD_HTTP_PORT);
  const folder = takeDataFolder(dataDirectory);
  const stop = new OrderedStop(createLogger({ name: 'keyward', level: logLevelOf(environment) }));
  stop.add('data folder', () => {
    folder.release();
    return Promise.resolve();
  });
  const stopping = new AbortController();
  const asked = new Promise<'asked'>((done) => {
    for (const signal of STOP_SIGNALS)
      process.once(signal, () => {
        stopping.abort(new Error('stopping'));
        done('asked');
      });
  });
  try {
    const running = run({ options, environment, dataDirectory, stop, signal: stopping.signal, folder });
    await Promise.race([running, asked]);
    // Whatever is still coming up when we are told to stop is a child behind a guard: it ends with us.
    running.catch(() => undefined);
    say('\nStopping …');
  } catch (error) {
    throw diskErrorOf(error, dataDirectory);
  } finally {
    await stop.stop();
  }
}

interface Run {
  readonly options: StartOptions;
  readonly environment: Environment;
  readonly dataDirectory: string;
  readonly stop: OrderedStop;
  readonly signal: AbortSignal;
  readonly folder: TakenFolder;
}

/** Brings everything up and waits. @throws when a part of it ends by itself */
async function run({ options, environment, dataDirectory, stop, signal, folder }: Run): Promise<void> {
  const began = performance.now();
  const logger = createLogger({ name: 'keyward', level: logLevelOf(environment) });
  const metrics = new Metrics();
  const isDemo = options.demo ?? !['KEYWARD_POLICY_FILE', 'KAFKA_BROKERS', 'CLICKHOUSE_URL'].some((name) => environment[name]);
  const pam = isDemo ? await startDemoPam(stop) : undefined;
  const env = { ...environment, ...(pam && demoEnvironment(pam, dataDirectory, environment)) };
  const step = steps();
  const store = await startStore(env, dataDirectory, stop);
  step(store.words);
  signal.throwIfAborted();
  const bus = await startBus(env, dataDirectory, stop, { logger, metrics });
  await bus.part.ensureTopics(TOPICS);
  step(bus.words);
  signal.throwIfAborted();
  if (store.isOurs && (await adoptBus(bus, store.part, dataDirectory)) && bus.isKept)
    say('  ✓ another bus than before: what was learned is carried over; records that were under way on the old one are gone');

  const worker = { ...env, ...store.environment, ...bus.environment };
  const config = loadConfig(StartConfig, worker);
  const feed = new DemoFeed({
    bus: bus.part,
    isBusKept: bus.isKept,
    clickhouse: store.part,
    dataDirectory,
    days: config.KEYWARD_DEMO_DAYS,
    clock: systemClock,
    logger,
  });
  const loadsDemo = isDemo && !feed.isLoaded;
  if (loadsDemo) await feed.saveOrganisation();
  const line = bus.isShared
    ? await startWorkerProcess(worker, dataDirectory, stop)
    : await startWorkerHere(worker, bus.part, store.part, stop, { logger, metrics });
  step('the line: ingest, assess, alert, respond');
  signal.throwIfAborted();

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
  // Before anything else can go wrong: it is kept nowhere.
  const firstLogin = api.firstAdmin && `  Sign in  ${api.firstAdmin.user}  ${api.firstAdmin.password}   (shown this once)`;
  const { url } = await api.listen().catch((error: unknown) => {
    if (firstLogin) say(firstLogin);
    throw error instanceof Error ? portInUse(error, config.KEYWARD_HTTP_PORT) : error;
  });
  folder.describe({ url, environment: { ...store.environment, ...bus.environment } });
  step(api.servesDashboard ? 'API and dashboard' : 'API (the dashboard is not built: npm run build)');

  say(`\n  Open     ${url}`);
  if (firstLogin) say(firstLogin);
  say(`  Runs on  ${store.words}; ${bus.words}`);
  say(`  Data     ${dataDirectory}`);
  if (isDemo) say('  Demo     Example Bank, sixty people, thirty days; an intruder comes in a minute and a half');
  say('');
  if (loadsDemo) await loadDemo(feed, bus.part, signal);
  if (isDemo) void feed.live(signal);
  say(`Keyward is running after ${((performance.now() - began) / 1000).toFixed(1)} s. Ctrl-C stops everything.`);
  await Promise.race([
    ended('ClickHouse', store.ended, join(dataDirectory, 'clickhouse', 'console.log')),
    ended('Kafka', bus.ended, join(dataDirectory, 'kafka', 'console.log')),
    ended('The worker', line.ended, join(dataDirectory, 'pipeline.log')),
  ]);
}

async function ended(name: string, end: Promise<void>, log: string): Promise<never> {
  await end;
  throw new UnavailableError('start.part_ended', `${name} has ended by itself: its last words are in ${log}. Start again.`);
}

const logLevelOf = (environment: Environment): ApiConfig['KEYWARD_LOG_LEVEL'] =>
  ApiConfig.shape.KEYWARD_LOG_LEVEL.safeParse(environment['KEYWARD_LOG_LEVEL'] ?? 'warn').data ?? 'warn';

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
  if (environment['KEYWARD_POLICY_FILE']) return {};
  const policyFile = join(dataDirectory, 'demo-policy.yaml');
  writeFileSync(policyFile, demoPolicy(pam.address, dataDirectory));
  return { KEYWARD_POLICY_FILE: policyFile, KEYWARD_DEMO_PAM_SECRET: pam.secret, KEYWARD_OUTBOUND_ALLOWED_HOSTS: pam.address };
}

async function loadDemo(feed: DemoFeed, bus: MessageBus, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  const progress = new Progress();
  const records = await feed.publishHistory((sent) => {
    progress.update(`  … demo history: ${count(sent)} records sent`);
  }, signal);
  for (;;) {
    const lag = await lagOf(bus);
    if (lag === 0) break;
    if (lag !== undefined) progress.update(`  … demo history: ${count(records)} records sent, ${count(lag)} still on the line`);
    await sleep(500, signal);
  }
  progress.done();
  feed.loaded();
  say(`  ✓ demo history: ${count(records)} vendor records through the line (${((performance.now() - began) / 1000).toFixed(1)} s)\n`);
}

/** @returns records that some stage has not committed yet; undefined while the broker can't say: it has just made the topics, and elects their leaders */
async function lagOf(bus: MessageBus): Promise<number | undefined> {
  let lag = 0;
  try {
    for (const { group, reads } of LINE) for (const records of (await bus.lagOf(group, reads)).values()) lag += records;
  } catch (error) {
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
  return lag;
}

/** Looked at first: finding out after servers have come up would cost half a minute. @throws InvalidInputError `start.port_in_use` */
async function refuseTakenPort(host: string, port: number): Promise<void> {
  if (port === 0) return;
  await new Promise<void>((free, refuse) => {
    const probe = createServer();
    probe.once('error', (error) => {
      refuse(portInUse(error, port));
    });
    probe.listen({ port, host, exclusive: true }, () => {
      probe.close(() => {
        free();
      });
    });
  });
}

function portInUse(error: Error, port: number): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EACCES')
    return new InvalidInputError(
      'start.port_refused',
      `Port ${port} may not be opened by this user: choose one above 1023 with KEYWARD_HTTP_PORT.`,
    );
  if (code !== 'EADDRINUSE') return error;
  return new InvalidInputError(
    'start.port_in_use',
    `Port ${port} is in use by another program: stop that one, or choose another: KEYWARD_HTTP_PORT=${port + 1} npm start`,
  );
}
