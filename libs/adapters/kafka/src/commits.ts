import type { Consumed, Prepared } from '@keyward/runtime';
import { partitionKey, type TopicPartition } from './event-time-merge.js';
import type { Intake } from './intake.js';

/** Where offsets are committed. */
export interface CommitTo {
  /** @throws UnavailableError when it should be tried again */
  commit(consumed: readonly Consumed[]): Promise<void>;
}

/** Of one partition, since it was assigned: the offset after all that was fetched, after what is committed, and whether anything handled is not. */
interface Progress {
  fetched: number;
  committed: number;
  isUncommitted: boolean;
}

/** What a reader may commit and has not: what its stage says is done, and what stands behind it at rest. */
export class Commits {
  readonly #intake: Pick<Intake<unknown>, 'commitOf' | 'holds'>;
  /** The stage commits what it has handled in its own transactions: only what stands behind it is to be sent. */
  readonly #byStage: boolean;
  readonly #waiting = new Map<string, Consumed>();
  readonly #progress = new Map<string, Progress>();

  constructor(intake: Pick<Intake<unknown>, 'commitOf' | 'holds'>, byStage: boolean) {
    this.#intake = intake;
    this.#byStage = byStage;
  }

  /** New share of the partitions: nothing of the old one may be committed any more. */
  clear(): void {
    this.#waiting.clear();
    this.#progress.clear();
  }
  fetched(of: TopicPartition, nextOffset: number): void {
    this.#progressOf(of).fetched = nextOffset;
  }
  /** The stage has these in hand. */
  handed(items: readonly Prepared<unknown>[]): void {
    for (const item of items) this.#progressOf(item).isUncommitted = true;
  }

  /** What a stage says is consumed covers all that it was handed of the partition. */
  add(consumed: readonly Consumed[]): void {
    for (const one of consumed) {
      this.#progressOf(one).isUncommitted = false;
      if (this.#byStage) this.#progressOf(one).committed = one.nextOffset;
      else this.#waiting.set(partitionKey(one), this.#intake.commitOf(one));
    }
  }

  /**
   * Behind the last record of a partition stand marks, and the markers of transactions, which no stage handles. When all before them is committed,
   * the place behind them is too: or a partition at rest would look as if something were still to be read.
   */
  addWhatRests(partitions: readonly TopicPartition[]): void {
    for (const of of partitions) {
      const { fetched, committed, isUncommitted } = this.#progressOf(of);
      if (isUncommitted || fetched <= committed || this.#waiting.has(partitionKey(of)) || this.#intake.holds(of)) continue;
      this.#waiting.set(partitionKey(of), this.#intake.commitOf({ topic: of.topic, partition: of.partition, nextOffset: fetched }));
    }
  }

  /** @throws what `commit` throws; everything is kept for the next time then */
  async send(to: CommitTo): Promise<void> {
    if (this.#waiting.size === 0) return;
    const consumed = [...this.#waiting.values()];
    await to.commit(consumed);
    for (const one of consumed) {
      if (this.#waiting.get(partitionKey(one)) === one) this.#waiting.delete(partitionKey(one));
      this.#progressOf(one).committed = one.nextOffset;
    }
  }

  #progressOf(of: TopicPartition): Progress {
    const known = this.#progress.get(partitionKey(of)) ?? { fetched: 0, committed: 0, isUncommitted: false };
    this.#progress.set(partitionKey(of), known);
    return known;
  }
}
