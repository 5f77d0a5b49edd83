import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventOrder } from './event-order.js';
import type { PackedEvent } from './packed-events.js';

function anEvent(time: number, uid: string): PackedEvent {
  const bytes = Buffer.from(`--{"uid":"${uid}"}--`);
  const known = { time, source: 'okta', uid, session: undefined, entries: [`a+identity:${uid}`] };
  return { ...known, bytes, from: 2, to: bytes.length - 2 };
}
const jsonOf = ({ bytes, from, to }: PackedEvent): string => bytes.toString('utf8', from, to);

async function ordered(batches: readonly (readonly PackedEvent[])[], runEvents?: number): Promise<readonly string[]> {
  const order = new EventOrder(runEvents);
  for (const batch of batches) await order.add(batch);
  const uids: string[] = [];
  for await (const events of order.inOrder())
    for (const event of events) {
      expect(event.entries).toEqual([`a+identity:${event.uid}`]);
      expect(jsonOf(event)).toBe(`{"uid":"${event.uid}"}`);
      uids.push(event.uid);
    }
  return uids;
}

describe('event order', () => {
  it('is by time, then by uid, whatever the order of the input', async () => {
    expect(await ordered([[anEvent(3, 'c'), anEvent(1, 'b')], [anEvent(1, 'a')]])).toEqual(['a', 'b', 'c']);
  });
  it('gives a record that stands in two exports once', async () => {
    expect(await ordered([[anEvent(1, 'a'), anEvent(2, 'b')], [anEvent(2, 'b')]])).toEqual(['a', 'b']);
  });
  it('gives nothing for nothing', async () => {
    expect(await ordered([])).toEqual([]);
  });
  it('is the same through sorted runs on disk as in memory', async () => {
    const events = fc.array(fc.tuple(fc.nat(50), fc.nat(500)), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.array(events, { maxLength: 6 }), async (batches) => {
        // The same uid has the same time, as for one record of a vendor.
        const input = batches.map((batch) => batch.map(([time, id]) => anEvent(time, `${time}-${id}`)));
        expect(await ordered(input, 7)).toEqual(await ordered(input));
      }),
      { numRuns: 30 },
    );
  });
});
