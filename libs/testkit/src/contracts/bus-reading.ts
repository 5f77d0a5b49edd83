import { randomUUID } from 'node:crypto';
import { UnavailableError, type Batch, type MessageBus, type OutRecord } from '@keyward/runtime';
import { describe, expect, it } from 'vitest';
import { newGroup, newTopic, send } from './bus-fixture.js';
import { RecordingHandler, note, numbers, startStage, until } from './recording-stage.js';

/** What a reader is handed, again after a failure and from where on after a restart; how far it is. */
export function busReading(bus: () => MessageBus): void {
  describe('reading', () => {
    it('hands on every record once, in offset order within its partition', async () => {
      const topic = await newTopic(bus());
      await send(bus(), topic, numbers(0, 500));
      const stage = startStage(bus(), { group: newGroup(), topics: [topic] });
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
      const topic = await newTopic(bus(), 4);
      const value = Buffer.from([0, 255, 10, 13, 0xf0, 0x9f, 0x98, 0x80]);
      await bus()
        .publisher()
        .publish(numbers(0, 20).map(() => ({ topic, key: 'identity:p-änna', value, headers: { 'ce-id': 'é1' } })));
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
      const stage = startStage(bus(), { group: newGroup(), topics: [topic], handler });
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
      const topic = await newTopic(bus());
      const group = newGroup();
      await send(bus(), topic, numbers(0, 50));
      const first = startStage(bus(), { group, topics: [topic] });
      await until('50 records', () => first.handler.seen.length === 50);
      await first.stop();
      expect(first.handler.checkpoints).toBe(1);
      await send(bus(), topic, numbers(50, 60));
      const second = startStage(bus(), { group, topics: [topic] });
      await until('10 records', () => second.handler.seen.length >= 10);
      await second.stop();
      expect(second.handler.ids.map(Number).sort((a, b) => a - b)).toEqual(numbers(50, 60));
    });

    it('reads again what was handled and not committed', async () => {
      const topic = await newTopic(bus());
      const group = newGroup();
      await send(bus(), topic, numbers(0, 30));
      const handler = new RecordingHandler();
      handler.commits = () => [];
      handler.checkpoint = () => Promise.resolve([]);
      const first = startStage(bus(), { group, topics: [topic], handler });
      await until('30 records', () => handler.seen.length === 30);
      await first.stop();
      const second = startStage(bus(), { group, topics: [topic] });
      await until('30 records again', () => second.handler.seen.length === 30);
      await second.stop();
      expect([...second.handler.ids].sort()).toEqual([...handler.ids].sort());
    });

    it('hands on the same items again after a retryable throw, and nothing else meanwhile', async () => {
      const topic = await newTopic(bus());
      await send(bus(), topic, numbers(0, 20));
      const handler = new RecordingHandler();
      const tries: string[] = [];
      handler.before = (items) => {
        tries.push(items.map((item) => item.value.id).join());
        return tries.length < 4 ? Promise.reject(new UnavailableError('store.away', 'away')) : Promise.resolve();
      };
      const stage = startStage(bus(), { group: newGroup(), topics: [topic], handler });
      await until('20 records', () => handler.seen.length === 20);
      await stage.stop();
      expect(tries.slice(0, 4)).toEqual([tries[0], tries[0], tries[0], tries[0]]);
      expect(new Set(handler.ids).size).toBe(20);
    });

    it('ends with the error when the stage throws what is not retryable', async () => {
      const topic = await newTopic(bus());
      await send(bus(), topic, [1]);
      const handler = new RecordingHandler();
      handler.before = () => Promise.reject(new TypeError('a bug'));
      const stage = startStage(bus(), { group: newGroup(), topics: [topic], handler });
      await expect(stage.ended).rejects.toThrow('a bug');
    });

    it('shares the partitions of a group and loses nothing when a member comes or goes', async () => {
      const topic = await newTopic(bus(), 4);
      const group = newGroup();
      const keyed = (ids: readonly number[]): OutRecord[] => ids.map((id) => note(topic, `key-${id}`, String(id), id));
      await bus()
        .publisher()
        .publish(keyed(numbers(0, 200)));
      const first = startStage(bus(), { group, topics: [topic], maxItems: 10 });
      await until('the first reads', () => first.handler.seen.length > 0);
      const second = startStage(bus(), { group, topics: [topic], maxItems: 10 });
      await until(
        'both have partitions',
        () => first.handler.assignments.at(-1)?.length === 2 && second.handler.assignments.at(-1)?.length === 2,
      );
      await bus()
        .publisher()
        .publish(keyed(numbers(200, 400)));
      const seen = (): Set<string> => new Set([...first.handler.ids, ...second.handler.ids]);
      await until('400 records', () => seen().size === 400);
      await first.stop();
      await bus()
        .publisher()
        .publish(keyed(numbers(400, 500)));
      await until('500 records', () => seen().size === 500);
      await second.stop();
      expect(second.handler.ids.length).toBeGreaterThan(0);
    });

    it('tells the lag of a group', async () => {
      const topic = await newTopic(bus());
      const group = newGroup();
      await send(bus(), topic, numbers(0, 25));
      expect((await bus().lagOf(group, [topic])).get(topic)).toBe(25);
      const stage = startStage(bus(), { group, topics: [topic] });
      await until('25 records', () => stage.handler.seen.length === 25);
      await stage.stop();
      expect((await bus().lagOf(group, [topic])).get(topic)).toBe(0);
    });

    it('tells where each partition ends, and leaves out a topic that does not exist', async () => {
      const topic = await newTopic(bus(), 3);
      const before = (await bus().endOffsets([topic])).get(topic);
      expect([...(before?.keys() ?? [])].toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
      await send(bus(), topic, numbers(0, 25));
      const ends = await bus().endOffsets([topic, `test.${randomUUID()}`]);
      expect([...ends.keys()]).toEqual([topic]);
      const grown = [...(ends.get(topic) ?? [])].reduce((sum, [partition, end]) => sum + end - (before?.get(partition) ?? 0), 0);
      expect(grown).toBe(25);
    });

    it('hands a fresh record on within a second', async () => {
      const topic = await newTopic(bus(), 4);
      const stage = startStage(bus(), { group: newGroup(), topics: [topic] });
      await until('has its partitions', () => stage.handler.assignments.length > 0);
      await send(bus(), topic, [1]);
      await until('the first', () => stage.handler.seen.length === 1);
      const start = Date.now();
      await send(bus(), topic, [2]);
      await until('the second', () => stage.handler.seen.length === 2);
      expect(Date.now() - start).toBeLessThan(1_000);
      await stage.stop();
    });

    it('writes to the partition that is asked for, whatever the key says', async () => {
      const topic = await newTopic(bus(), 4);
      await bus()
        .publisher()
        .publish([0, 1, 2, 3, 3].map((partition) => ({ ...note(topic, 'k', String(partition), 1), partition })));
      const stage = startStage(bus(), { group: newGroup(), topics: [topic] });
      await until('all five', () => stage.handler.seen.length === 5);
      await stage.stop();
      expect(stage.handler.seen.every(({ partition, value }) => value.id === String(partition))).toBe(true);
    });
  });
}
