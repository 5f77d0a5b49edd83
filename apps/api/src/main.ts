import { ClickHouseConfig, openClickHouse } from '@keyward/adapter-clickhouse';
import { createKafkaBus, KafkaConfig } from '@keyward/adapter-kafka';
import { createLogger, describeError, loadConfig, Metrics, OrderedStop, systemClock } from '@keyward/runtime';
import { z } from 'zod';
import { createApi } from './api.js';
import { LINE_CONSUMERS } from './consumers.js';
import { ApiConfig } from './config.js';

const Environment = z.intersection(ApiConfig, z.intersection(ClickHouseConfig, KafkaConfig));

/** The API as a process of its own: configuration from the environment, ordered stop on SIGTERM and SIGINT. */
async function main(): Promise<void> {
  const config = loadConfig(Environment, process.env);
  const logger = createLogger({ name: 'keyward-api', level: config.KEYWARD_LOG_LEVEL });
  const stop = new OrderedStop(logger);
  const metrics = new Metrics();
  metrics.collectProcess();
  const { clickhouse } = await openClickHouse(config, logger);
  stop.add('clickhouse', () => clickhouse.close());
  const bus = createKafkaBus({ config, logger, metrics });
  stop.add('kafka', () => bus.close());
  const api = await createApi({ config, clickhouse, bus, logger, metrics, clock: systemClock, consumers: LINE_CONSUMERS });
  stop.add('api', () => api.close());
  const { url } = await api.listen();
  logger.info({ url, dashboard: api.servesDashboard, bus: bus.description }, 'the API listens');
  // To the terminal, not to the log: it is shown once and kept nowhere.
  if (api.firstAdmin) process.stdout.write(`\nFirst login: ${api.firstAdmin.user}\nPassword:    ${api.firstAdmin.password}\n\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop.stop().then(() => process.exit(0)));
}

try {
  await main();
} catch (error) {
  process.stderr.write(`keyward-api: ${describeError(error)}\n`);
  process.exit(1);
}
