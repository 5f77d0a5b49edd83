import { partitionKey, type TopicPartition } from './event-time-merge.js';

/**
 * Tells when a partition has nothing more to read, which Kafka does not say: an open transaction keeps the high watermark ahead of what can
 * be read, and kafkajs hides empty answers. A partition from which nothing came in a whole round of requests (begun after its last records,
 * and answered) has caught up: limits are set so that no partition crowds another out of an answer.
 */
export class FetchRounds {
  /** Counts rounds over all brokers: a clock that ticks with each request. */
  #tick = 0;
  #answers = 0;
  readonly #open = new Map<number, { readonly tick: number; readonly answers: number }>();
  readonly #answered = new Map<number, number>();
  readonly #since = new Map<string, { readonly partition: TopicPartition; readonly tick: number }>();

  /** New share of the partitions: nothing is known of any. */
  assign(partitions: readonly TopicPartition[]): void {
    this.#since.clear();
    this.#open.clear();
    this.#answered.clear();
    for (const partition of partitions) this.moved(partition);
  }
  /** Records came, or the partition is read again after a pause. */
  moved(partition: TopicPartition): void {
    this.#since.set(partitionKey(partition), { partition, tick: this.#tick });
  }
  /** A broker has answered a request for records. */
  answered(): void {
    this.#answers += 1;
  }
  /** The next request goes to a broker: the round before, whose records have all been delivered, is over. @returns partitions that gave nothing */
  begins(nodeId: number): readonly TopicPartition[] {
    const before = this.#open.get(nodeId);
    if (before && this.#answers > before.answers) this.#answered.set(nodeId, before.tick);
    this.#tick += 1;
    this.#open.set(nodeId, { tick: this.#tick, answers: this.#answers });
    const whole = Math.min(...[...this.#open.keys()].map((node) => this.#answered.get(node) ?? -1));
    return [...this.#since.values()].filter(({ tick }) => tick < whole).map(({ partition }) => partition);
  }
}
