import {
  UnavailableError,
  backoffMs,
  describeError,
  sleep,
  type Batch,
  type Consumed,
  type Logger,
  type Metrics,
  type StageRun,
} from '@keyward/runtime';
import kafkajs, { type Consumer, type EachBatchPayload, type Kafka as KafkaClient, type PartitionAssigner } from 'kafkajs';
import { translateKafkaError, translated } from './errors.js';
import { partitionKey, type TopicPartition } from './event-time-merge.js';
import { FetchRounds } from './fetch-rounds.js';
import type { Resume } from './intake.js';
import { StageLoop } from './stage-loop.js';

/** A request waits at most so long for news: the price of an idle second, and the latency of a fresh record's neighbour. */
const MAX_WAIT_MS = 100;
const BYTES_PER_PARTITION = 2 * 1024 * 1024;
/** Room for every partition's share, so that none is crowded out of an answer (`FetchRounds` relies on it). */
const BYTES_PER_ANSWER = 256 * 1024 * 1024;
/** A worker that died keeps its partitions for so long, also from its own successor. The broker allows no less than 6 s. */
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 2_000;
const REBALANCE_TIMEOUT_MS = 60_000;
/** How long a batch in hand may delay our joining the group again; must stay below the session timeout. */
const RELEASE_MS = 7_000;
const CONSUMER_RETRY = { initialRetryTime: 200, maxRetryTime: 5_000, retries: 10 };
const REOPEN = { attempts: Infinity, firstDelayMs: 500, maxDelayMs: 10_000 };

export interface KafkaReaderOptions {
  readonly kafka: KafkaClient;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What the callbacks of one consumer share. `ready`: we know our part, and where it goes on from. */
interface Reading<T> {
  readonly run: StageRun<T>;
  readonly kafka: KafkaClient;
  readonly loop: StageLoop<T>;
  readonly rounds: FetchRounds;
  ready: Promise<void>;
}

/**
 * Reads topics for one stage. kafkajs only fetches, keeps the membership alive and shares out partitions; its callback hands the batch to
 * the `StageLoop` and returns at once, so a stage that waits for its store does not lose its place in the group.
 */
export async function runKafkaStage<T>(run: StageRun<T>, { kafka, logger, metrics }: KafkaReaderOptions): Promise<void> {
  let consumer: Consumer | undefined;
  const rounds = new FetchRounds();
  const loop = new StageLoop(run, {
    logger,
    metrics,
    transport: {
      commit: (consumed) => commit(consumer, consumed),
      pause: ({ topic, partition }) => consumer?.pause([{ topic, partitions: [partition] }]),
      resume: ({ topic, partition }) => {
        rounds.moved({ topic, partition });
        consumer?.resume([{ topic, partitions: [partition] }]);
      },
    },
  });
  const stopped = new AbortController();
  const isStopped = (): boolean => stopped.signal.aborted;
  const membership = (async () => {
    for (let attempt = 1; !isStopped(); attempt += 1) {
      const next = openConsumer(kafka, run.group, loop);
      const reading: Reading<T> = { run, kafka, loop, rounds, ready: Promise.resolve() };
      const ended = listen(next, reading);
      consumer = next;
      try {
        await run.handler.open?.();
        await next.connect();
        await next.subscribe({ topics: [...run.topics], fromBeginning: true });
        await next.run({ autoCommit: false, partitionsConsumedConcurrently: 64, eachBatch: (payload) => take(payload, reading) });
        attempt = 1;
        await Promise.race([ended, aborted(stopped.signal)]);
      } catch (error) {
        const known = translateKafkaError(error, { group: run.group });
        if (!(known instanceof UnavailableError)) throw known;
        logger.warn({ group: run.group }, `reads again soon: ${describeError(known)}`);
      }
      if (!isStopped()) loop.lost();
      // Also when stopped: a stop that comes while it joins does not reach it, and it would keep its partitions for ever.
      await next.disconnect().catch(() => undefined);
      if (!isStopped()) {
        await sleep(backoffMs(REOPEN, attempt), stopped.signal).catch(() => undefined);
      }
    }
  })();
  membership.catch((error: unknown) => {
    loop.fail(error);
  });
  try {
    await loop.drive();
  } finally {
    stopped.abort();
    await consumer?.disconnect().catch(() => undefined);
    // A broker that is away can keep a connection attempt busy for a while; nothing depends on its end.
    await Promise.race([membership.catch(() => undefined), sleep(3_000)]);
  }
}

function openConsumer<T>(kafka: KafkaClient, groupId: string, loop: StageLoop<T>): Consumer {
  return kafka.consumer({
    groupId,
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: MAX_WAIT_MS,
    minBytes: 1,
    maxBytesPerPartition: BYTES_PER_PARTITION,
    maxBytes: BYTES_PER_ANSWER,
    metadataMaxAge: 30_000,
    allowAutoTopicCreation: false,
    readUncommitted: false,
    retry: CONSUMER_RETRY,
    partitionAssigners: [releasing(() => loop.release(RELEASE_MS))],
  });
}

/**
 * Round robin, and a gate: kafkajs has no "partitions are about to be taken" hook, but it looks its coordinator up each time before it joins.
 * The group waits for us (up to the rebalance timeout), so until we join nobody else gets what we are still writing.
 */
const releasing =
  (release: () => Promise<void>): PartitionAssigner =>
  (config) => {
    const { cluster } = config;
    const find = cluster.findGroupCoordinator.bind(cluster);
    cluster.findGroupCoordinator = async (of) => {
      await release();
      return find(of);
    };
    return kafkajs.PartitionAssigners.roundRobin(config);
  };

/** @returns a promise that rejects when the consumer has ended for good */
function listen<T>(consumer: Consumer, reading: Reading<T>): Promise<never> {
  const { loop, rounds } = reading;
  const ended = new Promise<never>((_, reject) => {
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      const partitions = Object.entries(payload.memberAssignment).flatMap(([topic, numbers]) =>
        numbers.map((partition): TopicPartition => ({ topic, partition })),
      );
      const ready = resumeOf(reading).then((resume) => {
        // Shared out anew while we asked: the answer is about another share.
        if (reading.ready !== ready) return;
        rounds.assign(partitions);
        loop.assign(partitions, resume);
      });
      reading.ready = ready;
      ready.catch(reject);
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      loop.lost();
      if (!payload.restart) reject(payload.error);
    });
  });
  // Also tells of batches that hold only markers or aborted records, which the callback never sees.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    rounds.moved(payload);
    loop.position(payload, Number(payload.lastOffset) + 1, Number(payload.highWatermark));
  });
  consumer.on(consumer.events.REQUEST, ({ payload }) => {
    if (payload.apiName === 'Fetch') rounds.answered();
  });
  consumer.on(consumer.events.FETCH_START, ({ payload }) => {
    for (const partition of rounds.begins(payload.nodeId)) loop.caughtUp(partition);
  });
  ended.catch(() => undefined);
  return ended;
}

