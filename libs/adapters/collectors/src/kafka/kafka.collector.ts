import { readFileSync } from 'node:fs';
import { secretFrom } from '@keyward/outbound';
import {
  InvalidInputError,
  type ForeignBatch,
  type ForeignCluster,
  type ForeignGap,
  type ForeignTopics,
  type Metrics,
} from '@keyward/runtime';
import { defineCollector, type Collector, type CollectorContext, type CollectorParts } from '../collector.js';
import { textOf } from '../text-of.js';
import { Offsets } from './offsets.js';
import { KafkaSettings } from './settings.js';

/** Reads topics of another Kafka cluster; its cursor says how far each partition was read. */
class KafkaCollector implements Collector {
  readonly name: string;
  readonly source: string;
  readonly #settings: KafkaSettings;
  readonly #cluster: ForeignCluster;
  readonly #foreignTopics: ForeignTopics;

  constructor(name: string, settings: KafkaSettings, cluster: ForeignCluster, foreignTopics: ForeignTopics) {
    this.name = name;
    this.source = settings.source;
    this.#settings = settings;
    this.#cluster = cluster;
    this.#foreignTopics = foreignTopics;
  }

  async run({ intake, logger, metrics }: CollectorContext, signal: AbortSignal): Promise<void> {
    const measured = kafkaMetrics(metrics, this.name);
    const offsets = Offsets.read(await intake.cursor(this.name), this.name);
    const { topics, from, maxRecordBytes } = this.#settings;
    const read = {
      ...{ group: `${this.#cluster.clientId}-${offsets.reader}`, topics, from, logger, positions: offsets.all() },
      onStart: async (positions: readonly Parameters<Offsets['set']>[0][]): Promise<void> => {
        const before = offsets.cursor();
        for (const position of positions) offsets.set(position);
        // Where `latest` was is known now only: what comes while we are away is behind it.
        if (offsets.cursor() !== before) await intake.put(this.name, this.source, [], offsets.cursor());
      },
      onBatch: async (batch: ForeignBatch): Promise<void> => {
        const { values } = batch;
        const records = values.filter((value) => value !== undefined && value !== '').map((value) => value ?? '');
        const whole = records.map((record) => cutTo(record, maxRecordBytes));
        offsets.set(batch);
        await intake.put(this.name, this.source, whole, offsets.cursor());
        measured.read(batch, whole.filter((record, index) => record !== records[index]).length);
      },
      onGap: (gap: ForeignGap): void => {
        measured.gap(gap);
        logger.error(
          { collector: this.name, ...gap },
          'the cluster does not have what was to be read next: reading goes on at the earliest record',
        );
      },
    };
    await this.#foreignTopics.read(this.#cluster, read, signal);
  }
}

/** A cut record is no JSON any more: the line rejects it, and tells of it, where the bus would refuse to take it for ever. */
function cutTo(record: string, maxBytes: number): string {
  if (record.length * 3 <= maxBytes || Buffer.byteLength(record) <= maxBytes) return record;
  return textOf(Buffer.from(record).subarray(0, maxBytes), true);
}

function kafkaMetrics(metrics: Metrics, collector: string) {
  const gaps = metrics.counter('keyward_foreign_kafka_gaps_total', 'Places that another cluster did not have any more', [
    'collector',
    'kind',
  ]);
  const lost = metrics.counter('keyward_foreign_kafka_lost_total', 'Offsets that retention took before they were read', ['collector']);
  const cut = metrics.counter('keyward_foreign_kafka_cut_total', 'Records of other clusters that were too large, and cut off', [
    'collector',
  ]);
  const behind = metrics.gauge('keyward_foreign_kafka_behind_records', 'Records of another cluster that were not read yet', ['collector']);
  const rest = new Map<string, number>();
  return {
    read: ({ topic, partition, behind: left }: ForeignBatch, cutRecords: number): void => {
      rest.set(`${topic}/${partition}`, left);
      behind.set({ collector }, [...rest.values()].reduce((sum, one) => sum + one, 0)); // prettier-ignore
      if (cutRecords > 0) cut.inc({ collector }, cutRecords);
    },
    gap: ({ kind, from, to }: ForeignGap): void => {
      gaps.inc({ collector, kind });
      if (kind === 'expired') lost.inc({ collector }, to - from);
    },
  };
}

function clusterOf(name: string, { brokers, clientId, tls, sasl }: KafkaSettings, { env }: CollectorParts): ForeignCluster {
  return {
    brokers,
    clientId: clientId ?? `keyward-${name}`,
    ...(tls !== false && { tls: tls === true ? {} : { ca: pemIn(tls.caFile) } }),
    ...(sasl && {
      sasl: {
        mechanism: sasl.mechanism,
        username: sasl.username ?? secretFrom(env, sasl.usernameEnv ?? '').reveal(),
        password: secretFrom(env, sasl.passwordEnv),
      },
    }),
  };
}

/** @throws InvalidInputError */
function pemIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidInputError('collector.bad_settings', `settings.tls.caFile: ${file} can't be read`, { cause: error });
  }
}

export const kafka = defineCollector({
  kind: 'kafka',
  settings: KafkaSettings,
  create: (name, settings, parts) => {
    if (!parts.foreignTopics) throw new InvalidInputError('collector.bad_settings', 'Topics of other clusters can not be read here');
    return new KafkaCollector(name, settings, clusterOf(name, settings, parts), parts.foreignTopics);
  },
});
