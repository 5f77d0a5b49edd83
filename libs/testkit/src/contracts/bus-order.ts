import type { MessageBus, OutRecord } from '@keyward/runtime';
import { describe, expect, it } from 'vitest';
import { newGroup, newTopic, send } from './bus-fixture.js';
import { RecordingHandler, consumedBy, note, numbers, startStage, until } from './recording-stage.js';

/** In which order a stage is handed the records of several inputs (ADR 0022). */
export function busOrder(bus: () => MessageBus): void {
  describe('order', () => {
    it('works a backlog of several topics through in event-time order', async () => {
      const [a, b, c] = [await newTopic(bus(), 1), await newTopic(bus(), 2), await newTopic(bus(), 1)];
      const of = (topic: string, times: readonly number[]): OutRecord[] =>
        times.map((time) => note(topic, `k${time % 5}`, `${topic}-${time}`, time));
      await bus()
        .publisher()
        .publish([
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
      const stage = startStage(bus(), { group: newGroup(), topics: [a, b, c], maxItems: 100, alignmentWaitMs: 20_000 });
      await until('4300 records', () => stage.handler.seen.length === 4_300);
      await stage.stop();
      const times = stage.handler.seen.map((item) => item.time);
      expect(times).toEqual([...times].sort((x, y) => x - y));
    });

    it('restores the order of what several workers wrote, and goes on in it after a crash that left something half done', async () => {
      const [from, to] = [await newTopic(bus(), 2), await newTopic(bus(), 1)];
      const inputs = [`${from}/0`, `${from}/1`] as const;
      const group = newGroup();
      const written = (input: string, times: readonly number[]): OutRecord[] =>
        times.map((time) => ({ ...note(to, 'k', `${input.at(-1) ?? ''}@${time}`, time), order: { input, reach: time } }));
      const publish = (input: string, times: readonly number[], behind: boolean): Promise<void> =>
        bus()
          .publisher()
          .publish(written(input, times), { topic: to, marks: [{ input, reach: times.at(-1) ?? 0, behind }] });
      const run = { group, topics: [to], inputs: [from], maxItems: 3, alignmentWaitMs: 60_000 };

      await publish(inputs[0], [1, 4, 6], true);
      await publish(inputs[1], [2, 3, 5], true);
      const dying = new RecordingHandler();
      dying.commits = (items) => (items.some(({ time }) => time > 3) ? [] : consumedBy(items));
      dying.checkpoint = () => Promise.resolve([]);
      const first = startStage(bus(), { ...run, handler: dying });
      await until('what is in order', () => dying.seen.length === 5);
      await first.stop();
      expect(dying.ids).toEqual(['0@1', '1@2', '1@3', '0@4', '1@5']);

      await publish(inputs[0], [9], false);
      await publish(inputs[1], [7], false);
      const second = startStage(bus(), { ...run });
      await until('the rest', () => second.handler.ids.includes('0@9'));
      await second.stop();
      // What was not committed comes again, at the place it had: whoever keeps the place of the last item it contains knows it again.
      const places = new Map([...dying.seen, ...second.handler.seen].map(({ value, place }) => [value.id, place]));
      for (const { value, place } of dying.seen) expect(places.get(value.id)).toEqual(place);
      expect(second.handler.ids.filter((id) => !dying.ids.includes(id))).toEqual(['0@6', '1@7', '0@9']);
      expect((await bus().lagOf(group, [to])).get(to)).toBe(0);
    });

    it('tells a stage that announces how far its inputs are, and that they rest', async () => {
      const topic = await newTopic(bus(), 2);
      await send(bus(), topic, [5]);
      const handler = new RecordingHandler();
      const stage = startStage(bus(), { group: newGroup(), topics: [topic], handler, announces: true });
      const rests = (input: string): boolean => handler.marks.findLast((mark) => mark.input === input)?.behind === false;
      await until('both rest', () => rests(`${topic}/0`) && rests(`${topic}/1`));
      await stage.stop();
      expect(handler.marks[0]).toEqual({ input: `${topic}/0`, reach: 0, behind: true });
      expect(Math.max(...handler.marks.map(({ reach }) => reach))).toBe(5);
    });
  });
}
