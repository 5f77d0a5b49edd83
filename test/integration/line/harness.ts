import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OrganisationStore, openClickHouse, type ClickHouse, type ConnectionConfig } from '@keyward/adapter-clickhouse';
import {
  GuardedChild,
  freePort,
  kafkaObstacle,
  startEmbeddedClickHouse,
  startEmbeddedKafka,
  type EmbeddedClickHouse,
  type EmbeddedKafka,
} from '@keyward/adapter-embedded';
import { KafkaConfig, createKafkaBus } from '@keyward/adapter-kafka';
import { makeDemo, type DemoOrganisation, type VendorRecord } from '@keyward/fixtures';
import { OutboundConfig } from '@keyward/outbound';
import { TOPICS, WorkerConfig, startPipeline } from '@keyward/pipeline';
import { Metrics, Secret, createLogger, loadConfig, rawTopic, silentLogger, type Logger, type MessageBus } from '@keyward/runtime';
import kafkajs, { type Producer } from 'kafkajs';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** The broker's jars are shared with `npm start`. */
export const KAFKA_LIB = join(ROOT, '.keyward', 'kafka', 'lib');

const obstacle = await kafkaObstacle(KAFKA_LIB);
/**
 * Whether a real broker can run here; the store always can. With KEYWARD_REQUIRE_REAL=1 its absence is a failure, not a skip.
 * Name it in the title of what is skipped: `needs Apache Kafka`.
 */
export function kafkaAvailable(): boolean {
  if (obstacle !== undefined && process.env['KEYWARD_REQUIRE_REAL'] === '1') throw new Error(obstacle);
  if (obstacle !== undefined) process.stderr.write(`skipped, since there is no Kafka: ${obstacle}\n`);
  return obstacle === undefined;
}

/** KEYWARD_TEST_LOG=info shows what the line says. */
export const testLogger = (): Logger => {
  const level = process.env['KEYWARD_TEST_LOG'];
  return level === undefined ? silentLogger : createLogger({ name: 'test', level: level as 'info' });
};

/** Waits until `look` gives something, and says what it was. @throws Error naming what was waited for */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>, timeoutMs = 60_000, everyMs = 150): Promise<T> {
  const end = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) {
      const why = last instanceof Error ? `: ${last.message}` : '';
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}${why}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One real broker and one real ClickHouse server, each in a directory of its own; both can be stopped and started again where they were. */
export class Servers {
  readonly directory: string;
  kafka: EmbeddedKafka;
  store: EmbeddedClickHouse;
  readonly #ports: { readonly kafka: number; readonly store: number };
  readonly #producers: Producer[] = [];

  private constructor(directory: string, kafka: EmbeddedKafka, store: EmbeddedClickHouse, ports: { kafka: number; store: number }) {
    this.directory = directory;
    this.kafka = kafka;
    this.store = store;
    this.#ports = ports;
  }

