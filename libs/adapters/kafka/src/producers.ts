import type { Announcement, Consumed, ExactlyOncePublisher, Logger, OutRecord, Publisher } from '@keyward/runtime';
import kafkajs, { type CompressionTypes, type Kafka as KafkaClient, type Producer, type TopicMessages, type Transaction } from 'kafkajs';
import { CLIENT_RETRY, TRANSACTION_RETRY } from './kafka-client.js';
import { translateKafkaError, translated } from './errors.js';
import { marksRecord, orderHeaders } from './marks.js';

/** All of one request may fall into one partition, whose batch must stay below the broker's 1 MiB default. */
const REQUEST_BYTES = 900 * 1024;
const RECORD_OVERHEAD_BYTES = 64;

export interface PublisherOptions {
  readonly kafka: KafkaClient;
  readonly logger: Logger;
  readonly compression?: 'none' | 'gzip';
}

const sizeOf = (record: OutRecord): number => record.key.length + record.value.length + RECORD_OVERHEAD_BYTES;

/** Cuts records into requests, in order; a record that is too large for one stands alone and the broker decides. */
export function requestsOf(records: readonly OutRecord[], limitBytes = REQUEST_BYTES): readonly (readonly OutRecord[])[] {
  const requests: OutRecord[][] = [];
  let bytes = Infinity;
  for (const record of records) {
    const size = sizeOf(record);
    if (bytes + size > limitBytes) {
      requests.push([]);
      bytes = 0;
    }
    requests.at(-1)?.push(record);
    bytes += size;
  }
  return requests;
}

function topicMessages(records: readonly OutRecord[]): TopicMessages[] {
  const byTopic = new Map<string, TopicMessages>();
  for (const { topic, key, value, headers, order, partition } of records) {
    const known = byTopic.get(topic) ?? { topic, messages: [] };
    byTopic.set(topic, known);
    known.messages.push({
      key,
      value,
      headers: { ...headers, ...(order && orderHeaders(order)) },
      ...(partition !== undefined && { partition }),
    });
  }
  return [...byTopic.values()];
}

/** Number of partitions of a topic; they do not change while we run. @throws UnavailableError */
class PartitionCounts {
  readonly #kafka: KafkaClient;
  readonly #known = new Map<string, number>();
  constructor(kafka: KafkaClient) {
    this.#kafka = kafka;
  }
  async of(topic: string): Promise<number> {
    const known = this.#known.get(topic);
    if (known !== undefined) return known;
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      const count = (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length ?? 0;
      this.#known.set(topic, count);
      return count;
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }
}

/** The same marks for each partition of the topic. */
function marksMessages({ topic, marks }: Announcement, partitions: number): TopicMessages {
  const record = marksRecord(marks);
  return { topic, messages: Array.from({ length: partitions }, (_, partition) => ({ key: null, partition, ...record })) };
}

const compressionOf = (kind: PublisherOptions['compression']): CompressionTypes =>
  kind === 'gzip' ? kafkajs.CompressionTypes.GZIP : kafkajs.CompressionTypes.None;

/** One thing at a time: a transactional producer has one transaction, and requests of one producer keep their order. */
class Serial {
  #last: Promise<unknown> = Promise.resolve();
  run<V>(work: () => Promise<V>): Promise<V> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** A producer that is made when it is needed and thrown away after any failure: kafkajs can't say what state it is in then. */
class Lazy {
  readonly #make: () => Producer;
  #producer: Promise<Producer> | undefined;
  constructor(make: () => Producer) {
    this.#make = make;
  }
  get(): Promise<Producer> {
    this.#producer ??= this.#connect();
    return this.#producer;
  }
  async drop(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.then((known) => known.disconnect()).catch(() => undefined);
  }
  async #connect(): Promise<Producer> {
    const producer = this.#make();
    await producer.connect();
    return producer;
  }
}

/** Idempotent, acks of all in-sync replicas. @throws UnavailableError, InvalidInputError `bus.record_too_large` */
export class KafkaPublisher implements Publisher {
  readonly #lazy: Lazy;
  readonly #serial = new Serial();
  readonly #compression: CompressionTypes;
  readonly #partitions: PartitionCounts;

