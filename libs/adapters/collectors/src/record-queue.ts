/** Enough to keep the bus busy while it answers, little enough to be held once for each listener. */
const FULL_BYTES = 8 * 1024 * 1024;
/** One transaction: large enough that a hundred of them are a million lines a minute. */
const BATCH_RECORDS = 5_000;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Records on their way to the bus: senders push, one loop takes. Says when senders should wait. */
export class RecordQueue {
  #records: string[] = [];
  #bytes = 0;
  #isClosed = false;
  #wake: (() => void) | undefined;
  /** Called when there is room again after `isFull`. */
  onDrained: () => void = () => undefined;

  get isFull(): boolean {
    return this.#bytes >= FULL_BYTES;
  }
  get size(): number {
    return this.#records.length;
  }

  push(records: readonly string[]): void {
    for (const record of records) {
      this.#records.push(record);
      this.#bytes += record.length;
    }
    if (records.length > 0) this.#wake?.();
  }

  /** No more will come: `take` ends when all is taken. */
  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  #mustWait(): boolean {
    return this.#records.length === 0 && !this.#isClosed;
  }

  /** Waits for records. @returns at least one, in order; none when the queue is closed and empty */
  async take(): Promise<readonly string[]> {
    while (this.#mustWait()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    const wasFull = this.isFull;
    let count = 0;
    let bytes = 0;
    while (count < this.#records.length && count < BATCH_RECORDS && (count === 0 || bytes < BATCH_BYTES)) {
      bytes += this.#records[count]?.length ?? 0;
      count += 1;
    }
    const taken = this.#records.slice(0, count);
    this.#records = this.#records.slice(count);
    this.#bytes -= bytes;
    if (wasFull && this.#bytes < FULL_BYTES) this.onDrained();
    return taken;
  }
}