  static async start(): Promise<Servers> {
    const directory = await mkdtemp(join(tmpdir(), 'keyward-line-'));
    const ports = { kafka: await freePort(), store: await freePort() };
    const [kafka, store] = await Promise.all([startKafka(directory, ports.kafka), startStore(directory, ports.store)]);
    return new Servers(directory, kafka, store, ports);
  }
  get brokers(): readonly string[] {
    return this.kafka.brokers;
  }
  async startKafka(): Promise<void> {
    this.kafka = await startKafka(this.directory, this.#ports.kafka);
  }
  async startStore(): Promise<void> {
    this.store = await startStore(this.directory, this.#ports.store);
  }

  /**
   * A client that knows nothing of Keyward: what a vendor's forwarder would be. Idempotent: without it kafkajs repeats what a topic that was just made
   * has taken already, and two runs would not get the same records.
   */
  async plainProducer(): Promise<Producer> {
    const kafka = new kafkajs.Kafka({ clientId: 'a-forwarder', brokers: [...this.brokers], logLevel: kafkajs.logLevel.NOTHING });
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
    await producer.connect();
    this.#producers.push(producer);
    return producer;
  }
  /** All records of a topic from its beginning to its end now. */
  async read(topic: string): Promise<readonly { readonly partition: number; readonly key: string; readonly value: string }[]> {
    const kafka = new kafkajs.Kafka({ clientId: 'a-reader', brokers: [...this.brokers], logLevel: kafkajs.logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    const ends = await admin.fetchTopicOffsets(topic);
    await admin.disconnect();
    const open = new Set(ends.filter(({ high, low }) => Number(high) > Number(low)).map(({ partition }) => partition));
    const found: { partition: number; key: string; value: string }[] = [];
    if (open.size === 0) return found;
    const consumer = kafka.consumer({ groupId: `reader-${randomBytes(4).toString('hex')}` });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, 30_000);
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
        const end = ends.find(({ partition }) => partition === payload.partition);
        if (Number(payload.lastOffset) + 1 >= Number(end?.high)) open.delete(payload.partition);
        if (open.size > 0) return;
        clearTimeout(timer);
        resolve();
      });
      consumer
        .run({
          eachMessage: ({ partition, message }) => {
            found.push({ partition, key: message.key?.toString() ?? '', value: message.value?.toString() ?? '' });
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
    await consumer.disconnect();
    return found;
  }

  /** Committed offsets of a group, by partition. */
  async committed(groupId: string, topic: string): Promise<ReadonlyMap<number, number>> {
    const admin = new kafkajs.Kafka({ clientId: 'a-reader', brokers: [...this.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
    await admin.disconnect();
    return new Map(found?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  }

  async close(): Promise<void> {
    await Promise.all(this.#producers.map((producer) => producer.disconnect().catch(() => undefined)));
    await Promise.all([this.kafka.kill(), this.store.kill()]);
    await rm(this.directory, { recursive: true, force: true });
  }
}

const startKafka = (directory: string, port: number): Promise<EmbeddedKafka> =>
  startEmbeddedKafka({ directory: join(directory, 'kafka'), libDirectory: KAFKA_LIB, port });
const startStore = (directory: string, port: number): Promise<EmbeddedClickHouse> =>
  startEmbeddedClickHouse({ directory: join(directory, 'clickhouse'), port });

export interface LineOptions {
  /** Text of the response policy. Absent: observe only. */
  readonly policy?: string;
  readonly organisation?: DemoOrganisation;
  /** More of the worker's environment; secrets too. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: a new one. */
  readonly database?: string;
}

/** One database of the store, the environment that a worker needs to work on it, and clients to look at both. */
export class Ground {
  readonly servers: Servers;
  readonly env: Readonly<Record<string, string>>;
  readonly clickhouse: ClickHouse;
  readonly bus: MessageBus;

  private constructor(servers: Servers, env: Readonly<Record<string, string>>, clickhouse: ClickHouse, bus: MessageBus) {
    this.servers = servers;
    this.env = env;
    this.clickhouse = clickhouse;
    this.bus = bus;
  }

  /** Topics, a new database, the organisation, the policy: everything but a worker. */
  static async prepare(servers: Servers, options: LineOptions = {}): Promise<Ground> {
    const database = options.database ?? `t_${randomBytes(4).toString('hex')}`;
    const env: Record<string, string> = {
      KAFKA_BROKERS: servers.brokers.join(','),
      CLICKHOUSE_URL: servers.store.url,
      CLICKHOUSE_USER: servers.store.username,
      CLICKHOUSE_PASSWORD: servers.store.password,
      CLICKHOUSE_DATABASE: database,
      CLICKHOUSE_TIMEOUT_MS: '20000',
      KEYWARD_INSTANCE: 'worker-1',
      KEYWARD_WORKER_PORT: String(await freePort()),
      KEYWARD_LOG_LEVEL: 'info',
      ...options.env,
    };
    if (options.policy !== undefined) {
      const file = join(servers.directory, `policy-${database}.yaml`);
      writeFileSync(file, options.policy);
      env['KEYWARD_POLICY_FILE'] = file;
    }
    const connection: ConnectionConfig = {
      CLICKHOUSE_URL: servers.store.url,
      CLICKHOUSE_USER: servers.store.username,
      CLICKHOUSE_PASSWORD: new Secret(servers.store.password),
      CLICKHOUSE_DATABASE: database,
      CLICKHOUSE_TIMEOUT_MS: 20_000,
    };
    const { clickhouse } = await openClickHouse(connection);
    if (options.organisation) await new OrganisationStore(clickhouse).save(options.organisation);
    const bus = createKafkaBus({ config: loadConfig(KafkaConfig, env), logger: silentLogger, metrics: new Metrics() });
    await bus.ensureTopics(TOPICS);
    return new Ground(servers, env, clickhouse, bus);
  }

  /** Rows of a SELECT, as the server gives them. */
  async rows<T extends Record<string, unknown>>(sql: string, params: Record<string, unknown> = {}): Promise<T[]> {
    const row = z.custom<T>(() => true);
    return this.clickhouse.query({ name: 'test', sql, params: z.record(z.string(), z.unknown()), row }, params);
  }
  async count(table: string, where = '1'): Promise<number> {
    const [row] = await this.rows<{ n: number }>(`SELECT count() AS n FROM ${table} FINAL WHERE ${where}`);
    return row?.n ?? 0;
  }
  /** Records that a stage has not committed, by topic. */
  async lags(): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (const [group, topics] of GROUPS) {
      for (const [topic, records] of await this.bus.lagOf(group, topics)) if (records > 0) found.set(topic, records);
    }
    return found;
  }
  /** Until everything that was produced has gone through. */
  async settled(timeoutMs = 90_000): Promise<void> {
    await until(
      'the line to have nothing left to do',
      async () => {
        const lags = await this.lags();
        if (lags.size > 0) throw new Error(`still to be read: ${JSON.stringify([...lags])}`);
        return true;
      },
      timeoutMs,
      300,
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.bus.close(), this.clickhouse.close()]);
  }
}

const GROUPS = [
  ['keyward-ingest', TOPICS.map(({ name }) => name).filter((name) => name.startsWith('access.raw.'))],
  ['keyward-assess', ['access.events']],
  ['keyward-alert', ['access.findings']],
  ['keyward-respond', ['access.alerts', 'access.decisions']],
] as const;

export interface RunningLine {
  readonly ground: Ground;
  stop(): Promise<void>;
}

/** The worker inside this process, all four stages. */
export async function startLine(servers: Servers, options: LineOptions = {}): Promise<RunningLine> {
  const ground = await Ground.prepare(servers, options);
  const { env } = ground;
  // Connectors and sinks find their secrets where an operator puts them.
  const before = Object.keys(options.env ?? {}).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, options.env);
  const logger = testLogger();
  const metrics = new Metrics();
  const bus = createKafkaBus({ config: loadConfig(KafkaConfig, env), logger, metrics });
  const config = loadConfig(z.intersection(WorkerConfig, OutboundConfig), env);
  const pipeline = await startPipeline({ config, bus, clickhouse: ground.clickhouse, logger, metrics });
  pipeline.ended.catch((error: unknown) => {
    process.stderr.write(`a stage has ended by itself: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  });
  return {
    ground,
    stop: async () => {
      await pipeline.stop();
      await bus.close();
      await ground.close();
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    },
  };
}

/** The worker as operators run it: `node apps/pipeline/dist/main.js`. Its log is `<name>.log` beside the servers' data. */
export async function startWorker(ground: Ground, name = 'worker-1'): Promise<GuardedChild> {
  const port = String(await freePort());
  const child = new GuardedChild({
    name: 'The worker',
    args: [process.execPath, join(ROOT, 'apps', 'pipeline', 'dist', 'main.js')],
    logFile: join(ground.servers.directory, `${name}.log`),
    env: { ...ground.env, KEYWARD_INSTANCE: name, KEYWARD_WORKER_PORT: port },
  });
  await child.ready(async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`, {
      signal: AbortSignal.timeout(1_000),
    });
    await answer.body?.cancel();
    return answer.ok;
  }, 60_000);
  return child;
}
/** The worker as a process runs from what is built: builds it when it is not there. `npm test` has built everything before. */
export function requireBuild(): void {
  if (existsSync(join(ROOT, 'apps', 'pipeline', 'dist', 'main.js'))) return;
  execFileSync(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', 'apps/pipeline'], { cwd: ROOT });
}

/** The demo organisation of a history that begins at `start`. */
export const demoOrganisation = (start: number): DemoOrganisation => makeDemo(start).organisation;

/** Spread over partitions as a collector would. */
export async function produce(producer: Producer, records: Iterable<VendorRecord>, chunk = 2_000): Promise<number> {
  let sent = 0;
  let batch: VendorRecord[] = [];
  const flush = async (): Promise<void> => {
    const topics = [...new Set(batch.map(({ source }) => source))];
    await producer.sendBatch({
      acks: -1,
      topicMessages: topics.map((source) => ({
        topic: rawTopic(source),
        messages: batch
          .filter((one) => one.source === source)
          .map(({ record }) => ({ key: String((sent += 1) % 64), value: JSON.stringify(record) })),
      })),
    });
    batch = [];
  };
  for (const record of records) {
    batch.push(record);
    if (batch.length >= chunk) await flush();
  }
  if (batch.length > 0) await flush();
  return sent;
}