  constructor({ kafka, compression }: PublisherOptions) {
    this.#partitions = new PartitionCounts(kafka);
    this.#compression = compressionOf(compression);
    this.#lazy = new Lazy(() =>
      kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
        retry: CLIENT_RETRY,
      }),
    );
  }

  publish(records: readonly OutRecord[], announcement?: Announcement): Promise<void> {
    return this.#serial.run(async () => {
      try {
        const producer = await this.#lazy.get();
        for (const request of requestsOf(records)) {
          await producer.sendBatch({ acks: -1, compression: this.#compression, topicMessages: topicMessages(request) });
        }
        if (announcement && announcement.marks.length > 0) {
          const marks = marksMessages(announcement, await this.#partitions.of(announcement.topic));
          await producer.sendBatch({ acks: -1, compression: this.#compression, topicMessages: [marks] });
        }
      } catch (error) {
        await this.#lazy.drop();
        throw translateKafkaError(error, { records: records.length });
      }
    });
  }
  close(): Promise<void> {
    return this.#serial.run(() => this.#lazy.drop());
  }
}

export interface ExactlyOnceOptions extends PublisherOptions {
  readonly transactionalId: string;
  readonly group: string;
}

/**
 * Records and offsets in one Kafka transaction.
 *
 * A commit that gets no answer may have happened. The producer is then made anew: its first request makes the broker finish the old
 * transaction one way or the other, and the group's offsets tell which.
 * @throws UnavailableError: nothing of it is visible, try again; ConflictError `bus.fenced`: another worker has the transactional id
 */
export class KafkaExactlyOncePublisher implements ExactlyOncePublisher {
  readonly #kafka: KafkaClient;
  readonly #group: string;
  readonly #logger: Logger;
  readonly #lazy: Lazy;
  readonly #serial = new Serial();
  readonly #compression: CompressionTypes;
  readonly #partitions: PartitionCounts;
  /** What a commit without an answer was about. */
  #uncertain: readonly Consumed[] | undefined;

  constructor({ kafka, logger, transactionalId, group, compression }: ExactlyOnceOptions) {
    this.#kafka = kafka;
    this.#partitions = new PartitionCounts(kafka);
    this.#group = group;
    this.#logger = logger;
    this.#compression = compressionOf(compression);
    this.#lazy = new Lazy(() =>
      kafka.producer({
        transactionalId,
        transactionTimeout: 60_000,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
        retry: TRANSACTION_RETRY,
      }),
    );
  }

  open(): Promise<void> {
    return this.#serial.run(async () => {
      try {
        // Only the first transaction of a producer makes kafkajs take the transactional id over, which is what ends a former holder's.
        await this.#lazy.drop();
        const transaction = await (await this.#lazy.get()).transaction();
        await transaction.abort();
      } catch (error) {
        await this.#lazy.drop();
        throw translateKafkaError(error, { group: this.#group });
      }
    });
  }

  publishConsumed(records: readonly OutRecord[], consumed: readonly Consumed[], announcement?: Announcement): Promise<void> {
    return this.#serial.run(async () => {
      let transaction: Transaction | undefined;
      let committing = false;
      try {
        transaction = await (await this.#lazy.get()).transaction();
        if (await this.#hasHappened(consumed)) {
          await transaction.abort();
          return;
        }
        for (const request of requestsOf(records)) {
          await transaction.sendBatch({ acks: -1, compression: this.#compression, topicMessages: topicMessages(request) });
        }
        if (announcement && announcement.marks.length > 0) {
          const marks = marksMessages(announcement, await this.#partitions.of(announcement.topic));
          await transaction.sendBatch({ acks: -1, compression: this.#compression, topicMessages: [marks] });
        }
        if (consumed.length > 0) await transaction.sendOffsets({ consumerGroupId: this.#group, topics: offsetsOf(consumed) });
        committing = true;
        await transaction.commit();
      } catch (error) {
        if (committing) this.#uncertain = consumed;
        else await transaction?.abort().catch(() => undefined);
        await this.#lazy.drop();
        throw translateKafkaError(error, { records: records.length, group: this.#group });
      }
    });
  }
  close(): Promise<void> {
    return this.#serial.run(() => this.#lazy.drop());
  }

  /** Whether the commit that got no answer has happened. Asked once the new producer has its id: the old transaction is over by then. */
  async #hasHappened(consumed: readonly Consumed[]): Promise<boolean> {
    const uncertain = this.#uncertain;
    if (uncertain === undefined || uncertain.length === 0) return false;
    const committed = await committedOffsets(this.#kafka, this.#group, [...new Set(uncertain.map((one) => one.topic))]);
    const happened = uncertain.every((one) => (committed.get(`${one.topic}/${one.partition}`) ?? -1) >= one.nextOffset);
    this.#uncertain = undefined;
    this.#logger.info({ group: this.#group, happened }, 'a transaction whose commit got no answer was looked up');
    return happened && sameOffsets(uncertain, consumed);
  }
}

const sameOffsets = (a: readonly Consumed[], b: readonly Consumed[]): boolean =>
  a.length === b.length &&
  a.every((x) => b.some((y) => x.topic === y.topic && x.partition === y.partition && x.nextOffset === y.nextOffset));

/** kafkajs hands `metadata` on, though its types don't know it. */
interface PartitionOffset {
  readonly partition: number;
  readonly offset: string;
  readonly metadata: string;
}

function offsetsOf(consumed: readonly Consumed[]): { topic: string; partitions: PartitionOffset[] }[] {
  const byTopic = new Map<string, PartitionOffset[]>();
  for (const { topic, partition, nextOffset, note } of consumed) {
    const partitions = byTopic.get(topic) ?? [];
    byTopic.set(topic, partitions);
    partitions.push({ partition, offset: String(nextOffset), metadata: note ?? '' });
  }
  return [...byTopic].map(([topic, partitions]) => ({ topic, partitions }));
}

/** By `topic/partition`; partitions that the group has never committed are missing. @throws UnavailableError */
export async function committedOffsets(kafka: KafkaClient, group: string, topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const admin = kafka.admin();
  return translated(async () => {
    try {
      await admin.connect();
      const found = new Map<string, number>();
      for (const { topic, partitions } of await admin.fetchOffsets({ groupId: group, topics: [...topics] })) {
        for (const { partition, offset } of partitions) if (Number(offset) >= 0) found.set(`${topic}/${partition}`, Number(offset));
      }
      return found;
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  });
}
