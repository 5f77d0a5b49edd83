import {
  retry,
  type ExactlyOncePublisher,
  type Logger,
  type MessageBus,
  type Metrics,
  type Publisher,
  type StageRun,
  type TopicSpec,
} from '@keyward/runtime';
import type { Admin, Kafka as KafkaClient } from 'kafkajs';
import type { KafkaConfig } from './config.js';
import { translated } from './errors.js';
import { createKafkaClient } from './kafka-client.js';
import { runKafkaStage } from './kafka-reader.js';
import { KafkaExactlyOncePublisher, KafkaPublisher } from './producers.js';

export interface KafkaBusOptions {
  readonly config: KafkaConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Of what this process publishes. Default: none; gzip costs about as much time as it saves on a local broker. */
  readonly compression?: 'none' | 'gzip';
}

/** A broker that has just started can't make topics for a moment. */
const START_RETRY = { attempts: 6, firstDelayMs: 200, maxDelayMs: 2_000 };

export class KafkaBus implements MessageBus {
  readonly description: string;
  readonly #options: KafkaBusOptions;
  readonly #kafka: KafkaClient;
  readonly #open: { close(): Promise<void> }[] = [];
  #publisher: KafkaPublisher | undefined;

  constructor(options: KafkaBusOptions) {
    this.#options = options;
    this.#kafka = createKafkaClient(options.config, options.logger);
    this.description = `Apache Kafka at ${options.config.KAFKA_BROKERS.join(', ')}`;
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    const { config } = this.#options;
    await retry(
      () =>
        this.#withAdmin(async (admin) => {
          const known = new Set(await admin.listTopics());
          const missing = topics.filter((topic) => !known.has(topic.name));
          if (missing.length === 0) return;
          await admin.createTopics({
            waitForLeaders: true,
            topics: missing.map((topic) => ({
              topic: topic.name,
              numPartitions: topic.partitions ?? config.KAFKA_TOPIC_PARTITIONS,
              replicationFactor: config.KAFKA_TOPIC_REPLICATION,
              configEntries: Object.entries({ 'max.message.bytes': String(config.KAFKA_MAX_RECORD_BYTES), ...topic.config }).map(
                ([name, value]) => ({
                  name,
                  value,
                }),
              ),
            })),
          });
        }),
      { policy: START_RETRY },
    );
  }

  publisher(): Publisher {
    this.#publisher ??= this.#keep(new KafkaPublisher({ kafka: this.#kafka, ...this.#options }));
    return this.#publisher;
  }

  exactlyOncePublisher(options: { readonly transactionalId: string; readonly group: string }): ExactlyOncePublisher {
    return this.#keep(new KafkaExactlyOncePublisher({ kafka: this.#kafka, ...this.#options, ...options }));
  }

  runStage<T>(run: StageRun<T>): Promise<void> {
    const { logger, metrics } = this.#options;
    return runKafkaStage(run, { kafka: this.#kafka, logger, metrics });
  }

  lagOf(group: string, topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#withAdmin(async (admin) => {
      const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
      const lags = new Map<string, number>();
      for (const topic of topics) {
        const done = new Map(committed.find((one) => one.topic === topic)?.partitions.map((one) => [one.partition, Number(one.offset)]));
        const ends = await admin.fetchTopicOffsets(topic);
        const lag = ends.map(({ partition, low, high }) => Number(high) - Math.max(Number(low), done.get(partition) ?? -1));
        lags.set(
          topic,
          lag.reduce((sum, one) => sum + Math.max(0, one), 0),
        );
      }
      return lags;
    });
  }

  endOffsets(topics: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
    return this.#withAdmin(async (admin) => {
      const known = new Set(await admin.listTopics());
      const ends = new Map<string, ReadonlyMap<number, number>>();
      for (const topic of topics) {
        if (!known.has(topic)) continue;
        const offsets = await admin.fetchTopicOffsets(topic);
        ends.set(topic, new Map(offsets.map(({ partition, high }) => [partition, Number(high)])));
      }
      return ends;
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((one) => one.close()));
  }

  #keep<P extends { close(): Promise<void> }>(made: P): P {
    this.#open.push(made);
    return made;
  }
  #withAdmin<V>(work: (admin: Admin) => Promise<V>): Promise<V> {
    const admin = this.#kafka.admin();
    return translated(async () => {
      try {
        await admin.connect();
        return await work(admin);
      } finally {
        await admin.disconnect().catch(() => undefined);
      }
    });
  }
}

export const createKafkaBus = (options: KafkaBusOptions): MessageBus => new KafkaBus(options);
