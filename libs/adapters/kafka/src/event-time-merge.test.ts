import fc from 'fast-check';
import type { Prepared } from '@keyward/runtime';
import { describe, expect, it } from 'vitest';
import { EventTimeMerge, type TopicPartition } from './event-time-merge.js';

const A = { topic: 'access.raw.entra', partition: 0 };
const B = { topic: 'access.raw.okta', partition: 0 };
const items = (of: TopicPartition, times: readonly number[], firstOffset = 0): Prepared<string>[] =>
  times.map((time, index) => ({ ...of, offset: firstOffset + index, time, value: `${of.topic}@${time}` }));
const times = (taken: readonly Prepared<string>[]): number[] => taken.map((item) => item.time);

function mergeOf(...partitions: TopicPartition[]): EventTimeMerge<string> {
  const merge = new EventTimeMerge<string>();
  merge.assign(partitions);
  return merge;
}

describe('merging partitions by event time', () => {
  it('releases the oldest head first, whichever partition it stands in', () => {
    const merge = mergeOf(A, B);
    merge.push(A, items(A, [1, 4, 5]));
    merge.push(B, items(B, [2, 3, 6]));
    merge.setBehind(A, false);
    merge.setBehind(B, false);
    expect(times(merge.take(10))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('waits for a partition that is behind and has nothing here', () => {
    const merge = mergeOf(A, B);
    merge.push(A, items(A, [1, 2]));
    expect(merge.take(10)).toEqual([]);
    expect(merge.waitingFor()).toEqual([expect.objectContaining(B)]);
    merge.push(B, items(B, [0]));
    expect(times(merge.take(10))).toEqual([0]);
    merge.setBehind(B, false);
    expect(times(merge.take(10))).toEqual([1, 2]);
  });

  it('goes on without it when it is told to', () => {
    const merge = mergeOf(A, B);
    merge.push(A, items(A, [1, 2]));
    expect(times(merge.take(10, true))).toEqual([1, 2]);
  });

  it('does not wait for a partition that has caught up', () => {
    const merge = mergeOf(A, B);
    merge.setBehind(B, false);
    merge.push(A, items(A, [1, 2]));
    expect(times(merge.take(10))).toEqual([1, 2]);
  });

  it('never begins a new UTC day in the middle of a batch, and late items cut nothing', () => {
    const DAY = 86_400_000;
    const merge = mergeOf(A, B);
    merge.push(A, items(A, [1, DAY - 1, DAY + 5]));
    merge.push(B, items(B, [2, DAY, 7]));
    merge.setBehind(A, false);
    merge.setBehind(B, false);
    expect(times(merge.take(10))).toEqual([1, 2, DAY - 1]);
    expect(times(merge.take(10))).toEqual([DAY, 7, DAY + 5]);
    expect(merge.take(10)).toEqual([]);
  });

  it('keeps offset order within a partition when one clock is years off', () => {
    const merge = mergeOf(A, B);
    merge.push(A, items(A, [1, 9_999, 2, 3]));
    merge.push(B, items(B, [2, 4]));
    merge.setBehind(A, false);
    merge.setBehind(B, false);
    expect(merge.take(10).map((item) => `${item.topic.slice(11)} ${item.offset}`)).toEqual([
      'entra 0',
      'okta 0',
      'okta 1',
      'entra 1',
      'entra 2',
      'entra 3',
    ]);
  });

  it('starts a partition anew when its offsets go back', () => {
    const merge = mergeOf(A);
    merge.push(A, items(A, [5, 6], 5));
    merge.push(A, items(A, [3, 4, 5, 6], 3));
    merge.setBehind(A, false);
    expect(merge.take(10).map((item) => item.offset)).toEqual([3, 4, 5, 6]);
  });

  it('drops items of a partition that is not ours any more', () => {
    const merge = mergeOf(A);
    merge.push(B, items(B, [1]));
    merge.setBehind(A, false);
    expect(merge.take(10)).toEqual([]);
  });
});

/** Some partitions with times in any order, cut into fetches that arrive in any order between partitions. */
const Backlog = fc.array(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 25 }), { minLength: 1, maxLength: 4 }).chain((partitions) =>
  fc.record({
    partitions: fc.constant(partitions),
    arrivals: fc.infiniteStream(
      fc.record({ which: fc.nat(), size: fc.integer({ min: 1, max: 6 }), takes: fc.integer({ min: 0, max: 9 }) }),
    ),
  }),
);

/** Feeds the backlog as it arrives and takes now and then; returns everything in the order it was released. */
function released(
  partitions: readonly (readonly number[])[],
  arrivals: Iterable<{ readonly which: number; readonly size: number; readonly takes: number }>,
  from: readonly number[] = partitions.map(() => 0),
): Prepared<string>[] {
  const of = partitions.map((_, index) => ({ topic: `t${index % 2}`, partition: index }));
  const merge = mergeOf(...of);
  const next = [...from];
  partitions.forEach((all, index) => {
    if ((next[index] ?? 0) >= all.length) merge.setBehind(of[index]!, false);
  });
  const out: Prepared<string>[] = [];
  for (const { which, size, takes } of arrivals) {
    const open = partitions.flatMap((all, index) => ((next[index] ?? 0) < all.length ? [index] : []));
    if (open.length === 0) break;
    const index = open[which % open.length]!;
    const start = next[index]!;
    next[index] = Math.min(partitions[index]!.length, start + size);
    merge.push(of[index]!, items(of[index]!, partitions[index]!.slice(start, next[index]), start));
    if (next[index] >= partitions[index]!.length) merge.setBehind(of[index]!, false);
    out.push(...merge.take(takes));
  }
  out.push(...merge.take(Infinity));
  return out;
}
const names = (taken: readonly Prepared<string>[]): string[] => taken.map((item) => `${item.topic}/${item.partition}/${item.offset}`);
const atOnce = (partitions: readonly (readonly number[])[]) => partitions.map(() => ({ which: 0, size: 1_000, takes: 0 }));

describe('merging partitions by event time, for any backlog', () => {
  it('gives the same order however the fetches interleave', () => {
    fc.assert(
      fc.property(Backlog, ({ partitions, arrivals }) => {
        expect(names(released(partitions, arrivals))).toEqual(names(released(partitions, atOnce(partitions))));
      }),
      { seed: 7 },
    );
  });

  it('loses nothing, doubles nothing, and keeps offset order within each partition', () => {
    fc.assert(
      fc.property(Backlog, ({ partitions, arrivals }) => {
        const out = released(partitions, arrivals);
        partitions.forEach((all, index) => {
          expect(out.filter((item) => item.partition === index).map((item) => item.offset)).toEqual(all.map((_, offset) => offset));
        });
      }),
      { seed: 7 },
    );
  });

  it('goes on after a restart exactly as it would have without one', () => {
    fc.assert(
      fc.property(Backlog, fc.nat(), ({ partitions, arrivals }, cutAt) => {
        const whole = released(partitions, atOnce(partitions));
        const before = whole.slice(0, whole.length === 0 ? 0 : cutAt % whole.length);
        const heads = partitions.map((_, index) => before.filter((item) => item.partition === index).length);
        expect(names(released(partitions, arrivals, heads))).toEqual(names(whole.slice(before.length)));
      }),
      { seed: 7 },
    );
  });

  it('is sorted by time when each partition is', () => {
    fc.assert(
      fc.property(Backlog, ({ partitions, arrivals }) => {
        const sorted = partitions.map((all) => [...all].sort((a, b) => a - b));
        const out = times(released(sorted, arrivals));
        expect(out).toEqual([...out].sort((a, b) => a - b));
      }),
      { seed: 7 },
    );
  });
});
