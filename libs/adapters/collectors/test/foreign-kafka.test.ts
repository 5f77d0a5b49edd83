import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kafkaObstacle, startEmbeddedKafka, type EmbeddedKafka } from '@keyward/adapter-embedded';
import { KafkaConfig, createForeignTopics, createKafkaBus } from '@keyward/adapter-kafka';
import { OutboundHttp } from '@keyward/outbound';
import { Metrics, UnavailableError, loadConfig, rawTopic, silentLogger, sleep, type MessageBus } from '@keyward/runtime';
import kafkajs, { type Admin, type Kafka as KafkaClient, type Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CURSORS, CursorIntake, CursorLog, publisherOf, type Intake } from '../src/index.js';
import { kafka as kind } from '../src/kafka/kafka.collector.js';
import { Killed } from './played-run.js';

/** The broker's jars are shared with `npm start`. */
const KAFKA_LIB = fileURLToPath(new URL('../../../../.keyward/kafka/lib', import.meta.url));
const SOURCE = 'entra';

const obstacle = await kafkaObstacle(KAFKA_LIB);
if (obstacle !== undefined && process.env['KEYWARD_REQUIRE_REAL'] === '1') throw new Error(obstacle);

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

async function eventually(what: string, holds: () => boolean, limitMs = 60_000): Promise<void> {
  for (const end = Date.now() + limitMs; !holds();) {
    await sleep(20);
    if (Date.now() > end) throw new Error(`did not happen within ${limitMs} ms: ${what}`);
  }
}

/** Dies at the puts with these numbers: before it is done, or after, when nobody hears of it any more. */
class Mortal {
  readonly #dies: Dies;
  puts = 0;
  constructor(dies: Dies) {
    this.#dies = dies;
  }
  by(intake: Intake): Intake {
    return {
      cursor: (collector) => intake.cursor(collector),
      put: async (...call) => {
        this.puts += 1;
        const dies = this.#dies.get(this.puts);
        if (dies === 'before') throw new Killed();
        await intake.put(...call);
        if (dies === 'after') throw new Killed();
      },
    };
  }
}
type Dies = ReadonlyMap<number, 'before' | 'after'>;

