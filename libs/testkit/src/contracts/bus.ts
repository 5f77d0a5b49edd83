import { randomUUID } from 'node:crypto';
import {
  UnavailableError,
  type Batch,
  type Consumed,
  type Mark,
  type MessageBus,
  type OutRecord,
  type Prepared,
  type StageHandler,
  type StageRun,
} from '@keyward/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

export interface BusUnderTest {
  readonly bus: MessageBus;
  close(): Promise<void>;
}

/** What the test's records carry: an id, and the event time that partitions are aligned by. */
export interface Note {
  readonly id: string;
  readonly time: number;
}
export const note = (topic: string, key: string, id: string, time: number): OutRecord => ({
  topic,
  key,
  value: JSON.stringify({ id, time }),
});

/** Remembers what it was handed; can be told to fail, to wait, and to commit or not. */
export class RecordingHandler implements StageHandler<Note> {
  readonly seen: Prepared<Note>[] = [];
  readonly marks: Mark[] = [];
  readonly assignments: (readonly { readonly topic: string; readonly partition: number }[])[] = [];
  checkpoints = 0;
  /** Called before a batch counts as handled; a throw is the stage's throw. */
  before: (items: readonly Prepared<Note>[]) => Promise<void> = () => Promise.resolve();
  /** Called when a batch counts as handled; what it returns is committed. */
  commits: (items: readonly Prepared<Note>[]) => readonly Consumed[] = consumedBy;

  prepare(batch: Batch): readonly Prepared<Note>[] {
    return batch.records.map((record) => {
      const value = JSON.parse(record.value.toString()) as Note;
      return { topic: batch.topic, partition: batch.partition, offset: record.offset, time: value.time, value };
    });
  }
  async handle(items: readonly Prepared<Note>[], marks: readonly Mark[] = []): Promise<readonly Consumed[]> {
    await this.before(items);
    this.seen.push(...items);
    this.marks.push(...marks);
    return this.commits(items);
  }
  assigned(partitions: readonly { readonly topic: string; readonly partition: number }[]): void {
    this.assignments.push(partitions);
  }
  checkpoint(): Promise<readonly Consumed[]> {
    this.checkpoints += 1;
    return Promise.resolve(consumedBy(this.seen));
  }
  get ids(): string[] {
    return this.seen.map((item) => item.value.id);
  }
}

/** The offset after the newest item of each partition. */
export function consumedBy(items: readonly Prepared<unknown>[]): readonly Consumed[] {
  const last = new Map<string, Consumed>();
  for (const { topic, partition, offset } of items) last.set(`${topic}/${partition}`, { topic, partition, nextOffset: offset + 1 });
  return [...last.values()];
}

