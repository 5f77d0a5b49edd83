import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Metrics, UnavailableError, loadConfig, retry, silentLogger, type MessageBus } from '@keyward/runtime';
import { RecordingHandler, consumedBy, note, startStage, until } from '@keyward/testkit';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaConfig, createKafkaBus } from '../src/index.js';
import { createKafkaClient } from '../src/kafka-client.js';
import { KafkaExactlyOncePublisher } from '../src/producers.js';
import { KAFKA_LIB, busOn, startTestBroker, type TestBroker } from './harness.js';

const run = promisify(execFile);
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

describe('Kafka, on a real broker', () => {
  let broker: TestBroker;
  let bus: MessageBus;
  beforeAll(async () => {
    broker = await startTestBroker();
    bus = busOn(broker);
  });
  afterAll(async () => {
    await bus.close();
    await broker.close();
  });
  const newTopic = async (partitions = 1): Promise<string> => {
    const name = `test.${randomUUID()}`;
    await bus.ensureTopics([{ name, partitions }]);
    return name;
  };

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])("reads what Kafka's own producer wrote with %s", async (codec) => {
    const topic = await newTopic();
    const source = fileURLToPath(new URL('CompressedProducer.java', import.meta.url));
    await run('java', ['-Xmx128m', '-cp', join(KAFKA_LIB, '*'), source, broker.brokers[0]!, topic, codec, '500']);
    const stage = startStage(bus, { group: randomUUID(), topics: [topic] });
    await until('500 records', () => stage.handler.seen.length === 500);
    await stage.stop();
    expect(stage.handler.ids).toEqual(range(0, 500).map((id) => `${codec}-${id}`));
  });

  it('leaves no member that keeps its partitions when it is stopped while it still joins', async () => {
    const [topic, group] = [await newTopic(4), randomUUID()];
    for (const afterMs of [0, 20, 60, 120, 250]) {
      const hasty = startStage(bus, { group, topics: [topic] });
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await hasty.stop();
    }
    await bus.publisher().publish(range(0, 40).map((id) => note(topic, `key-${id}`, String(id), id)));
    const stage = startStage(bus, { group, topics: [topic] });
    // Whoever is cut off in the very moment of joining is waited for by the broker, for the rebalance timeout of a minute.
    await until('all 40, from all partitions', () => new Set(stage.handler.ids).size === 40, 100_000);
    await stage.stop();
  });

  it('takes a record of 10 MB, and refuses a larger one than the topic takes by name', async () => {
    const topic = await newTopic();
    const large = {
      ...note(topic, 'k', 'large', 1),
      value: JSON.stringify({ id: 'large', time: 1, filler: 'x'.repeat(10 * 1024 * 1024) }),
    };
    await bus.publisher().publish([note(topic, 'k', 'before', 0), large, note(topic, 'k', 'after', 2)]);
    const stage = startStage(bus, { group: randomUUID(), topics: [topic] });
    await until('3 records', () => stage.handler.seen.length === 3);
    await stage.stop();
    await expect(bus.publisher().publish([{ ...large, value: Buffer.alloc(17 * 1024 * 1024) }])).rejects.toMatchObject({
      code: 'bus.record_too_large',
    });
    await bus.publisher().publish([note(topic, 'k', 'again', 3)]);
  });

  it('leaves nothing visible of a transaction whose worker died before it committed', async () => {
    const [from, to] = [await newTopic(), await newTopic()];
    const group = randomUUID();
    const transactionalId = randomUUID();
    await bus.publisher().publish(range(0, 5).map((id) => note(from, 'k', String(id), id)));
    // A worker that produces and sends its offsets, and is never heard of again.
    const kafka = new kafkajs.Kafka({ brokers: [...broker.brokers], logLevel: kafkajs.logLevel.NOTHING });
    const dead = kafka.producer({ transactionalId, maxInFlightRequests: 1, createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await dead.connect();
    const transaction = await dead.transaction();
    await transaction.send({
      topic: to,
      messages: range(0, 5).map((id) => ({ key: 'k', value: JSON.stringify({ id: `half-${id}`, time: id }) })),
    });
    await transaction.sendOffsets({ consumerGroupId: group, topics: [{ topic: from, partitions: [{ partition: 0, offset: '5' }] }] });
    await dead.disconnect();

    const publisher = bus.exactlyOncePublisher({ transactionalId, group });
    const handler = new RecordingHandler();
    handler.before = (items) =>
      publisher.publishConsumed(
        items.map((item) => note(to, 'k', `whole-${item.value.id}`, item.time)),
        consumedBy(items),
      );
    const stage = startStage(bus, { group, topics: [from], handler, commits: 'handler' });
    const out = startStage(bus, { group: randomUUID(), topics: [to] });
    await until('5 results', () => out.handler.seen.length >= 5);
    await stage.stop();
    await out.stop();
    expect(out.handler.ids).toEqual(range(0, 5).map((id) => `whole-${id}`));
    expect((await bus.lagOf(group, [from])).get(from)).toBe(0);
  });

  it.each([
    ['happened', true],
    ['did not happen', false],
  ])('neither loses nor repeats a transaction whose commit got no answer and %s', async (_, happens) => {
    const [from, to] = [await newTopic(), await newTopic()];
    const group = randomUUID();
    await bus.publisher().publish(range(0, 3).map((id) => note(from, 'k', String(id), id)));
    const kafka = createKafkaClient(loadConfig(KafkaConfig, { KAFKA_BROKERS: broker.brokers.join(',') }), silentLogger);
    let unanswered = 1;
    const makeProducer = kafka.producer.bind(kafka);
    kafka.producer = (options) => {
      const producer = makeProducer(options);
      return {
        ...producer,
        transaction: async () => {
          const transaction = await producer.transaction();
          const commit = async (): Promise<void> => {
            if (unanswered === 0) return transaction.commit();
            unanswered -= 1;
            if (happens) await transaction.commit();
            throw new kafkajs.KafkaJSConnectionError('closed');
          };
          return { ...transaction, commit };
        },
      };
    };
    const publisher = new KafkaExactlyOncePublisher({ kafka, logger: silentLogger, transactionalId: randomUUID(), group });
    const records = range(0, 3).map((id) => note(to, 'k', `out-${id}`, id));
    const consumed = [{ topic: from, partition: 0, nextOffset: 3 }];
    const policy = { attempts: 20, firstDelayMs: 50, maxDelayMs: 500 };
    let tries = 0;
    const work = (): Promise<void> => {
      tries += 1;
      return publisher.publishConsumed(records, consumed);
    };
    await retry(work, { policy });
    expect([tries > 1, unanswered]).toEqual([true, 0]);
    await retry(() => publisher.publishConsumed([note(to, 'k', 'end', 9)], []), { policy });
    await publisher.close();
    const out = startStage(bus, { group: randomUUID(), topics: [to] });
    await until('the end', () => out.handler.ids.includes('end'));
    await out.stop();
    expect(out.handler.ids).toEqual(['out-0', 'out-1', 'out-2', 'end']);
    expect((await bus.lagOf(group, [from])).get(from)).toBe(0);
  });

  it('keeps its place in the group while the stage waits for its store longer than the session lasts', async () => {
    const topic = await newTopic();
    await bus.publisher().publish(range(0, 10).map((id) => note(topic, 'k', String(id), id)));
    const handler = new RecordingHandler();
    const back = Date.now() + 14_000;
    handler.before = () => (Date.now() < back ? Promise.reject(new UnavailableError('store.away', 'away')) : Promise.resolve());
    const stage = startStage(bus, { group: randomUUID(), topics: [topic], handler, retry: { firstDelayMs: 500, maxDelayMs: 2_000 } });
    await until('10 records', () => handler.seen.length === 10);
    await stage.stop();
    expect(handler.assignments).toHaveLength(1);
    expect(handler.ids).toEqual(range(0, 10).map(String));
  });

  it('loses nothing when the broker stops and comes back, and doubles nothing that is exactly-once', async () => {
    const [from, to] = [await newTopic(2), await newTopic(2)];
    const group = randomUUID();
    const publisher = bus.exactlyOncePublisher({ transactionalId: randomUUID(), group });
    const handler = new RecordingHandler();
    handler.before = (items) =>
      publisher.publishConsumed(
        items.map((item) => note(to, `k${item.value.id}`, item.value.id, item.time)),
        consumedBy(items),
      );
    const stage = startStage(bus, { group, topics: [from], handler, commits: 'handler', maxItems: 50 });
    const out = startStage(bus, { group: randomUUID(), topics: [to] });
    const send = async (ids: readonly number[]): Promise<void> => {
      for (;;) {
        try {
          await bus.publisher().publish(ids.map((id) => note(from, `k${id}`, String(id), id)));
          return;
        } catch (error) {
          if (!(error instanceof UnavailableError)) throw error;
        }
      }
    };
    await send(range(0, 1_000));
    await until('the first results', () => out.handler.seen.length > 100);
    await broker.current.kill();
    const sent = send([1_000]);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    await broker.restart();
    await sent;
    await send(range(1_001, 1_100));
    await until('1100 results', () => new Set(out.handler.ids).size === 1_100, 110_000);
    await stage.stop();
    await out.stop();

    const again = startStage(bus, { group: randomUUID(), topics: [to] });
    await until('1100 results again', () => again.handler.seen.length >= 1_100);
    await again.stop();
    const inputs = startStage(bus, { group: randomUUID(), topics: [from] });
    await until('the inputs', () => inputs.handler.seen.length >= 1_100);
    await inputs.stop();
    // A plain publish whose answer was lost may stand twice in the input; each input has exactly one result.
    expect(again.handler.seen.length).toBe(inputs.handler.seen.length);
    expect(new Set(again.handler.ids).size).toBe(1_100);
  });

  it('says that Kafka does not answer when there is none', async () => {
    const nowhere = createKafkaBus({
      config: {
        KAFKA_BROKERS: ['127.0.0.1:1'],
        KAFKA_CLIENT_ID: 'test',
        KAFKA_TLS: false,
        KAFKA_TOPIC_PARTITIONS: 1,
        KAFKA_TOPIC_REPLICATION: 1,
        KAFKA_MAX_RECORD_BYTES: 1_048_576,
      },
      logger: silentLogger,
      metrics: new Metrics(),
    });
    await expect(nowhere.publisher().publish([note('t', 'k', '1', 1)])).rejects.toMatchObject({
      code: 'bus.unavailable',
      disposition: 'retry',
    });
    await nowhere.close();
  });
});
