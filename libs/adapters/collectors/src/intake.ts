import { randomUUID } from 'node:crypto';
import {
  ConflictError,
  CURSORS_TOPIC,
  UnavailableError,
  describeError,
  rawTopic,
  retry,
  type ExactlyOncePublisher,
  type Logger,
  type MessageBus,
  type OutRecord,
} from '@keyward/runtime';
import { deterministicUid } from '@keyward/events';
import type { Intake } from './collector.js';
import { cursorRecord, partitionOf, takenOver, type CursorLog, type StoredCursor } from './cursor-log.js';

export interface IntakeDeps {
  readonly collector: string;
  /** One for all runs of the collector in this process: see `publisherOf`. */
  readonly publisher: ExactlyOncePublisher;
  readonly logger: Logger;
  /** Aborts when the bus is not to be waited for any longer: some seconds after the collector was told to stop. */
  readonly signal: AbortSignal;
}

/**
 * Of a collector that runs on one worker at a time, by whom it must be shared: whoever takes the transactional id shuts the others out.
 * @param instance of a collector that runs on each worker: the worker's name
 */
export function publisherOf(bus: MessageBus, collector: string, instance?: string): ExactlyOncePublisher {
  const group = instance === undefined ? `keyward-collect-${collector}` : `keyward-collect-${collector}-${instance}`;
  return bus.exactlyOncePublisher({ transactionalId: group, group });
}

/** A bus that is away is asked again for as long as the worker runs. */
const RETRY = { attempts: Infinity, firstDelayMs: 100, maxDelayMs: 5_000 };
/** Reading a claim back takes a tenth of a second; after a rebalance the whole partition comes first. */
const READ_BACK_MS = 30_000;

const rawRecords = (source: string, records: readonly string[]): OutRecord[] =>
  records.map((value) => ({ topic: rawTopic(source), key: deterministicUid('raw', value), value }));

/**
 * Intake of a collector that one worker runs: records and cursor in one transaction of the collector's own transactional id.
 *
 * To claim the collector is to take that id, which ends whatever a former holder left open and shuts it out, then to write a claim and to read it
 * back: what was read before it is all that anybody will ever have written before us. After any failure the claim is made anew, and the put that
 * is found then says whether ours has happened, has not, or whether somebody else has gone on in between.
 */
export class CursorIntake implements Intake {
  readonly #deps: IntakeDeps & { readonly log: CursorLog };
  readonly #run = randomUUID();
  /** Newest cursor that is known to be stored. */
  #last: StoredCursor | undefined;
  #put = 0;
  #isClaimed = true;

  private constructor(deps: IntakeDeps & { readonly log: CursorLog }) {
    this.#deps = deps;
  }

  /** Claims the collector. @throws ConflictError `collector.taken_over`; UnavailableError when stopped before it succeeds */
  static async open(deps: IntakeDeps & { readonly log: CursorLog }): Promise<CursorIntake> {
    const intake = new CursorIntake(deps);
    intake.#last = await intake.#stubbornly(() => intake.#claim());
    return intake;
  }

  cursor(collector: string): Promise<string | undefined> {
    this.#check(collector);
    return Promise.resolve(this.#last?.cursor);
  }

  async put(collector: string, source: string, records: readonly string[], cursor?: string): Promise<void> {
    this.#check(collector);
    const before = this.#last;
    const kept = cursor ?? before?.cursor;
    this.#put += 1;
    const entry: StoredCursor = { kind: 'cursor', collector, run: this.#run, put: this.#put, ...(kept !== undefined && { cursor: kept }) };
    const out = [...rawRecords(source, records), cursorRecord(entry)];
    await this.#stubbornly(async () => {
      if (!this.#isClaimed) {
        const found = await this.#claim();
        if (isSame(found, entry)) return;
        if (!isSame(found, before)) throw takenOver(collector);
      }
      this.#isClaimed = false;
      await this.#deps.publisher.publishConsumed(out, []);
      this.#isClaimed = true;
    });
    this.#isClaimed = true;
    this.#last = entry;
  }

  async #claim(): Promise<StoredCursor | undefined> {
    const { log, collector, publisher } = this.#deps;
    const claim = randomUUID();
    await publisher.open();
    const read = log.readUpTo(claim, collector, READ_BACK_MS);
    read.catch(() => undefined); // publishing may fail first
    await publisher.publishConsumed([cursorRecord({ kind: 'claim', collector, claim })], []);
    return read;
  }

  #stubbornly<V>(work: () => Promise<V>): Promise<V> {
    return stubbornly(this.#deps, work);
  }
  #check(collector: string): void {
    if (collector !== this.#deps.collector) throw new Error(`the intake of ${this.#deps.collector} was asked for ${collector}`);
  }
}

/**
 * Intake of a collector that each worker runs for itself and that keeps no cursor. Offsets of a group of its own number the puts: by them a commit
 * whose answer got lost is looked up.
 */
export class PlainIntake implements Intake {
  readonly #deps: IntakeDeps;
  #put: number;

  /** @param now epoch ms: numbers go on where no earlier run of the worker has been */
  constructor(deps: IntakeDeps, now: number) {
    this.#deps = deps;
    this.#put = now * 1_000;
  }

  cursor(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async put(collector: string, source: string, records: readonly string[]): Promise<void> {
    if (records.length === 0) return;
    this.#put += 1;
    const numbered = { topic: CURSORS_TOPIC, partition: partitionOf(collector), nextOffset: this.#put };
    await stubbornly(this.#deps, () => this.#deps.publisher.publishConsumed(rawRecords(source, records), [numbered]));
  }
}

const same = (a: StoredCursor, b: StoredCursor): boolean => a.run === b.run && a.put === b.put;
const isSame = (a: StoredCursor | undefined, b: StoredCursor | undefined): boolean => (a && b ? same(a, b) : a === b);

/** @throws ConflictError `collector.taken_over`, UnavailableError when it was stopped before the bus came back */
async function stubbornly<V>({ collector, logger, signal }: IntakeDeps, work: () => Promise<V>): Promise<V> {
  try {
    return await retry(work, {
      policy: RETRY,
      signal,
      onRetry: (error, attempt, delayMs) => {
        logger.warn({ collector, attempt, delayMs }, `the bus is asked again: ${describeError(error)}`);
      },
    });
  } catch (error) {
    if (error instanceof ConflictError && error.code === 'bus.fenced') throw takenOver(collector, error);
    if (signal.aborted)
      throw new UnavailableError('collector.stopped', 'The worker stopped before the bus took the records', { cause: error });
    throw error;
  }
}