/** Waits until something holds, with a sentence for when it does not. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`did not happen within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface RunningStage {
  readonly handler: RecordingHandler;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}
/** Starts a reader; `stop` is the ordered stop. */
export function startStage(
  bus: MessageBus,
  run: Partial<StageRun<Note>> & { readonly group: string; readonly topics: readonly string[] },
): RunningStage {
  const handler = new RecordingHandler();
  const stop = new AbortController();
  const ended = bus.runStage<Note>({ handler, signal: stop.signal, retry: { firstDelayMs: 20, maxDelayMs: 100 }, ...run });
  ended.catch(() => undefined);
  return {
    handler,
    ended,
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

/** What every bus must do. Real brokers and the in-process one pass the same suite. */
export function messageBusContract(name: string, make: () => Promise<BusUnderTest>): void {
  describe(`${name} keeps the contract of a message bus`, () => {
    let under: BusUnderTest;
    let bus: MessageBus;
    beforeAll(async () => {
      under = await make();
      bus = under.bus;
    });
    afterAll(() => under.close());

    const newTopic = async (partitions = 2): Promise<string> => {
      const topic = `test.${randomUUID()}`;
      await bus.ensureTopics([{ name: topic, partitions }]);
      return topic;
    };
    const newGroup = (): string => `group-${randomUUID()}`;
    const send = (topic: string, ids: readonly number[]): Promise<void> =>
      bus.publisher().publish(ids.map((id) => note(topic, `key-${id % 7}`, String(id), id)));

    it('hands on every record once, in offset order within its partition', async () => {
      const topic = await newTopic();
      await send(topic, numbers(0, 500));
      const stage = startStage(bus, { group: newGroup(), topics: [topic] });
      await until('500 records', () => stage.handler.seen.length >= 500);
      await stage.stop();
      expect(new Set(stage.handler.ids).size).toBe(500);
      expect(stage.handler.seen).toHaveLength(500);
      for (const partition of [0, 1]) {
        const offsets = stage.handler.seen.filter((item) => item.partition === partition).map((item) => item.offset);
        expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
      }
    });

    it('keeps records of one key together, with key, headers and bytes as they were given', async () => {
      const topic = await newTopic(4);
      const value = Buffer.from([0, 255, 10, 13, 0xf0, 0x9f, 0x98, 0x80]);
      await bus.publisher().publish(numbers(0, 20).map(() => ({ topic, key: 'identity:p-änna', value, headers: { 'ce-id': 'é1' } })));
      const batches: Batch[] = [];
      const handler = new RecordingHandler();
      handler.prepare = (batch) => {
        batches.push(batch);
        return batch.records.map((record) => ({
          topic: batch.topic,
          partition: batch.partition,
          offset: record.offset,
          time: 0,
          value: { id: '', time: 0 },
        }));
      };
      const stage = startStage(bus, { group: newGroup(), topics: [topic], handler });
      await until('20 records', () => handler.seen.length === 20);
      await stage.stop();
      expect(new Set(batches.map((batch) => batch.partition)).size).toBe(1);
      const first = batches[0]!.records[0]!;
      expect({ key: first.key, headers: first.headers, value: [...first.value] }).toEqual({
        key: 'identity:p-änna',
        headers: { 'ce-id': 'é1' },
        value: [...value],
      });
    });

    it('goes on at the committed offset after a restart', async () => {
      const topic = await newTopic();
      const group = newGroup();
      await send(topic, numbers(0, 50));
      const first = startStage(bus, { group, topics: [topic] });
      await until('50 records', () => first.handler.seen.length === 50);
      await first.stop();
      expect(first.handler.checkpoints).toBe(1);
      await send(topic, numbers(50, 60));
      const second = startStage(bus, { group, topics: [topic] });
      await until('10 records', () => second.handler.seen.length >= 10);
      await second.stop();
      expect(second.handler.ids.map(Number).sort((a, b) => a - b)).toEqual(numbers(50, 60));
    });

    it('reads again what was handled and not committed', async () => {
      const topic = await newTopic();
      const group = newGroup();
      await send(topic, numbers(0, 30));
      const handler = new RecordingHandler();
      handler.commits = () => [];
      handler.checkpoint = () => Promise.resolve([]);
      const first = startStage(bus, { group, topics: [topic], handler });
      await until('30 records', () => handler.seen.length === 30);
      await first.stop();
      const second = startStage(bus, { group, topics: [topic] });
      await until('30 records again', () => second.handler.seen.length === 30);
      await second.stop();
      expect([...second.handler.ids].sort()).toEqual([...handler.ids].sort());
    });

    it('hands on the same items again after a retryable throw, and nothing else meanwhile', async () => {
      const topic = await newTopic();
      await send(topic, numbers(0, 20));
      const handler = new RecordingHandler();
      const tries: string[] = [];
      handler.before = (items) => {
        tries.push(items.map((item) => item.value.id).join());
        return tries.length < 4 ? Promise.reject(new UnavailableError('store.away', 'away')) : Promise.resolve();
      };
      const stage = startStage(bus, { group: newGroup(), topics: [topic], handler });
      await until('20 records', () => handler.seen.length === 20);
      await stage.stop();
      expect(tries.slice(0, 4)).toEqual([tries[0], tries[0], tries[0], tries[0]]);
      expect(new Set(handler.ids).size).toBe(20);
    });

    it('ends with the error when the stage throws what is not retryable', async () => {
      const topic = await newTopic();
      await send(topic, [1]);
      const handler = new RecordingHandler();
      handler.before = () => Promise.reject(new TypeError('a bug'));
      const stage = startStage(bus, { group: newGroup(), topics: [topic], handler });
      await expect(stage.ended).rejects.toThrow('a bug');
    });

    it('works a backlog of several topics through in event-time order', async () => {
      const [a, b, c] = [await newTopic(1), await newTopic(2), await newTopic(1)];
      const of = (topic: string, times: readonly number[]): OutRecord[] =>
        times.map((time) => note(topic, `k${time % 5}`, `${topic}-${time}`, time));
      await bus.publisher().publish([
        ...of(a, numbers(0, 3_000)),
        ...of(
          b,
          numbers(0, 1_000).map((n) => n * 3 + 0.5),
        ),
        ...of(
          c,
          numbers(0, 300).map((n) => n * 10 + 0.25),
        ),
      ]);
      const stage = startStage(bus, { group: newGroup(), topics: [a, b, c], maxItems: 100, alignmentWaitMs: 20_000 });
      await until('4300 records', () => stage.handler.seen.length === 4_300);
      await stage.stop();
      const times = stage.handler.seen.map((item) => item.time);
      expect(times).toEqual([...times].sort((x, y) => x - y));
    });

    it('restores the order of what several workers wrote, and goes on in it after a crash that left something half done', async () => {
      const [from, to] = [await newTopic(2), await newTopic(1)];
      const inputs = [`${from}/0`, `${from}/1`] as const;
      const group = newGroup();
      const written = (input: string, times: readonly number[]): OutRecord[] =>
        times.map((time) => ({ ...note(to, 'k', `${input.at(-1) ?? ''}@${time}`, time), order: { input, reach: time } }));
      const publish = (input: string, times: readonly number[], behind: boolean): Promise<void> =>
        bus.publisher().publish(written(input, times), { topic: to, marks: [{ input, reach: times.at(-1) ?? 0, behind }] });
      const run = { group, topics: [to], inputs: [from], maxItems: 3, alignmentWaitMs: 60_000 };

      await publish(inputs[0], [1, 4, 6], true);
      await publish(inputs[1], [2, 3, 5], true);
      const dying = new RecordingHandler();
      dying.commits = (items) => (items.some(({ time }) => time > 3) ? [] : consumedBy(items));
      dying.checkpoint = () => Promise.resolve([]);
      const first = startStage(bus, { ...run, handler: dying });
      await until('what is in order', () => dying.seen.length === 5);
      await first.stop();
      expect(dying.ids).toEqual(['0@1', '1@2', '1@3', '0@4', '1@5']);

      await publish(inputs[0], [9], false);
      await publish(inputs[1], [7], false);
      const second = startStage(bus, { ...run });
      await until('the rest', () => second.handler.ids.includes('0@9'));
      await second.stop();
      // What was not committed comes again, at the place it had: whoever keeps the place of the last item it contains knows it again.
      const places = new Map([...dying.seen, ...second.handler.seen].map(({ value, place }) => [value.id, place]));
      for (const { value, place } of dying.seen) expect(places.get(value.id)).toEqual(place);
      expect(second.handler.ids.filter((id) => !dying.ids.includes(id))).toEqual(['0@6', '1@7', '0@9']);
      expect((await bus.lagOf(group, [to])).get(to)).toBe(0);
    });

    it('tells a stage that announces how far its inputs are, and that they rest', async () => {
      const topic = await newTopic(2);
      await send(topic, [5]);
      const handler = new RecordingHandler();
      const stage = startStage(bus, { group: newGroup(), topics: [topic], handler, announces: true });
      const rests = (input: string): boolean => handler.marks.findLast((mark) => mark.input === input)?.behind === false;
      await until('both rest', () => rests(`${topic}/0`) && rests(`${topic}/1`));
      await stage.stop();
      expect(handler.marks[0]).toEqual({ input: `${topic}/0`, reach: 0, behind: true });
      expect(Math.max(...handler.marks.map(({ reach }) => reach))).toBe(5);
    });

    it('shares the partitions of a group and loses nothing when a member comes or goes', async () => {
      const topic = await newTopic(4);
      const group = newGroup();
      const keyed = (ids: readonly number[]): OutRecord[] => ids.map((id) => note(topic, `key-${id}`, String(id), id));
      await bus.publisher().publish(keyed(numbers(0, 200)));
      const first = startStage(bus, { group, topics: [topic], maxItems: 10 });
      await until('the first reads', () => first.handler.seen.length > 0);
      const second = startStage(bus, { group, topics: [topic], maxItems: 10 });
      await until(
        'both have partitions',
        () => first.handler.assignments.at(-1)?.length === 2 && second.handler.assignments.at(-1)?.length === 2,
      );
      await bus.publisher().publish(keyed(numbers(200, 400)));
      const seen = (): Set<string> => new Set([...first.handler.ids, ...second.handler.ids]);
      await until('400 records', () => seen().size === 400);
      await first.stop();
      await bus.publisher().publish(keyed(numbers(400, 500)));
      await until('500 records', () => seen().size === 500);
      await second.stop();
      expect(second.handler.ids.length).toBeGreaterThan(0);
    });

    it('tells the lag of a group', async () => {
      const topic = await newTopic();
      const group = newGroup();
      await send(topic, numbers(0, 25));
      expect((await bus.lagOf(group, [topic])).get(topic)).toBe(25);
      const stage = startStage(bus, { group, topics: [topic] });
      await until('25 records', () => stage.handler.seen.length === 25);
      await stage.stop();
      expect((await bus.lagOf(group, [topic])).get(topic)).toBe(0);
    });

    it('tells where each partition ends, and leaves out a topic that does not exist', async () => {
      const topic = await newTopic(3);
      const before = (await bus.endOffsets([topic])).get(topic);
      expect([...(before?.keys() ?? [])].toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
      await send(topic, numbers(0, 25));
      const ends = await bus.endOffsets([topic, `test.${randomUUID()}`]);
      expect([...ends.keys()]).toEqual([topic]);
      const grown = [...(ends.get(topic) ?? [])].reduce((sum, [partition, end]) => sum + end - (before?.get(partition) ?? 0), 0);
      expect(grown).toBe(25);
    });

    it('hands a fresh record on within a second', async () => {
      const topic = await newTopic(4);
      const stage = startStage(bus, { group: newGroup(), topics: [topic] });
      await until('has its partitions', () => stage.handler.assignments.length > 0);
      await send(topic, [1]);
      await until('the first', () => stage.handler.seen.length === 1);
      const start = Date.now();
      await send(topic, [2]);
      await until('the second', () => stage.handler.seen.length === 2);
      expect(Date.now() - start).toBeLessThan(1_000);
      await stage.stop();
    });

    it('publishes and marks as consumed, both or neither', async () => {
      const [from, to] = [await newTopic(1), await newTopic(1)];
      const group = newGroup();
      await send(from, numbers(0, 40));
      const transactionalId = `tx-${randomUUID()}`;
      const publisher = bus.exactlyOncePublisher({ transactionalId, group });
      const handler = new RecordingHandler();
      handler.before = (items) =>
        publisher.publishConsumed(
          items.map((item) => note(to, 'k', `out-${item.value.id}`, item.time)),
          consumedBy(items),
        );
      const stage = startStage(bus, { group, topics: [from], handler, commits: 'handler', maxItems: 7 });
      await until('40 records', () => handler.seen.length === 40);
      await stage.stop();
      expect((await bus.lagOf(group, [from])).get(from)).toBe(0);
      const out = startStage(bus, { group: newGroup(), topics: [to] });
      await until('40 results', () => out.handler.seen.length >= 40);
      await out.stop();
      expect(out.handler.ids).toEqual(numbers(0, 40).map((id) => `out-${id}`));
    });

    it('writes to the partition that is asked for, whatever the key says', async () => {
      const topic = await newTopic(4);
      await bus.publisher().publish([0, 1, 2, 3, 3].map((partition) => ({ ...note(topic, 'k', String(partition), 1), partition })));
      const stage = startStage(bus, { group: newGroup(), topics: [topic] });
      await until('all five', () => stage.handler.seen.length === 5);
      await stage.stop();
      expect(stage.handler.seen.every(({ partition, value }) => value.id === String(partition))).toBe(true);
    });

    it('gives a transactional id back to the holder who takes it again', async () => {
      const topic = await newTopic(1);
      const options = { transactionalId: `tx-${randomUUID()}`, group: newGroup() };
      const old = bus.exactlyOncePublisher(options);
      await old.publishConsumed([note(topic, 'k', 'old', 1)], []);
      const young = bus.exactlyOncePublisher(options);
      await young.publishConsumed([note(topic, 'k', 'young', 2)], []);
      await old.open();
      await expect(young.publishConsumed([note(topic, 'k', 'zombie', 3)], [])).rejects.toMatchObject({ code: 'bus.fenced' });
      await old.publishConsumed([note(topic, 'k', 'again', 4)], []);
      const reader = startStage(bus, { group: newGroup(), topics: [topic] });
      await until('the last', () => reader.handler.ids.includes('again'));
      await reader.stop();
      expect(reader.handler.ids).toEqual(['old', 'young', 'again']);
    });

    it('has nothing left to read behind records that came in transactions, whoever commits', async () => {
      const [topic, to, group] = [await newTopic(2), await newTopic(1), newGroup()];
      const writer = bus.exactlyOncePublisher({ transactionalId: `tx-${randomUUID()}`, group: newGroup() });
      for (const id of ['1', '2', '3']) await writer.publishConsumed([note(topic, id, id, 1)], []);
      const publisher = bus.exactlyOncePublisher({ transactionalId: `tx-${randomUUID()}`, group });
      const handler = new RecordingHandler();
      handler.before = (items) => publisher.publishConsumed([note(to, 'k', 'out', 1)], consumedBy(items));
      const stage = startStage(bus, { group, topics: [topic], handler, commits: 'handler' });
      await until('no lag', async () => (await bus.lagOf(group, [topic])).get(topic) === 0);
      expect(handler.ids.toSorted()).toEqual(['1', '2', '3']);
      await stage.stop();
      const again = startStage(bus, { group, topics: [topic], commits: 'handler' });
      await writer.publishConsumed([note(topic, '4', '4', 1)], []);
      await until('the fourth', () => again.handler.seen.length > 0);
      await again.stop();
      expect(again.handler.ids).toEqual(['4']);
    });

    it('fences the holder of a transactional id once another has taken it', async () => {
      const topic = await newTopic(1);
      const options = { transactionalId: `tx-${randomUUID()}`, group: newGroup() };
      const old = bus.exactlyOncePublisher(options);
      await old.publishConsumed([note(topic, 'k', 'old', 1)], []);
      const young = bus.exactlyOncePublisher(options);
      await young.publishConsumed([note(topic, 'k', 'young', 2)], []);
      await expect(old.publishConsumed([note(topic, 'k', 'zombie', 3)], [])).rejects.toMatchObject({ code: 'bus.fenced' });
      const reader = startStage(bus, { group: newGroup(), topics: [topic] });
      await young.publishConsumed([note(topic, 'k', 'last', 4)], []);
      await until('the last', () => reader.handler.ids.includes('last'));
      await reader.stop();
      expect(reader.handler.ids).toEqual(['old', 'young', 'last']);
    });
  });
}
