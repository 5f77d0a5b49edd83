import { comparePlaces, type BusRecord, type Mark } from '@keyward/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marksRecord, orderHeaders } from './marks.js';
import { OrderedPartition, type Released } from './ordered-partition.js';

const INPUTS = ['okta/0', 'okta/1', 'entra/0'];
type Line = Omit<BusRecord, 'offset'>;
const entry = (input: string, reach: number, name: string): Line => ({
  key: 'k',
  value: Buffer.from(name),
  headers: orderHeaders({ input, reach }),
  timestamp: 0,
});
const marks = (...of: Mark[]): Line => {
  const { value, headers } = marksRecord(of);
  return { key: undefined, value: Buffer.from(value), headers, timestamp: 0 };
};
const logOf = (lines: readonly Line[]): BusRecord[] => lines.map((line, offset) => ({ ...line, offset }));
const readAll = (partition: OrderedPartition, log: readonly BusRecord[]): Released[] => log.flatMap((record) => partition.read(record));
const namesOf = (released: readonly Released[]): string[] => released.map(({ record }) => record.value.toString());
const behind = (input: string, reach: number): Mark => ({ input, reach, behind: true });
const rests = (input: string, reach: number): Mark => ({ input, reach, behind: false });

describe('restoring the order of a partition', () => {
  it('holds what an input that is behind may still come before', () => {
    const partition = new OrderedPartition(['a/0', 'b/0'], undefined);
    const log = logOf([entry('a/0', 5, 'a5'), marks(rests('a/0', 5), behind('b/0', 1)), entry('b/0', 3, 'b3'), marks(behind('b/0', 4))]);
    expect(namesOf(readAll(partition, log))).toEqual(['b3']);
    expect(namesOf(readAll(partition, [{ ...marks(behind('b/0', 6)), offset: 4 }]))).toEqual(['a5']);
  });
  it('waits for an input that nobody has spoken of', () => {
    const partition = new OrderedPartition(['a/0', 'b/0'], undefined);
    expect(readAll(partition, logOf([entry('a/0', 5, 'a5'), marks(rests('a/0', 5))]))).toEqual([]);
    expect(partition.isBehind).toBe(true);
    expect(namesOf(partition.force())).toEqual(['a5']);
  });
  it('releases at once while all inputs rest, also what comes late', () => {
    const partition = new OrderedPartition(['a/0', 'b/0'], undefined);
    const log = logOf([marks(rests('a/0', 1), rests('b/0', 1)), entry('a/0', 9, 'a9'), entry('b/0', 3, 'b3')]);
    expect(namesOf(readAll(partition, log))).toEqual(['a9', 'b3']);
  });
  it('leaves a record without an order where it stands', () => {
    const partition = new OrderedPartition(['a/0'], undefined);
    const log = logOf([entry('a/0', 5, 'a5'), { key: 'k', value: Buffer.from('stranger'), headers: {}, timestamp: 0 }]);
    expect(namesOf(readAll(partition, log))).toEqual(['stranger']);
  });
  it('commits before what still waits, and behind the last mark when nothing does', () => {
    const partition = new OrderedPartition(['a/0', 'b/0'], undefined);
    const [waits, ...rest] = logOf([entry('a/0', 5, 'a5'), entry('b/0', 3, 'b3'), marks(rests('a/0', 5), behind('b/0', 3))]);
    partition.read(waits!);
    for (const record of rest) for (const released of partition.read(record)) partition.handled(released.record.offset);
    expect(partition.position.nextOffset).toBe(0);
    partition.read({ ...marks(rests('b/0', 3)), offset: 3 }).forEach((released) => {
      partition.handled(released.record.offset);
    });
    expect(partition.position.nextOffset).toBe(4);
  });
});

/** Inputs with event times in any order; workers that each read some of them, in any order, and write transactions that interleave in any way. */
const History = fc.record({
  // Hours, so that there are days between them.
  inputs: fc.tuple(
    ...INPUTS.map(() =>
      fc.array(
        fc.integer({ min: 0, max: 30 }).map((time) => time * 4 * 3_600_000),
        { maxLength: 20 },
      ),
    ),
  ),
  workerOf: fc.tuple(...INPUTS.map(() => fc.nat({ max: 2 }))),
  schedule: fc.infiniteStream(fc.record({ worker: fc.nat({ max: 2 }), input: fc.nat(), size: fc.integer({ min: 1, max: 5 }) })),
});
type History = typeof History extends fc.Arbitrary<infer H> ? H : never;

/** What the workers write to one partition of the topic. A worker announces all its inputs before it writes anything. */
function written({ inputs, workerOf, schedule }: History): BusRecord[] {
  const lines: Line[] = [];
  const next = inputs.map(() => 0);
  const announced = new Set<number>();
  const reachAt = (of: number): number => Math.max(0, ...inputs[of]!.slice(0, next[of]));
  const markOf = (of: number): Mark => ({ input: INPUTS[of]!, reach: reachAt(of), behind: next[of]! < inputs[of]!.length });
  for (const { worker, input, size } of schedule) {
    const own = INPUTS.map((_, of) => of).filter((of) => workerOf[of] === worker);
    if (announced.size === new Set(workerOf).size && inputs.every((times, of) => next[of]! >= times.length)) break;
    if (own.length === 0) continue;
    if (!announced.has(worker)) {
      announced.add(worker);
      lines.push(marks(...own.map(markOf)));
      continue;
    }
    const of = own[input % own.length]!;
    for (let at = 0; at < size && next[of]! < inputs[of]!.length; at += 1) {
      next[of]! += 1;
      lines.push(entry(INPUTS[of]!, reachAt(of), `${INPUTS[of]!}#${next[of]!}`));
    }
    lines.push(marks(markOf(of)));
  }
  return logOf(lines);
}

/** The one order: by reach, then input, then place in the input. */
function expected({ inputs }: History): string[] {
  return inputs
    .flatMap((times, of) =>
      times.map((_, at) => ({ reach: Math.max(...times.slice(0, at + 1)), input: INPUTS[of]!, at, name: `${INPUTS[of]!}#${at + 1}` })),
    )
    .sort((a, b) => a.reach - b.reach || (a.input < b.input ? -1 : a.input > b.input ? 1 : a.at - b.at))
    .map(({ name }) => name);
}

describe('restoring the order of a partition, for any history', () => {
  it('gives the same order whatever workers wrote it, in whatever interleaving', () => {
    fc.assert(
      fc.property(History, (history) => {
        expect(namesOf(readAll(new OrderedPartition(INPUTS, undefined), written(history)))).toEqual(expected(history));
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it('goes on after a crash exactly where it was: what was handled comes at the same place again, and nothing is left out', () => {
    fc.assert(
      fc.property(History, fc.nat(), fc.nat(), (history, readUntil, handledUntil) => {
        const log = written(history);
        const whole = readAll(new OrderedPartition(INPUTS, undefined), log);
        const first = new OrderedPartition(INPUTS, undefined);
        const before = readAll(first, log.slice(0, readUntil % (log.length + 1)));
        const handled = before.slice(0, handledUntil % (before.length + 1));
        for (const { record } of handled) first.handled(record.offset);
        const { nextOffset, note } = first.position;
        const through = handled.at(-1)?.place;
        const again = readAll(new OrderedPartition(INPUTS, note), log.slice(nextOffset));
        const missing = again.filter(({ place }) => through === undefined || comparePlaces(place, through) > 0);
        expect([...handled, ...missing].map(({ place }) => place)).toEqual(whole.map(({ place }) => place));
      }),
      { seed: 11, numRuns: 500 },
    );
  });
});
