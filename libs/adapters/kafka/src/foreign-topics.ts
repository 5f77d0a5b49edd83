import {
  ForbiddenError,
  UnavailableError,
  retry,
  sleep,
  type ForeignCluster,
  type ForeignGap,
  type ForeignPosition,
  type ForeignRead,
  type ForeignTopics,
  type Logger,
} from '@keyward/runtime';
import type { Admin, Consumer, EachBatchPayload, Kafka as KafkaClient, KafkaConfig as ClientConfig } from 'kafkajs';
import { translateKafkaError } from './errors.js';
import { ForeignPlaces, type Bounds } from './foreign-places.js';
import { bridgeTo, connectedBy, saslBy } from './kafka-client.js';

/** A request waits at most so long for news; a record that comes ends the wait. Also the longest that a stop waits for it. */
const MAX_WAIT_MS = 1_000;
const BYTES_PER_PARTITION = 1024 * 1024;
const BYTES_PER_ANSWER = 8 * 1024 * 1024;
/**
 * A member that could not take its leave (a kill, a cluster that was away) is kept for so long, and its successor waits for it. To lose the
 * membership costs a join only, so that it may be shorter than the 30 s that Event Hubs advises; it allows 6 s.
 */
const SESSION_TIMEOUT_MS = 10_000;
/** What Event Hubs advises. */
const REQUEST_TIMEOUT_MS = 60_000;
const CONNECTION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 3_000;
/** How soon new partitions are noticed. Below four minutes, after which Azure cuts idle connections. */
const METADATA_MAX_AGE_MS = 30_000;
/** About 15 s; after that the caller hears of it, and begins anew at its own pace. */
const RETRY = { initialRetryTime: 200, maxRetryTime: 5_000, retries: 6 };
/** kafkajs calls a broker unknown whose metadata it has just thrown away, and knows it the next time. */
const ASK_AGAIN = { attempts: 4, firstDelayMs: 100, maxDelayMs: 1_000 };
/** A connection attempt under way is not waited for longer. */
const FAREWELL_MS = 3_000;

/** Options of the client. */
export function foreignClientOptions({ brokers, clientId, tls, sasl }: ForeignCluster, logger: Logger): ClientConfig {
  return {
    clientId,
    brokers: [...brokers],
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: RETRY,
    logCreator: bridgeTo(logger),
    ...(tls && { ssl: tls.ca === undefined ? true : { ca: [tls.ca] } }),
    ...(sasl && { sasl: saslBy(sasl.mechanism, { username: sasl.username, password: sasl.password.reveal() }) }),
  };
}

/**
 * Topics of another cluster, each partition by one reader. kafkajs reads as a member of a group only: alone in it, it has all partitions, and
 * no offset of it is ever believed: the places are the caller's.
 */
class KafkaForeignTopics implements ForeignTopics {
  readonly #metadataMaxAgeMs: number;

  constructor(metadataMaxAgeMs: number) {
    this.#metadataMaxAgeMs = metadataMaxAgeMs;
  }

  async read(cluster: ForeignCluster, read: ForeignRead, signal: AbortSignal): Promise<void> {
    const kafka = connectedBy(foreignClientOptions(cluster, read.logger));
    await new ReaderRun(kafka, read, this.#metadataMaxAgeMs).until(signal);
  }
}

/** @param metadataMaxAgeMs how soon new partitions are noticed */
export const createForeignTopics = (metadataMaxAgeMs = METADATA_MAX_AGE_MS): ForeignTopics => new KafkaForeignTopics(metadataMaxAgeMs);

class ReaderRun {
  readonly #admin: Admin;
  readonly #consumer: Consumer;
  readonly #read: ForeignRead;
  readonly #places = new ForeignPlaces();
  readonly #over = new AbortController();
  /** Absent until something failed. */
  #failure: { readonly error: unknown } | undefined;
  /** The batch that the caller has in hand. */
  #inHand: Promise<void> = Promise.resolve();