/** What stands with the committed offsets, and the partitions of the topics that the marks speak of. @throws UnavailableError */
async function resumeOf<T>({ run, kafka }: Reading<T>): Promise<Resume> {
  const admin = kafka.admin();
  return translated(async () => {
    try {
      await admin.connect();
      const offsets = await admin.fetchOffsets({ groupId: run.group, topics: [...run.topics] });
      const notes = offsets.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, metadata }): [string, string] => [partitionKey({ topic, partition }), metadata ?? '']),
      );
      const inputs = run.inputs?.length ? (await admin.fetchTopicMetadata({ topics: [...run.inputs] })).topics : [];
      return {
        notes: new Map(notes.filter(([, note]) => note !== '')),
        inputs: inputs.flatMap(({ name, partitions }) =>
          partitions.map((one) => partitionKey({ topic: name, partition: one.partitionId })),
        ),
      };
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  });
}

async function take<T>({ batch }: EachBatchPayload, reading: Reading<T>): Promise<void> {
  await reading.ready;
  const { loop, rounds } = reading;
  const made: Batch = {
    topic: batch.topic,
    partition: batch.partition,
    highWatermark: Number(batch.highWatermark),
    records: batch.messages.map((message) => ({
      offset: Number(message.offset),
      key: message.key?.toString('utf8'),
      value: message.value ?? Buffer.alloc(0),
      headers: headersOf(message.headers),
      timestamp: Number(message.timestamp),
    })),
  };
  rounds.moved(made);
  try {
    loop.deliver(made);
  } catch (error) {
    loop.fail(error);
  }
}

const NO_HEADERS: Readonly<Record<string, string>> = {};
function headersOf(headers: EachBatchPayload['batch']['messages'][number]['headers']): Readonly<Record<string, string>> {
  if (!headers) return NO_HEADERS;
  const texts: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) texts[name] = typeof last === 'string' ? last : last.toString('utf8');
  }
  return texts;
}

async function commit(consumer: Consumer | undefined, consumed: readonly Consumed[]): Promise<void> {
  if (!consumer) throw new UnavailableError('bus.unavailable', 'not connected');
  await translated(async () => {
    try {
      await consumer.commitOffsets(
        consumed.map(({ topic, partition, nextOffset, note }) => ({
          topic,
          partition,
          offset: String(nextOffset),
          metadata: note ?? null,
        })),
      );
    } catch (error) {
      // The group shares out anew: whoever reads the partition next starts where we last committed.
      if (error instanceof Error && 'type' in error && REBALANCED.has(String(error.type))) {
        throw new UnavailableError('bus.rebalanced', 'The group was shared out anew before the offsets were committed', { cause: error });
      }
      throw error;
    }
  });
}
const REBALANCED = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'NOT_COORDINATOR_FOR_GROUP']);

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
