import { RebuildLock, applyRetention } from '@keyward/adapter-clickhouse';
import { createForeignTopics } from '@keyward/adapter-kafka';
import { OutboundHttp } from '@keyward/outbound';
import { systemClock, type StageHandler } from '@keyward/runtime';
import { Module, type DynamicModule, type INestApplication, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ScheduleModule } from '@nestjs/schedule';
import { CollectRunner } from './collect/collect-runner.js';
import { readCollectors, type ConfiguredCollector } from './collect/collectors-file.js';
import type { Role } from './config.js';
import { refuseReplacedBus } from './check-offsets.js';
import { EdgeModule, type Edge } from './edge.module.js';
import { HealthController } from './health.controller.js';
import { LineRunner } from './line-runner.js';
import { TOPICS } from './line.js';
import { StagesModule } from './stages.module.js';
import { Timers } from './timers.js';
import { ALERT, ASSESS, INGEST, RESPOND } from './tokens.js';

@Module({})
class PipelineModule {
  static of(edge: Edge): DynamicModule {
    return {
      module: PipelineModule,
      imports: [EdgeModule.of(edge), StagesModule, ScheduleModule.forRoot()],
      controllers: [HealthController],
      providers: [Timers],
    };
  }
}

/** Our own logger; errors go to the caller. */
const NEST_OPTIONS: NestApplicationOptions = { logger: false, abortOnError: false };

export interface RunningPipeline {
  /** `http://127.0.0.1:9464`: health and metrics. */
  readonly url: string;
  /** Settles when a stage ends by itself: rejects with its error. Never resolves before `stop`. */
  readonly ended: Promise<void>;
  /** In order: stages finish their batch and save, then HTTP closes. */
  stop(): Promise<void>;
}

/**
 * Starts the worker: topics, stages of its roles, timers, health.
 *
 * @param edge its `signal` must not be aborted by the caller; `stop` ends the stages
 * @throws UnavailableError when bus or store don't answer; ConflictError when the bus is not the one that ledgers
 *   were made from, or while a rebuild writes; InvalidInputError when policy or parameters can't be used
 */
export async function startPipeline(edge: Omit<Edge, 'signal'>): Promise<RunningPipeline> {
  const stopping = new AbortController();
  const { bus, config, logger, metrics } = edge;
  const { collectors, http } = collectorsOf(edge);
  await bus.ensureTopics(TOPICS);
  await refuseReplacedBus(bus, edge.clickhouse);
  if (config.ROLES.includes('assess')) await new RebuildLock(edge.clickhouse).refuseWhileRebuilding();
  await applyRetention(edge.clickhouse, config.KEYWARD_RETENTION_DAYS);
  const app: INestApplication = await NestFactory.create(
    PipelineModule.of({ ...edge, signal: stopping.signal }),
    new FastifyAdapter(),
    NEST_OPTIONS,
  );
  const stage = (token: symbol): StageHandler<never> => app.get<StageHandler<never>>(token);
  const stages: Readonly<Record<Role, StageHandler<never>>> = {
    ingest: stage(INGEST),
    assess: stage(ASSESS),
    alert: stage(ALERT),
    respond: stage(RESPOND),
  };
  const runner = new LineRunner({ bus, logger, roles: config.ROLES, stages, signal: stopping.signal });
  try {
    await app.listen(config.KEYWARD_WORKER_PORT, config.KEYWARD_WORKER_HOST);
  } catch (error) {
    await app.close(); // its timers run already
    throw error;
  }

  const collect = new CollectRunner({ bus, collectors, instance: config.KEYWARD_INSTANCE, clock: systemClock, logger, metrics });
  const ended = new Promise<void>((resolve, reject) => {
    runner.start(reject);
    collect.start(reject).catch(reject);
    stopping.signal.addEventListener('abort', () => void runner.stopped().then(resolve, reject), { once: true });
  });
  ended.catch(() => undefined); // whoever waits for it hears of it
  return {
    url: await app.getUrl(),
    ended,
    stop: async () => {
      // What is collected is in the bus before the stages stop; it waits there.
      await collect.stop();
      await http.close();
      stopping.abort(new Error('stopping'));
      await runner.stopped();
      await app.close();
    },
  };
}

/** Answers of log interfaces are pages of a thousand records. */
const COLLECTED_RESPONSE_BYTES = 64 * 1024 * 1024;

/** @throws InvalidInputError `collectors.missing`, `collectors.invalid` */
function collectorsOf({ config, secrets }: Omit<Edge, 'signal'>): {
  readonly collectors: readonly ConfiguredCollector[];
  readonly http: OutboundHttp;
} {
  const http = new OutboundHttp({
    allowedHosts: config.KEYWARD_OUTBOUND_ALLOWED_HOSTS,
    timeoutMs: config.KEYWARD_OUTBOUND_TIMEOUT_MS,
    maxResponseBytes: COLLECTED_RESPONSE_BYTES,
  });
  const file = config.ROLES.includes('collect') ? config.KEYWARD_COLLECTORS_FILE : undefined;
  return {
    http,
    collectors: file === undefined ? [] : readCollectors(file, { http, env: secrets ?? process.env, foreignTopics: createForeignTopics() }),
  };
}
