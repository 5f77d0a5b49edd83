import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kafkaObstacle, startEmbeddedKafka } from '@keyward/adapter-embedded';
import { KafkaConfig, createKafkaBus } from '@keyward/adapter-kafka';
import { Metrics, loadConfig, silentLogger } from '@keyward/runtime';
import { describe } from 'vitest';
import { intakeContract } from './intake-contract.js';

/** The broker's jars are shared with `npm start`. */
const KAFKA_LIB = fileURLToPath(new URL('../../../../.keyward/kafka/lib', import.meta.url));

const obstacle = await kafkaObstacle(KAFKA_LIB);
if (obstacle !== undefined && process.env['KEYWARD_REQUIRE_REAL'] === '1') throw new Error(obstacle);

describe.skipIf(obstacle !== undefined)(`with a real broker${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`, () => {
  intakeContract('Apache Kafka', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'keyward-collectors-'));
    const kafka = await startEmbeddedKafka({ directory, libDirectory: KAFKA_LIB });
    const config = loadConfig(KafkaConfig, { KAFKA_BROKERS: kafka.brokers.join(',') });
    const bus = createKafkaBus({ config, logger: silentLogger, metrics: new Metrics() });
    return {
      bus,
      close: async () => {
        await bus.close();
        await kafka.kill();
        await rm(directory, { recursive: true, force: true });
      },
    };
  });
});
