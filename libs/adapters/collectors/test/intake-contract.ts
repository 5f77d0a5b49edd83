import { randomUUID } from 'node:crypto';
import {
  CURSORS_TOPIC,
  UnavailableError,
  rawTopic,
  silentLogger,
  type Batch,
  type Consumed,
  type ExactlyOncePublisher,
  type MessageBus,
  type Prepared,
} from '@keyward/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CURSORS, CursorIntake, CursorLog, PlainIntake, publisherOf, type Intake } from '../src/index.js';

const SOURCE = 'linux';

/** A worker's part in sharing the collectors out. */
function aWorker(bus: MessageBus, group: string) {
  const stop = new AbortController();
  const shares: ReadonlySet<number>[] = [];
  const log = new CursorLog((partitions) => shares.push(partitions));
  const ended = bus.runStage({
    ...{ group, topics: [CURSORS_TOPIC], handler: log, commits: 'handler', signal: stop.signal, alignmentWaitMs: 500 },
  });
  return {
    log,
    shares,
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

const eventually = async (what: string, holds: () => boolean, limitMs = 60_000): Promise<void> => {
  for (const end = Date.now() + limitMs; !holds();) {
    if (Date.now() > end) throw new Error(`did not happen within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** Does what the other does, and then, or before, loses the answer. */
class Unreliable implements ExactlyOncePublisher {
  readonly #inner: ExactlyOncePublisher;
  fails: 'before' | 'after' | 'no' = 'no';
  constructor(inner: ExactlyOncePublisher) {
    this.#inner = inner;
  }
  open(): Promise<void> {
    return this.#inner.open();
  }
  async publishConsumed(...call: Parameters<ExactlyOncePublisher['publishConsumed']>): Promise<void> {
    const fails = this.fails;
    this.fails = 'no';
    if (fails === 'before') throw new UnavailableError('test', 'lost on the way there');
    await this.#inner.publishConsumed(...call);
    if (fails === 'after') throw new UnavailableError('test', 'lost on the way back');
  }
}

/** Records and cursor together, one runner at a time: the same on every bus. */
export function intakeContract(name: string, make: () => Promise<{ readonly bus: MessageBus; readonly close: () => Promise<void> }>): void {
  describe(`intake on ${name}`, () => {
    let bus: MessageBus;
    let close: () => Promise<void>;
    const read: string[] = [];
    const reading = new AbortController();
    let ended: Promise<void>;
    beforeAll(async () => {
      ({ bus, close } = await make());
      await bus.ensureTopics([CURSORS, { name: rawTopic(SOURCE), partitions: 2 }]);
      const handler = {
        prepare: (batch: Batch): readonly Prepared<string>[] =>
          batch.records.map(({ offset, value }) => ({ ...batch, offset, time: 0, value: value.toString() })),
        handle: (items: readonly Prepared<string>[]): Promise<readonly Consumed[]> => {
          read.push(...items.map(({ value }) => value));
          return Promise.resolve([]);
        },
        assigned: () => undefined,
        checkpoint: () => Promise.resolve([]),
      };
      ended = bus.runStage({ group: `reader-${randomUUID()}`, topics: [rawTopic(SOURCE)], handler, signal: reading.signal });
    });
    afterAll(async () => {
      reading.abort();
      await ended;
      await close();
    });
    const found = (test: string): string[] => read.filter((record) => record.startsWith(test)).toSorted();

    /** A worker that has its share, and how it opens a collector. */
    async function started(group: string) {
      const worker = aWorker(bus, group);
      await eventually('a share', () => worker.shares.length > 0);
      const open = (collector: string, publisher = publisherOf(bus, collector), signal = new AbortController().signal) =>
        CursorIntake.open({ collector, publisher, logger: silentLogger, log: worker.log, signal });
      return { ...worker, open };
    }
    const names = () => ({ group: `g-${randomUUID()}`, collector: `c-${randomUUID()}`, tag: randomUUID() });

    it('has no cursor before the first put, and the last one that was given after it', async () => {
      const { group, collector, tag } = names();
      const worker = await started(group);
      const intake = await worker.open(collector);
      expect(await intake.cursor(collector)).toBeUndefined();
      await intake.put(collector, SOURCE, [`${tag} 1`, `${tag} 2`], 'second');
      await intake.put(collector, SOURCE, [`${tag} 3`]);
      expect(await intake.cursor(collector)).toBe('second');
      await eventually('three records', () => found(tag).length === 3);
      await worker.stop();
    });

    it('goes on at the stored cursor in another worker, also when the workers start anew', async () => {
      const { group, collector, tag } = names();
      const first = await started(group);
      await (await first.open(collector)).put(collector, SOURCE, [`${tag} 1`], 'one');
      await first.stop();
      const second = await started(group);
      const intake = await second.open(collector);
      expect(await intake.cursor(collector)).toBe('one');
      await intake.put(collector, SOURCE, [`${tag} 2`], 'two');
      await second.stop();
      await eventually('both', () => found(tag).length === 2);
    });

    it('shuts out the runner that held the collector before, who writes neither records nor cursor', async () => {
      const { group, collector, tag } = names();
      const worker = await started(group);
      const old = await worker.open(collector);
      await old.put(collector, SOURCE, [`${tag} 1`], 'one');
      const young = await worker.open(collector);
      await young.put(collector, SOURCE, [`${tag} 2`], 'two');
      await expect(old.put(collector, SOURCE, [`${tag} never`], 'never')).rejects.toMatchObject({ code: 'collector.taken_over' });
      const last = await worker.open(collector);
      expect(await last.cursor(collector)).toBe('two');
      await last.put(collector, SOURCE, [`${tag} 3`], 'three');
      await eventually('three records', () => found(tag).length === 3);
      expect(found(tag)).toEqual([`${tag} 1`, `${tag} 2`, `${tag} 3`]);
      await worker.stop();
    });

    it.each(['before', 'after'] as const)('puts records once when the answer is lost %s they were written', async (fails) => {
      const { group, collector, tag } = names();
      const worker = await started(group);
      const publisher = new Unreliable(publisherOf(bus, collector));
      const intake = await worker.open(collector, publisher);
      await intake.put(collector, SOURCE, [`${tag} 1`], 'one');
      publisher.fails = fails;
      await intake.put(collector, SOURCE, [`${tag} 2`], 'two');
      await intake.put(collector, SOURCE, [`${tag} 3`], 'three');
      await eventually('three records', () => found(tag).includes(`${tag} 3`));
      expect(found(tag)).toEqual([`${tag} 1`, `${tag} 2`, `${tag} 3`]);
      await worker.stop();
    });

    it('never writes over what another runner put while the answer was lost', async () => {
      const { group, collector, tag } = names();
      const worker = await started(group);
      const publisher = new Unreliable(publisherOf(bus, collector));
      const old = await worker.open(collector, publisher);
      await old.put(collector, SOURCE, [`${tag} 1`], 'one');
      publisher.fails = 'before';
      const young = await worker.open(collector);
      await young.put(collector, SOURCE, [`${tag} 2`], 'two');
      await expect(old.put(collector, SOURCE, [`${tag} 2`], 'two')).rejects.toMatchObject({ code: 'collector.taken_over' });
      await (await worker.open(collector)).put(collector, SOURCE, [`${tag} 3`], 'three');
      await eventually('the third', () => found(tag).includes(`${tag} 3`));
      expect(found(tag)).toEqual([`${tag} 1`, `${tag} 2`, `${tag} 3`]);
      await worker.stop();
    });

    it("refuses to open a collector of another worker's partition", async () => {
      const { group, collector } = names();
      const log = new CursorLog(() => undefined);
      const worker = aWorker(bus, group);
      await expect(
        CursorIntake.open({
          ...{ collector, publisher: publisherOf(bus, collector), log },
          ...{ logger: silentLogger, signal: new AbortController().signal },
        }),
      ).rejects.toMatchObject({ code: 'collector.taken_over' });
      await worker.stop();
    });

    it('puts records without a cursor for a collector that every worker runs', async () => {
      const { collector, tag } = names();
      const publisher = publisherOf(bus, collector, 'worker-1');
      const intake: Intake = new PlainIntake(
        { collector, publisher, logger: silentLogger, signal: new AbortController().signal },
        Date.now(),
      );
      await intake.put(collector, SOURCE, [`${tag} 1`]);
      await intake.put(collector, SOURCE, []);
      await intake.put(collector, SOURCE, [`${tag} 2`]);
      await eventually('both', () => found(tag).length === 2);
      expect(await intake.cursor(collector)).toBeUndefined();
    });

    it('gives up with an error that says so when it is stopped while the bus is away', async () => {
      const { collector, tag } = names();
      const stop = new AbortController();
      const away: ExactlyOncePublisher = {
        open: () => Promise.resolve(),
        publishConsumed: () => Promise.reject(new UnavailableError('test', 'away')),
      };
      const intake: Intake = new PlainIntake({ collector, publisher: away, logger: silentLogger, signal: stop.signal }, Date.now());
      const put = intake.put(collector, SOURCE, [tag]);
      stop.abort();
      await expect(put).rejects.toMatchObject({ code: 'collector.stopped', disposition: 'retry' });
    });
  });
}
