import { randomUUID } from 'node:crypto';
import type { MessageBus } from '@keyward/runtime';
import { describe, expect, it } from 'vitest';
import { newGroup, newTopic, send } from './bus-fixture.js';
import { RecordingHandler, consumedBy, note, numbers, startStage, until } from './recording-stage.js';

/** What `exactlyOncePublisher` promises. */
export function busTransactions(bus: () => MessageBus): void {
  describe('transactions', () => {
    it('publishes and marks as consumed, both or neither', async () => {
      const [from, to] = [await newTopic(bus(), 1), await newTopic(bus(), 1)];
      const group = newGroup();
      await send(bus(), from, numbers(0, 40));
      const transactionalId = `tx-${randomUUID()}`;
      const publisher = bus().exactlyOncePublisher({ transactionalId, group });
      const handler = new RecordingHandler();
      handler.before = (items) =>
        publisher.publishConsumed(
          items.map((item) => note(to, 'k', `out-${item.value.id}`, item.time)),
          consumedBy(items),
        );
      const stage = startStage(bus(), { group, topics: [from], handler, commits: 'handler', maxItems: 7 });
      await until('40 records', () => handler.seen.length === 40);
      await stage.stop();
      expect((await bus().lagOf(group, [from])).get(from)).toBe(0);
      const out = startStage(bus(), { group: newGroup(), topics: [to] });
      await until('40 results', () => out.handler.seen.length >= 40);
      await out.stop();
      expect(out.handler.ids).toEqual(numbers(0, 40).map((id) => `out-${id}`));
    });

    it('gives a transactional id back to the holder who takes it again', async () => {
      const topic = await newTopic(bus(), 1);
      const options = { transactionalId: `tx-${randomUUID()}`, group: newGroup() };
      const old = bus().exactlyOncePublisher(options);
      await old.publishConsumed([note(topic, 'k', 'old', 1)], []);
      const young = bus().exactlyOncePublisher(options);
      await young.publishConsumed([note(topic, 'k', 'young', 2)], []);
      await old.open();
      await expect(young.publishConsumed([note(topic, 'k', 'zombie', 3)], [])).rejects.toMatchObject({ code: 'bus.fenced' });
      await old.publishConsumed([note(topic, 'k', 'again', 4)], []);
      const reader = startStage(bus(), { group: newGroup(), topics: [topic] });
      await until('the last', () => reader.handler.ids.includes('again'));
      await reader.stop();
      expect(reader.handler.ids).toEqual(['old', 'young', 'again']);
    });

    it('has nothing left to read behind records that came in transactions, whoever commits', async () => {
      const [topic, to, group] = [await newTopic(bus(), 2), await newTopic(bus(), 1), newGroup()];
      const writer = bus().exactlyOncePublisher({ transactionalId: `tx-${randomUUID()}`, group: newGroup() });
      for (const id of ['1', '2', '3']) await writer.publishConsumed([note(topic, id, id, 1)], []);
      const publisher = bus().exactlyOncePublisher({ transactionalId: `tx-${randomUUID()}`, group });
      const handler = new RecordingHandler();
      handler.before = (items) => publisher.publishConsumed([note(to, 'k', 'out', 1)], consumedBy(items));
      const stage = startStage(bus(), { group, topics: [topic], handler, commits: 'handler' });
      await until('no lag', async () => (await bus().lagOf(group, [topic])).get(topic) === 0);
      expect(handler.ids.toSorted()).toEqual(['1', '2', '3']);
      await stage.stop();
      const again = startStage(bus(), { group, topics: [topic], commits: 'handler' });
      await writer.publishConsumed([note(topic, '4', '4', 1)], []);
      await until('the fourth', () => again.handler.seen.length > 0);
      await again.stop();
      expect(again.handler.ids).toEqual(['4']);
    });

    it('fences the holder of a transactional id once another has taken it', async () => {
      const topic = await newTopic(bus(), 1);
      const options = { transactionalId: `tx-${randomUUID()}`, group: newGroup() };
      const old = bus().exactlyOncePublisher(options);
      await old.publishConsumed([note(topic, 'k', 'old', 1)], []);
      const young = bus().exactlyOncePublisher(options);
      await young.publishConsumed([note(topic, 'k', 'young', 2)], []);
      await expect(old.publishConsumed([note(topic, 'k', 'zombie', 3)], [])).rejects.toMatchObject({ code: 'bus.fenced' });
      const reader = startStage(bus(), { group: newGroup(), topics: [topic] });
      await young.publishConsumed([note(topic, 'k', 'last', 4)], []);
      await until('the last', () => reader.handler.ids.includes('last'));
      await reader.stop();
      expect(reader.handler.ids).toEqual(['old', 'young', 'last']);
    });
  });
}
