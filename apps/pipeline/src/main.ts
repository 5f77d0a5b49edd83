import { openClickHouse } from '@keyward/adapter-clickhouse';
import { createKafkaBus } from '@keyward/adapter-kafka';
import { Metrics, OrderedStop, createLogger, describeError, loadConfig } from '@keyward/runtime';
import { PipelineConfig } from './config.js';
import { startPipeline } from './start-pipeline.js';

/** The worker as a process of its own: configuration from the environment, ordered stop on SIGTERM and SIGINT. */
async function main(): Promise<void> {
  const config = loadConfig(PipelineConfig, process.env);
  const logger = createLogger({ name: 'keyward-pipeline', level: config.KEYWARD_LOG_LEVEL });
  const stop = new OrderedStop(logger);
  const metrics = new Metrics();
  metrics.collectProcess();
  const { clickhouse } = await openClickHouse(config, logger);
  stop.add('clickhouse', () => clickhouse.close());
  const bus = createKafkaBus({ config, logger, metrics });
  stop.add('kafka', () => bus.close());
  const pipeline = await startPipeline({ config, bus, clickhouse, logger, metrics });
  stop.add('pipeline', () => pipeline.stop());
  logger.info({ url: pipeline.url, roles: config.ROLES, bus: bus.description }, 'the line is running');

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop.stop().then(() => process.exit(0)));
  await pipeline.ended;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`keyward-pipeline: ${describeError(error)}\n`);
  process.exit(1);
}
