import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { UnavailableError } from '@keyward/runtime';
import { GuardedChild, freePort } from './child.js';
import type { EmbeddedServer } from './clickhouse-server.js';

const run = promisify(execFile);

export const KAFKA_VERSION = '4.3.0';
const POM = fileURLToPath(new URL('../kafka/pom.xml', import.meta.url));
/** A cluster of one has no need for an id that differs: 22 characters of URL-safe base64, as StorageTool wants it. */
const CLUSTER_ID = 'a2V5d2FyZC1sb2NhbC0wMQ';
/** After a crash its own old session must time out first: 13 s measured. */
const READY_TIMEOUT_MS = 60_000;
const GRACE_MS = 15_000;
const MINIMUM_JAVA = 17;

export interface EmbeddedKafka extends EmbeddedServer {
  readonly brokers: readonly string[];
}

export interface EmbeddedKafkaOptions {
  /** Data, configuration and log stand below; a second start finds the same topics. */
  readonly directory: string;
  /** Where the broker's jars are kept; shared between data directories. */
  readonly libDirectory: string;
  /** Default: any free one. */
  readonly port?: number;
}

/** Why the local broker can't run here, as a sentence that says what to do; undefined when it can. */
export async function kafkaObstacle(libDirectory: string): Promise<string | undefined> {
  const version = await run('java', ['-version']).then(
    ({ stderr }) => Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0),
    () => undefined,
  );
  if (version === undefined)
    return `Java is missing: install a JRE ${MINIMUM_JAVA} or later (Debian: apt-get install default-jre-headless maven), or set KAFKA_BROKERS.`;
  if (version < MINIMUM_JAVA)
    return `Java ${version} is too old for Kafka ${KAFKA_VERSION}: install ${MINIMUM_JAVA} or later, or set KAFKA_BROKERS.`;
  if (existsSync(join(libDirectory, 'complete'))) return undefined;
  return run('mvn', ['--version']).then(
    () => undefined,
    () => 'Maven is missing, which fetches the broker: install it (Debian: apt-get install maven), or set KAFKA_BROKERS.',
  );
}

/**
 * Fetches the broker's 46 jars (44 MB) from Maven Central, once.
 * @throws UnavailableError `embedded.kafka_not_fetched`
 */
export async function fetchKafka(libDirectory: string): Promise<void> {
  if (existsSync(join(libDirectory, 'complete'))) return;
  const partial = `${libDirectory}.partial-${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const code = await new Promise<number>((resolve) => {
    const maven = spawn('mvn', ['-q', '-B', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${partial}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    maven.once('error', () => {
      resolve(127);
    });
    maven.once('exit', (exit) => {
      resolve(exit ?? 1);
    });
  });
  if (code !== 0 || readdirSync(partial).length === 0) {
    rmSync(partial, { recursive: true, force: true });
    throw new UnavailableError(
      'embedded.kafka_not_fetched',
      'Maven could not fetch Apache Kafka: check the connection to Maven Central, or set KAFKA_BROKERS.',
    );
  }
  writeFileSync(join(partial, 'complete'), `${KAFKA_VERSION}\n`);
  rmSync(libDirectory, { recursive: true, force: true });
  renameSync(partial, libDirectory);
}

/**
 * Starts a single-node Apache Kafka (KRaft: broker and controller in one) on loopback.
 *
 * @throws UnavailableError `embedded.did_not_start`, `embedded.kafka_not_fetched`, `embedded.java_missing`
 */
export async function startEmbeddedKafka(options: EmbeddedKafkaOptions): Promise<EmbeddedKafka> {
  const obstacle = await kafkaObstacle(options.libDirectory);
  if (obstacle !== undefined) throw new UnavailableError('embedded.kafka_obstacle', obstacle);
  await fetchKafka(options.libDirectory);
  const data = join(options.directory, 'data');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const port = options.port ?? (await freePort());
  const properties = join(options.directory, 'server.properties');
  writeFileSync(properties, serverProperties({ port, controllerPort: await freePort(), data }));
  const classPath = join(options.libDirectory, '*');
  if (!existsSync(join(data, 'meta.properties'))) {
    await run('java', ['-cp', classPath, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties]);
  }
  const child = new GuardedChild({
    name: 'Kafka',
    args: [
      'java',
      '-Xmx384m',
      '-XX:+UseSerialGC',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-cp',
      classPath,
      'kafka.Kafka',
      properties,
    ],
    logFile: join(options.directory, 'console.log'),
  });
  await child.ready(() => accepts(port), READY_TIMEOUT_MS);
  return {
    brokers: [`127.0.0.1:${port}`],
    pid: child.pid,
    ended: child.ended,
    stop: () => child.stop(GRACE_MS),
    kill: () => child.kill(),
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 500 });
    const done = (yes: boolean) => () => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', done(true)).once('error', done(false)).once('timeout', done(false));
  });
}

function serverProperties(o: { readonly port: number; readonly controllerPort: number; readonly data: string }): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${o.controllerPort}
listeners=PLAINTEXT://127.0.0.1:${o.port},CONTROLLER://127.0.0.1:${o.controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${o.port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=${o.data}
num.partitions=4
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
log.retention.ms=-1
message.max.bytes=16777216
replica.fetch.max.bytes=16777216
`;
}
