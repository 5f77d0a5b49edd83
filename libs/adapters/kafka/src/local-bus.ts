import {
  ConflictError,
  InvalidInputError,
  systemClock,
  type Announcement,
  type Clock,
  type ExactlyOncePublisher,
  type Logger,
  type MessageBus,
  type Metrics,
  type OutRecord,
  type Publisher,
  type StageRun,
  type TopicSpec,
} from '@keyward/runtime';
import { partitionKey, type TopicPartition } from './event-time-merge.js';
import { LocalLog } from './local-log.js';
import { StageLoop } from './stage-loop.js';

export interface LocalBusOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Default 4. */
  readonly partitions?: number;
  readonly clock?: Clock;
  /** Largest record. Default 16 MiB, as the Kafka topics. */
  readonly maxRecordBytes?: number;
}

const FETCH_RECORDS = 2_000;

interface Member {
  assign(partitions: readonly TopicPartition[]): void;
  release(): Promise<void>;
  news(): void;
}

/**
 * A bus inside the process, for where no Kafka can be had and for tests: partitions, offsets, groups, commits and event-time alignment as with
 * Kafka, by the same `StageLoop`. Nothing outlives the process, so what was not handled when it ends is lost.
 *
 * Offsets begin at the time of the start (microseconds): saved ledgers remember offsets, and a second start must not hand them smaller ones.
 */
export class LocalBus implements MessageBus {
  readonly description = 'an in-process bus: records that are under way are lost when the process ends';
  readonly #options: LocalBusOptions;
  readonly #log: LocalLog;
  readonly #groups = new Map<string, Group>();
  readonly #holders = new Map<string, symbol>();

