import type { Announcement, BusRecord, Consumed, OutRecord } from '@keyward/runtime';
import { partitionKey, type TopicPartition } from './event-time-merge.js';
import { marksRecord, orderHeaders } from './marks.js';

/** Records that all groups have read are let go once a partition holds so many. */
const KEEP = 20_000;

interface Log {
  readonly records: BusRecord[];
  /** Offset of `records[0]`. */
  first: number;
  /** Of each key the newest record is enough. */
  readonly compact: boolean;
}

/** The topics of the in-process bus: append-only, in memory, with committed offsets by group. */
export class LocalLog {
  readonly #topics = new Map<string, Log[]>();
  readonly #committed = new Map<string, Map<string, Consumed>>();
  readonly #firstOffset: number;
  readonly #now: () => number;

  constructor(options: { readonly firstOffset: number; readonly now: () => number }) {
    this.#firstOffset = options.firstOffset;
    this.#now = options.now;
  }

  ensure(topic: string, partitions: number, compact = false): void {
    if (this.#topics.has(topic)) return;
    this.#topics.set(
      topic,
      Array.from({ length: partitions }, () => ({ records: [], first: this.#firstOffset, compact })),
    );
  }
  has(topic: string): boolean {
    return this.#topics.has(topic);
  }
  partitionsOf(topic: string): readonly TopicPartition[] {
    return (this.#topics.get(topic) ?? []).map((_, partition) => ({ topic, partition }));
  }

  append(records: readonly OutRecord[]): void {
    for (const { topic, key, value, headers, order, partition } of records) {
      const logs = this.#topics.get(topic) ?? [];
      const log = logs[partition ?? hash(key) % logs.length];
      this.#add(log, key, value, { ...headers, ...(order && orderHeaders(order)) });
      if (log?.compact && log.records.length >= 2 * KEEP) compacted(log);
    }
  }
  announce({ topic, marks }: Announcement): void {
    if (marks.length === 0) return;
    const { value, headers } = marksRecord(marks);
    for (const log of this.#topics.get(topic) ?? []) this.#add(log, undefined, value, headers);
  }
  #add(log: Log | undefined, key: string | undefined, value: string | Buffer, headers: Readonly<Record<string, string>>): void {
    log?.records.push({
      offset: log.first + log.records.length,
      key,
      value: typeof value === 'string' ? Buffer.from(value) : value,
      headers,
      timestamp: this.#now(),
    });
  }

  read({ topic, partition }: TopicPartition, offset: number, max: number): readonly BusRecord[] {
    const log = this.#topics.get(topic)?.[partition];
    return log ? log.records.slice(Math.max(0, offset - log.first), Math.max(0, offset - log.first) + max) : [];
  }
  end({ topic, partition }: TopicPartition): number {
    const log = this.#topics.get(topic)?.[partition];
    return log ? log.first + log.records.length : this.#firstOffset;
  }
  /** Where a group goes on: after what it has committed, or at the oldest record. */
  position(group: string, of: TopicPartition): number {
    const oldest = this.#topics.get(of.topic)?.[of.partition]?.first ?? this.#firstOffset;
    return Math.max(oldest, this.#committed.get(group)?.get(partitionKey(of))?.nextOffset ?? oldest);
  }
  note(group: string, of: TopicPartition): string | undefined {
    return this.#committed.get(group)?.get(partitionKey(of))?.note;
  }
  commit(group: string, consumed: readonly Consumed[]): void {
    const offsets = this.#committed.get(group) ?? new Map<string, Consumed>();
    this.#committed.set(group, offsets);
    for (const one of consumed) {
      offsets.set(partitionKey(one), one);
      this.#letGo(one);
    }
  }

  /** Only what every group that reads the topic has committed, and never the newest ones. */
  #letGo(of: TopicPartition): void {
    const log = this.#topics.get(of.topic)?.[of.partition];
    if (!log || log.compact || log.records.length < 2 * KEEP) return;
    const readBy = [...this.#committed.values()]
      .map((offsets) => offsets.get(partitionKey(of))?.nextOffset)
      .filter((offset) => offset !== undefined);
    const keepFrom = Math.min(log.first + log.records.length - KEEP, ...readBy);
    if (keepFrom <= log.first) return;
    log.records.splice(0, keepFrom - log.first);
    log.first = keepFrom;
  }
}

/** Writes the newest record of each key again, and lets go of all before: nobody who reads on misses one. */
function compacted(log: Log): void {
  const newest = [...new Map(log.records.map((record) => [record.key, record])).values()];
  const end = log.first + log.records.length;
  log.records.splice(0, log.records.length, ...newest.map((record, index) => ({ ...record, offset: end + index })));
  log.first = end;
}

/** FNV-1a, 32 bit. */
function hash(key: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) value = Math.imul(value ^ key.charCodeAt(at), 0x01000193);
  return value >>> 0;
}