  constructor(kafka: KafkaClient, read: ForeignRead, metadataMaxAge: number) {
    this.#read = read;
    this.#admin = kafka.admin();
    this.#consumer = kafka.consumer({
      ...{ groupId: read.group, metadataMaxAge, retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) } },
      ...{ sessionTimeout: SESSION_TIMEOUT_MS, rebalanceTimeout: SESSION_TIMEOUT_MS, heartbeatInterval: HEARTBEAT_MS },
      ...{ maxWaitTimeInMs: MAX_WAIT_MS, minBytes: 1, maxBytesPerPartition: BYTES_PER_PARTITION, maxBytes: BYTES_PER_ANSWER },
      ...{ allowAutoTopicCreation: false, readUncommitted: false },
    });
  }

  /** @throws the first failure, of the cluster or of a callback */
  async until(signal: AbortSignal): Promise<void> {
    const stop = (): void => {
      this.#over.abort();
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    const opening = this.#open();
    try {
      await Promise.race([opening, this.#ended()]);
      await this.#ended();
    } catch (error) {
      // What breaks when it was told to stop is the stop.
      if (!this.#isOver()) this.#fail(error);
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
      await this.#inHand.catch(() => undefined);
      // A stop that comes while it joins does not reach kafkajs: it would stay a member for ever.
      const farewell = opening.catch(() => undefined).then(() => Promise.all([this.#consumer.disconnect(), this.#admin.disconnect()]));
      await Promise.race([farewell.catch(() => undefined), sleep(FAREWELL_MS)]);
    }
    if (this.#failure) throw inOurWords(this.#failure.error);
  }

  async #open(): Promise<void> {
    const { topics, positions, from } = this.#read;
    const onGap = this.#onGap;
    await this.#admin.connect();
    for (const topic of topics) this.#places.begin(topic, await this.#boundsOf(topic), { positions, from, onGap });
    if (this.#isOver()) return;
    this.#inHand = this.#read.onStart(this.#places.all());
    await this.#inHand;
    this.#listen();
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...topics], fromBeginning: true });
    if (this.#isOver()) return;
    await this.#consumer.run({ autoCommit: false, eachBatch: (payload) => this.#take(payload) });
  }

  #listen(): void {
    const { GROUP_JOIN, CRASH, END_BATCH_PROCESS } = this.#consumer.events;
    // Each time that partitions were shared out (the first, and whenever there are more of them), kafkajs knows no place.
    this.#consumer.on(GROUP_JOIN, () => {
      for (const place of this.#places.all()) this.#seek(place);
    });
    this.#consumer.on(CRASH, ({ payload }) => {
      if (!this.#isOver()) this.#fail(payload.error);
    });
    // Batches of markers and aborted records only, which `eachBatch` never sees.
    this.#consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) this.#places.passed(payload, Number(payload.lastOffset) + 1);
    });
  }

  /** Never rejects: kafkajs would try the batch again. */
  async #take({ batch, ...member }: EachBatchPayload): Promise<void> {
    if (this.#isOver()) return;
    // Rejects when the group is shared out anew; kafkajs finds that out itself after the batch.
    const beating = setInterval(() => {
      member.heartbeat().catch(() => undefined);
    }, HEARTBEAT_MS);
    try {
      this.#inHand = this.#hand(batch);
      await this.#inHand;
    } catch (error) {
      this.#fail(error);
    } finally {
      clearInterval(beating);
    }
  }

  async #hand(batch: EachBatchPayload['batch']): Promise<void> {
    const { topic, partition } = batch;
    const asked = askedFor(batch);
    if (!this.#places.isAt(batch, asked)) {
      const bounds = (await this.#boundsOf(topic)).get(partition);
      const found = bounds && this.#places.find(batch, asked, bounds, this.#onGap);
      if (found !== 'here') {
        const place = this.#places.of(batch);
        if (place) this.#seek(place);
        return;
      }
    }
    const place = this.#places.of(batch)?.nextOffset ?? 0;
    const fresh = batch.messages.filter(({ offset }) => Number(offset) >= place);
    const nextOffset = Number(batch.lastOffset()) + 1;
    if (nextOffset <= place) return;
    const values = fresh.map(({ value }) => value?.toString('utf8'));
    const behind = Math.max(0, Number(batch.highWatermark) - nextOffset);
    await this.#read.onBatch({ topic, partition, values, nextOffset, behind });
    this.#places.passed(batch, nextOffset);
  }

  #seek({ topic, partition, nextOffset }: ForeignPosition): void {
    this.#consumer.seek({ topic, partition, offset: String(nextOffset) });
  }

  async #boundsOf(topic: string): Promise<ReadonlyMap<number, Bounds>> {
    const ask = async (): ReturnType<Admin['fetchTopicOffsets']> => {
      try {
        return await this.#admin.fetchTopicOffsets(topic);
      } catch (error) {
        throw inOurWords(error);
      }
    };
    const offsets = await retry(ask, { policy: ASK_AGAIN, signal: this.#over.signal });
    return new Map(offsets.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]));
  }

  readonly #onGap = (gap: ForeignGap): void => {
    this.#read.onGap(gap);
  };
  #isOver(): boolean {
    return this.#over.signal.aborted;
  }
  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#over.abort();
  }
  #ended(): Promise<void> {
    const { signal } = this.#over;
    return new Promise((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
  }
}

/** Offset that the answer was asked for: kafkajs keeps it with the batch, though its types don't know it. */
function askedFor(batch: EachBatchPayload['batch']): number {
  return 'fetchedOffset' in batch ? Number(batch.fetchedOffset) : Number(batch.messages[0]?.offset ?? batch.lastOffset());
}

/** Whatever the other cluster does is no bug of ours: it must not end the worker. */
function inOurWords(error: unknown): Error {
  const known = translateKafkaError(error);
  if (known instanceof ForbiddenError && known.code === 'bus.forbidden') {
    const { context } = known;
    return new ForbiddenError('foreign_kafka.forbidden', 'The cluster refuses us: name, password or permission', { cause: error, context });
  }
  const isTheirs = known instanceof Error && known.name.startsWith('KafkaJS');
  if (isTheirs || (known instanceof UnavailableError && known.code === 'bus.unavailable')) {
    return new UnavailableError('foreign_kafka.unavailable', 'The cluster does not answer as it should', {
      ...{ cause: error, context: known instanceof UnavailableError ? known.context : {} },
    });
  }
  return known instanceof Error ? known : new Error('what was thrown is no error', { cause: known });
}
