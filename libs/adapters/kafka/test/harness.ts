import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedKafka, type EmbeddedKafka } from '@keyward/adapter-embedded';
import { Metrics, createLogger, loadConfig, silentLogger, type MessageBus } from '@keyward/runtime';
import { KafkaConfig, createKafkaBus } from '../src/index.js';

/** The broker's jars are shared with `npm start`. */
export const KAFKA_LIB = fileURLToPath(new URL('../../../../.keyward/kafka/lib', import.meta.url));

export interface TestBroker {
  readonly directory: string;
  readonly brokers: readonly string[];
  current: EmbeddedKafka;
  /** Starts it again on the same port and data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startTestBroker(): Promise<TestBroker> {
  const directory = await mkdtemp(join(tmpdir(), 'keyward-kafka-'));
  const first = await startEmbeddedKafka({ directory, libDirectory: KAFKA_LIB });
  const port = Number(first.brokers[0]?.split(':')[1]);
  const broker: TestBroker = {
    directory,
    brokers: first.brokers,
    current: first,
    restart: async () => {
      broker.current = await startEmbeddedKafka({ directory, libDirectory: KAFKA_LIB, port });
    },
    close: async () => {
      await broker.current.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return broker;
}

export const busOn = (broker: TestBroker): MessageBus =>
  createKafkaBus({
    config: loadConfig(KafkaConfig, { KAFKA_BROKERS: broker.brokers.join(',') }),
    logger: process.env['KEYWARD_TEST_LOG'] ? createLogger({ name: 'test', level: 'debug' }) : silentLogger,
    metrics: new Metrics(),
  });
