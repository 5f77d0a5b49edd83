import type { BusRecord, Mark } from '@keyward/runtime';
import { RecordingHandler } from '@keyward/testkit';
import { describe, expect, it } from 'vitest';
import { MarkedIntake } from './marked-intake.js';
import { marksRecord, orderHeaders } from './marks.js';

const DAY_MS = 86_400_000;
const [P, Q] = [
  { topic: 'access.events', partition: 0 },
  { topic: 'access.events', partition: 1 },
];
const INPUTS = ['raw/0', 'raw/1'];

const entry = (offset: number, input: string, time: number): BusRecord => ({
  offset,
  key: 'k',
  value: Buffer.from(JSON.stringify({ id: `${input}@${time}`, time })),
  headers: orderHeaders({ input, reach: time }),
  timestamp: 0,
});
const marks = (offset: number, ...of: Mark[]): BusRecord => {
  const { value, headers } = marksRecord(of);
  return { offset, key: undefined, value: Buffer.from(value), headers, timestamp: 0 };
};
const resting = (reach = 0): Mark[] => INPUTS.map((input) => ({ input, reach, behind: false }));

function anIntake(alignDays: boolean, partitions = [P, Q]) {
  const intake = new MarkedIntake(new RecordingHandler(), alignDays);
  intake.assign(partitions, { notes: new Map(), inputs: INPUTS });
  const deliver = (of: typeof P, ...records: BusRecord[]): void => {
    intake.deliver({ ...of, records, highWatermark: 1_000 });
  };
  const take = (max = 100, force = false): string[] => {
    const items = intake.take(max, force);
    intake.handled(items);
    return items.map(({ value }) => value.id);
  };
  return { intake, deliver, take };
}

describe('what a stage is handed of a topic with marks', () => {
  it('merges partitions by reach, and cuts where it was asked to', () => {
    const { deliver, take } = anIntake(false);
    deliver(P, marks(0, ...resting()), entry(1, 'raw/0', 1), entry(2, 'raw/0', 3));
    deliver(Q, marks(0, ...resting()), entry(1, 'raw/1', 2));
    expect(take(2)).toEqual(['raw/0@1', 'raw/1@2']);
    expect(take()).toEqual(['raw/0@3']);
  });

  it('begins no day while another partition may still bring something of an earlier one', () => {
    const { intake, deliver, take } = anIntake(true);
    deliver(P, marks(0, ...resting(5)), entry(1, 'raw/0', 5));
    expect(take()).toEqual([]);
    expect(intake.waitingFor()).toEqual(['access.events/1']);
    deliver(Q, marks(0, ...resting(5)));
    expect(take()).toEqual(['raw/0@5']);
    deliver(P, marks(2, ...resting(DAY_MS)), entry(3, 'raw/0', DAY_MS));
    expect(take()).toEqual([]);
    deliver(Q, entry(1, 'raw/1', 9), marks(2, ...resting(DAY_MS)), entry(3, 'raw/1', DAY_MS + 1));
    expect(take()).toEqual(['raw/1@9']);
    expect(take()).toEqual(['raw/0@86400000', 'raw/1@86400001']);
  });

  it('goes on when it must, and says what it waited for', () => {
    const { intake, deliver, take } = anIntake(true);
    deliver(P, entry(0, 'raw/0', 5));
    expect(take()).toEqual([]);
    expect(intake.waitingFor()).toEqual(['access.events/0', 'access.events/1']);
    expect(take(100, true)).toEqual(['raw/0@5']);
  });

  it('tells how far each partition is handed over, and when it rests', () => {
    const { intake, deliver, take } = anIntake(false, [P]);
    const mark = (): Mark | undefined => intake.marks()[0];
    expect(mark()).toMatchObject({ input: 'access.events/0', behind: true });
    deliver(P, marks(0, { input: 'raw/0', reach: 4, behind: true }, { input: 'raw/1', reach: 9, behind: false }), entry(1, 'raw/0', 4));
    expect(mark()).toMatchObject({ reach: 4, behind: true });
    take();
    deliver(P, marks(2, { input: 'raw/0', reach: 7, behind: true }), entry(3, 'raw/0', 8));
    expect(mark()).toMatchObject({ reach: 7, behind: true });
    deliver(P, marks(4, { input: 'raw/0', reach: 8, behind: false }));
    expect(mark()).toMatchObject({ reach: 8, behind: true });
    expect(take()).toEqual(['raw/0@8']);
    expect(mark()).toEqual({ input: 'access.events/0', reach: 9, behind: false });
    // At the live edge nobody is told of every record, and nobody waits for it.
    deliver(P, entry(5, 'raw/1', 12));
    take();
    expect(mark()).toEqual({ input: 'access.events/0', reach: 12, behind: false });
  });

  it('commits nothing that was taken and is not handled: a stop may come before its next try', () => {
    const { intake, deliver } = anIntake(false, [P]);
    deliver(P, marks(0, ...resting()), entry(1, 'raw/0', 1), entry(2, 'raw/0', 2));
    const [first, ...rest] = intake.take(100, false);
    intake.handled(first ? [first] : []);
    expect(intake.commitOf({ ...P, nextOffset: 3 })).toMatchObject({ nextOffset: 2 });
    intake.handled(rest);
    expect(intake.commitOf({ ...P, nextOffset: 3 })).toMatchObject({ nextOffset: 3 });
  });

  it('commits behind the marks of a partition that rests', () => {
    const { intake, deliver, take } = anIntake(false, [P]);
    deliver(P, marks(0, ...resting()), entry(1, 'raw/0', 1), marks(2, ...resting()));
    take();
    expect(intake.holds(P)).toBe(false);
    intake.fetched(P, 4); // the marker of a transaction
    expect(intake.commitOf({ ...P, nextOffset: 2 })).toMatchObject({ nextOffset: 4 });
  });
});