describe.skipIf(obstacle !== undefined)(`topics of another cluster${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`, () => {
  let directory: string;
  let line: EmbeddedKafka;
  let foreign: EmbeddedKafka;
  let bus: MessageBus;
  let client: KafkaClient;
  let admin: Admin;
  let producer: Producer;
  let log: CursorLog;
  const reading = new AbortController();
  const ended: Promise<void>[] = [];
  const raw: string[] = [];
  const runs: { stop(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'keyward-foreign-'));
    const start = (name: string): Promise<EmbeddedKafka> =>
      startEmbeddedKafka({ directory: join(directory, name), libDirectory: KAFKA_LIB });
    [line, foreign] = await Promise.all([start('line'), start('foreign')]);
    const config = loadConfig(KafkaConfig, { KAFKA_BROKERS: line.brokers.join(',') });
    bus = createKafkaBus({ config, logger: silentLogger, metrics: new Metrics() });
    await bus.ensureTopics([CURSORS, { name: rawTopic(SOURCE), partitions: 2 }]);
    let shares = 0;
    log = new CursorLog(() => {
      shares += 1;
    });
    ended.push(
      bus.runStage({ group: 'g', topics: [CURSORS.name], handler: log, commits: 'handler', signal: reading.signal, alignmentWaitMs: 500 }),
      bus.runStage<string>({
        ...{ group: 'reader', topics: [rawTopic(SOURCE)], signal: reading.signal },
        handler: {
          prepare: (batch) => batch.records.map(({ offset, value }) => ({ ...batch, offset, time: 0, value: value.toString() })),
          handle: (items) => {
            raw.push(...items.map(({ value }) => value));
            return Promise.resolve([]);
          },
          assigned: () => undefined,
          checkpoint: () => Promise.resolve([]),
        },
      }),
    );
    await eventually('a share', () => shares > 0);
    client = new kafkajs.Kafka({ brokers: [...foreign.brokers], logLevel: kafkajs.logLevel.NOTHING });
    admin = client.admin();
    await admin.connect();
    // Idempotent: a broker that has not heard of one of the partitions yet takes what is for the others, and kafkajs sends all of it again.
    producer = client.producer({
      ...{ idempotent: true, allowAutoTopicCreation: false, createPartitioner: kafkajs.Partitioners.DefaultPartitioner },
    });
    await producer.connect();
  });
  afterAll(async () => {
    reading.abort();
    await Promise.all([...ended, ...runs.map((run) => run.stop())]);
    await Promise.all([producer.disconnect(), admin.disconnect(), bus.close()]);
    await Promise.all([line.kill(), foreign.kill()]);
    await rm(directory, { recursive: true, force: true });
  });

  const aTopic = async (numPartitions: number): Promise<string> => {
    const topic = `hub-${randomUUID()}`;
    // Its own wait fails when the broker has not heard of the topic yet.
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions }] });
    await knows(topic, numPartitions);
    return topic;
  };
  /** The broker hears of partitions from its controller, a moment after we did. */
  const knows = async (topic: string, numPartitions: number): Promise<void> => {
    const leaders = async (): Promise<number> => {
      const found = await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => undefined);
      return found?.topics[0]?.partitions.filter(({ leader }) => leader >= 0).length ?? 0;
    };
    while ((await leaders()) < numPartitions) await sleep(50);
  };
  const send = (topic: string, values: readonly (string | null)[], compression = kafkajs.CompressionTypes.None) =>
    producer.send({ topic, compression, messages: values.map((value, n) => ({ key: String(n), value })) });
  const brought = (tag: string): string[] => raw.filter((value) => value.startsWith(tag)).toSorted();
  const hasBrought = async (tag: string, count: number): Promise<void> => {
    await eventually(`${count} records`, () => brought(tag).length >= count).catch((cause: unknown) => {
      throw new Error(`brought: ${brought(tag).join(', ')}`, { cause });
    });
  };

  /**
   * A worker that runs the collector until it is stopped, or dies, and begins anew when the cluster does not answer: one that has just started
   * is still loading its groups. `over` and `stop` say what it died of.
   */
  function aRun(name: string, settings: object, { dies = new Map(), metrics = new Metrics() }: { dies?: Dies; metrics?: Metrics } = {}) {
    const stop = new AbortController();
    const foreignTopics = createForeignTopics(500);
    const mortal = new Mortal(dies);
    const once = async (): Promise<void> => {
      const parts = { http: new OutboundHttp(), env: {}, foreignTopics };
      const collector = kind.create(name, { source: SOURCE, brokers: foreign.brokers, ...settings }, parts);
      const intake = await CursorIntake.open({
        ...{ collector: name, publisher: publisherOf(bus, name), log, logger: silentLogger, signal: new AbortController().signal },
      });
      await collector.run({ intake: mortal.by(intake), logger: silentLogger, metrics, now: Date.now }, stop.signal);
    };
    const run = {
      mortal,
      failures: 0,
      over: Promise.resolve<unknown>(undefined),
      stop: (): Promise<unknown> => {
        stop.abort();
        return run.over;
      },
    };
    const untilStopped = async (): Promise<unknown> => {
      while (!stop.signal.aborted) {
        try {
          await once();
        } catch (error) {
          if (!(error instanceof UnavailableError) || error.code !== 'foreign_kafka.unavailable') return error;
          run.failures += 1;
          await sleep(200);
        }
      }
      return undefined;
    };
    run.over = untilStopped();
    runs.push(run);
    return run;
  }

  it.concurrent('brings each record of several topics once, over kills before and after what was put, and over restarts', async () => {
    const [name, tag, a, b] = [`c-${randomUUID()}`, randomUUID(), await aTopic(3), await aTopic(1)];
    const settings = { topics: [a, b] };
    const values = (topic: string, from: number, to: number): string[] => range(from, to).map((n) => `${tag} ${topic} ${n}`);
    const sent: string[] = [];
    const sendAll = async (from: number, to: number): Promise<void> => {
      for (const topic of [a, b]) {
        sent.push(...values(topic, from, to));
        await send(topic, [...values(topic, from, to), null, ''], from % 2 === 0 ? kafkajs.CompressionTypes.GZIP : undefined);
      }
    };
    await sendAll(0, 200);
    for (const [turn, dies] of (['after', 'before', 'after', 'before'] as const).entries()) {
      // The first put of the first run is the places to begin at.
      const run = aRun(name, settings, { dies: new Map([[turn === 0 ? 3 : 2, dies]]) });
      await sendAll(200 + turn * 11, 211 + turn * 11);
      expect(await run.over).toBeInstanceOf(Killed);
    }
    const last = aRun(name, settings);
    await sendAll(300, 320);
    await hasBrought(tag, sent.length);
    expect(await last.stop()).toBeUndefined();
    const after = aRun(name, settings);
    await sendAll(400, 403);
    await hasBrought(tag, sent.length);
    await sleep(300);
    expect(await after.stop()).toBeUndefined();
    expect(brought(tag)).toEqual(sent.toSorted());
  });

  it.concurrent('begins at the end where it is told to, and reads what came while it was away', async () => {
    const [name, tag, topic] = [`c-${randomUUID()}`, randomUUID(), await aTopic(2)];
    await send(topic, [`${tag} before`]);
    const first = aRun(name, { topics: [topic], from: 'latest' });
    await eventually('the place to begin at', () => first.mortal.puts >= 1);
    await first.stop();
    await send(topic, [`${tag} away 1`, `${tag} away 2`]);
    const second = aRun(name, { topics: [topic], from: 'latest' });
    await hasBrought(tag, 2);
    await second.stop();
    expect(brought(tag)).toEqual([`${tag} away 1`, `${tag} away 2`]);
  });

  it.concurrent('goes on at the earliest record when retention was faster, and says so in a metric', async () => {
    const [name, tag, topic, metrics] = [`c-${randomUUID()}`, randomUUID(), await aTopic(1), new Metrics()];
    await send(topic, [`${tag} 0`]);
    const first = aRun(name, { topics: [topic] });
    await hasBrought(tag, 1);
    await first.stop();
    await send(topic, range(1, 10).map((n) => `${tag} ${n}`)); // prettier-ignore
    const expire = (): Promise<void> => admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '7' }] });
    await expire().catch(expire); // kafkajs does not know the broker at first
    const second = aRun(name, { topics: [topic] }, { metrics });
    await hasBrought(tag, 4);
    await second.stop();
    expect(brought(tag)).toEqual([0, 7, 8, 9].map((n) => `${tag} ${n}`));
    expect(await metrics.registry.metrics()).toContain(`keyward_foreign_kafka_lost_total{collector="${name}"} 6`);
  });

  it.concurrent('notices partitions that are added while it runs, and reads them from their beginning', async () => {
    const [name, tag, topic] = [`c-${randomUUID()}`, randomUUID(), await aTopic(1)];
    const run = aRun(name, { topics: [topic], from: 'latest' });
    await eventually('the place to begin at', () => run.mortal.puts >= 1);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    await knows(topic, 3);
    await producer.send({ topic, messages: range(0, 3).map((partition) => ({ partition, value: `${tag} ${partition}` })) });
    await hasBrought(tag, 3);
    await send(topic, [`${tag} more`]);
    await hasBrought(tag, 4);
    expect(await run.stop()).toBeUndefined();
    expect(brought(tag)).toEqual([0, 1, 2, 'more'].map((n) => `${tag} ${n}`));
  });

  it.concurrent('never brings a record of a transaction that was aborted, and goes on behind it', async () => {
    const [name, tag, topic] = [`c-${randomUUID()}`, randomUUID(), await aTopic(1)];
    const transactional = client.producer({
      ...{ transactionalId: randomUUID(), maxInFlightRequests: 1, createPartitioner: kafkajs.Partitioners.DefaultPartitioner },
    });
    await transactional.connect();
    const run = aRun(name, { topics: [topic] });
    for (const [n, ends] of (['commit', 'abort', 'abort', 'commit', 'abort'] as const).entries()) {
      const transaction = await transactional.transaction();
      await transaction.send({ topic, messages: [{ value: `${tag} ${ends} ${n}` }] });
      await (ends === 'commit' ? transaction.commit() : transaction.abort());
      await sleep(150);
    }
    await send(topic, [`${tag} end`]);
    await eventually('the end', () => brought(tag).includes(`${tag} end`));
    expect(await run.stop()).toBeUndefined();
    await transactional.disconnect();
    expect(brought(tag)).toEqual([`${tag} commit 0`, `${tag} commit 3`, `${tag} end`]);
  });

  it.concurrent('fails for a while, not for good, when a topic is not there', async () => {
    const run = aRun(`c-${randomUUID()}`, { topics: ['no-such-hub'] });
    await eventually('a failure', () => run.failures > 0);
    expect(await run.stop()).toBeUndefined();
  });

  it('goes on without gap or double when the other cluster goes away and comes back', async () => {
    const [name, tag, topic] = [`c-${randomUUID()}`, randomUUID(), await aTopic(2)];
    const port = Number(foreign.brokers[0]?.split(':')[1]);
    await send(topic, range(0, 50).map((n) => `${tag} ${n}`)); // prettier-ignore
    const run = aRun(name, { topics: [topic] });
    await hasBrought(tag, 50);
    await foreign.kill();
    foreign = await startEmbeddedKafka({ directory: join(directory, 'foreign'), libDirectory: KAFKA_LIB, port });
    await producer.disconnect();
    await producer.connect();
    await send(topic, range(50, 80).map((n) => `${tag} ${n}`)); // prettier-ignore
    await hasBrought(tag, 80);
    expect(await run.stop()).toBeUndefined();
    expect(brought(tag)).toEqual(range(0, 80).map((n) => `${tag} ${n}`).toSorted()); // prettier-ignore
  });
});