  constructor(options: LocalBusOptions) {
    const clock = options.clock ?? systemClock;
    this.#options = options;
    this.#log = new LocalLog({ firstOffset: clock.now() * 1_000, now: () => clock.now() });
  }

  ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    for (const { name, partitions, config } of topics) {
      this.#log.ensure(name, partitions ?? this.#options.partitions ?? 4, config?.['cleanup.policy'] === 'compact');
    }
    return Promise.resolve();
  }

  publisher(): Publisher {
    return {
      publish: (records, announcement) =>
        Promise.resolve().then(() => {
          this.#append(records, announcement);
        }),
    };
  }

  exactlyOncePublisher({ transactionalId, group }: { readonly transactionalId: string; readonly group: string }): ExactlyOncePublisher {
    const holder = Symbol(transactionalId);
    this.#holders.set(transactionalId, holder);
    return {
      open: () => {
        this.#holders.set(transactionalId, holder);
        return Promise.resolve();
      },
      publishConsumed: (records, consumed, announcement) =>
        Promise.resolve().then(() => {
          if (this.#holders.get(transactionalId) !== holder) {
            throw new ConflictError('bus.fenced', 'Another worker with the same transactional id has taken over: this one must end');
          }
          this.#append(records, announcement);
          this.#log.commit(group, consumed);
        }),
    };
  }

  async runStage<T>(run: StageRun<T>): Promise<void> {
    const group = this.#groups.get(run.group) ?? new Group();
    this.#groups.set(run.group, group);
    const reader = new LocalReader(run, this.#log, this.#options);
    await run.handler.open?.();
    await group.join(reader, this.#partitions(run.topics));
    try {
      await reader.drive();
    } finally {
      reader.end();
      await group.leave(reader, this.#partitions(run.topics));
    }
  }

  lagOf(group: string, topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const lag = (topic: string): number =>
      this.#log.partitionsOf(topic).reduce((sum, one) => sum + this.#log.end(one) - this.#log.position(group, one), 0);
    return Promise.resolve(new Map(topics.map((topic) => [topic, lag(topic)])));
  }

  endOffsets(topics: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
    const ends = (topic: string): ReadonlyMap<number, number> =>
      new Map(this.#log.partitionsOf(topic).map((one) => [one.partition, this.#log.end(one)]));
    return Promise.resolve(new Map(topics.filter((topic) => this.#log.has(topic)).map((topic) => [topic, ends(topic)])));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #append(records: readonly OutRecord[], announcement?: Announcement): void {
    const limit = this.#options.maxRecordBytes ?? 16 * 1024 * 1024;
    for (const { topic, value } of records) {
      if (!this.#log.has(topic)) throw new InvalidInputError('bus.unknown_topic', `There is no topic ${topic}`);
      if (value.length > limit)
        throw new InvalidInputError('bus.record_too_large', 'The record is too large for its topic', { context: { topic } });
    }
    this.#log.append(records);
    if (announcement) this.#log.announce(announcement);
    for (const group of this.#groups.values()) group.news();
  }
  #partitions(topics: readonly string[]): readonly TopicPartition[] {
    return topics.flatMap((topic) => this.#log.partitionsOf(topic));
  }
}

/** Readers that share partitions. Before they are shared out anew, each finishes what it has in hand. */
class Group {
  readonly #members: Member[] = [];
  #sharing: Promise<void> = Promise.resolve();

  join(member: Member, partitions: readonly TopicPartition[]): Promise<void> {
    return this.#shareOut(partitions, () => this.#members.push(member));
  }
  leave(member: Member, partitions: readonly TopicPartition[]): Promise<void> {
    return this.#shareOut(partitions, () => this.#members.splice(this.#members.indexOf(member), 1));
  }
  news(): void {
    for (const member of this.#members) member.news();
  }
  #shareOut(partitions: readonly TopicPartition[], change: () => unknown): Promise<void> {
    this.#sharing = this.#sharing.then(async () => {
      await Promise.all(this.#members.map((member) => member.release()));
      change();
      this.#members.forEach((member, index) => {
        member.assign(partitions.filter((_, at) => at % this.#members.length === index));
      });
    });
    return this.#sharing;
  }
}

class LocalReader<T> implements Member {
  readonly #run: StageRun<T>;
  readonly #log: LocalLog;
  readonly #loop: StageLoop<T>;
  readonly #positions = new Map<string, { readonly of: TopicPartition; next: number }>();
  readonly #paused = new Set<string>();
  #fetching = false;
  #ended = false;

  constructor(run: StageRun<T>, log: LocalLog, { logger, metrics }: LocalBusOptions) {
    this.#run = run;
    this.#log = log;
    this.#loop = new StageLoop(run, {
      logger,
      metrics,
      transport: {
        commit: (consumed) => {
          log.commit(run.group, consumed);
          return Promise.resolve();
        },
        pause: (of) => this.#paused.add(partitionKey(of)),
        resume: (of) => {
          this.#paused.delete(partitionKey(of));
          this.news();
        },
      },
    });
  }

  drive(): Promise<void> {
    return this.#loop.drive();
  }
  end(): void {
    this.#ended = true;
  }
  release(): Promise<void> {
    return this.#loop.release(20_000);
  }
  assign(partitions: readonly TopicPartition[]): void {
    this.#positions.clear();
    this.#paused.clear();
    for (const of of partitions) this.#positions.set(partitionKey(of), { of, next: this.#log.position(this.#run.group, of) });
    const noted = partitions.map((of): [string, string] => [partitionKey(of), this.#log.note(this.#run.group, of) ?? '']);
    this.#loop.assign(partitions, {
      notes: new Map(noted.filter(([, note]) => note !== '')),
      inputs: (this.#run.inputs ?? []).flatMap((topic) => this.#log.partitionsOf(topic).map(partitionKey)),
    });
    this.news();
  }
  news(): void {
    if (this.#fetching || this.#ended) return;
    this.#fetching = true;
    setImmediate(() => {
      this.#fetching = false;
      this.#fetch();
    });
  }

  #fetch(): void {
    let more = false;
    for (const [key, position] of this.#positions) {
      if (this.#ended) return;
      if (this.#paused.has(key)) continue;
      const end = this.#log.end(position.of);
      const records = this.#log.read(position.of, position.next, FETCH_RECORDS);
      const last = records.at(-1);
      if (last) {
        position.next = last.offset + 1;
        try {
          this.#loop.deliver({ ...position.of, records, highWatermark: end });
        } catch (error) {
          this.#loop.fail(error);
          return;
        }
      }
      this.#loop.position(position.of, position.next, end);
      more ||= position.next < end && !this.#paused.has(key);
    }
    if (more) this.news();
  }
}

export const createLocalBus = (options: LocalBusOptions): MessageBus => new LocalBus(options);
