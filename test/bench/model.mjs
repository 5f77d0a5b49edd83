// Score and learn by themselves, one thread, beside what others compute of the same events in the same run; and what one identity takes.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createBehaviourModel } from '@keyward/baselines';
import { COMPARATORS } from '@keyward/evaluation';
import { dayOf } from '@keyward/events';
import { load } from './machine.mjs';
import { mixedEvents } from './mixed-events.mjs';

/** Events handled between two looks at the clock: assessments live as long as a batch of the line lets them. */
const BATCH = 500;

/** @returns rates for each second of CPU over the second half of the history: what came before is for learning, and for the compiler */
export function modelBenchmark(count) {
  const { organisation, events } = mixedEvents(count);
  const half = events.length >> 1;
  const comparators = COMPARATORS.map((make) => {
    const comparator = make();
    const cpu = new Stopwatch();
    eachBatch(events, (batch, isMeasured, isLastOfDay, day) => {
      cpu.run(isMeasured, () => {
        for (const { identity, event } of batch) comparator.observe(event, identity);
        if (isLastOfDay) comparator.closeDay(day);
      });
    });
    return { id: comparator.id, title: comparator.title, perCpuSecond: (events.length - half) / cpu.seconds };
  });

  const model = createBehaviourModel();
  const profiles = new Map();
  let snapshot = model.emptySnapshot();
  let builder = model.snapshotBuilder(snapshot, organisation);
  const cpu = new Stopwatch();
  const snapshots = new Stopwatch();
  eachBatch(events, (batch, isMeasured, isLastOfDay, day) => {
    const assessments = [];
    cpu.run(isMeasured, () => {
      for (const { identity, event } of batch) {
        let profile = profiles.get(identity);
        if (!profile) profiles.set(identity, (profile = model.emptyProfile()));
        const input = { event, identity, profile, snapshot, organisation };
        const assessment = model.assess(input);
        model.advance(input, assessment);
        assessments.push(assessment);
      }
    });
    snapshots.run(isMeasured, () => {
      batch.forEach(({ identity, event }, index) => builder.add(identity, event, assessments[index]));
      if (!isLastOfDay) return;
      snapshot = builder.build(day + 1);
      builder = model.snapshotBuilder(snapshot, organisation);
    });
  });
  const perCpuSecond = (events.length - half) / cpu.seconds;
  return {
    events: events.length,
    identities: profiles.size,
    perCpuSecond,
    withSnapshots: (events.length - half) / (cpu.seconds + snapshots.seconds),
    ...sizes(model, [...profiles.values()]),
    comparators: comparators.map((one) => ({ ...one, ratio: perCpuSecond / one.perCpuSecond })),
    load: load(),
  };
}

class Stopwatch {
  seconds = 0;
  run(isMeasured, work) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    if (isMeasured) this.seconds += (user + system) / 1e6;
  }
}

/** Calls `work` with at most {@link BATCH} events of one day at a time. */
function eachBatch(events, work) {
  const half = events.length >> 1;
  for (let from = 0; from < events.length;) {
    const day = dayOf(events[from].event.time);
    let to = from;
    // The half is an edge too, so that what is measured is whole batches.
    while (to < events.length && to - from < BATCH && dayOf(events[to].event.time) <= day && (from >= half || to < half)) to += 1;
    const next = events[to];
    work(events.slice(from, to), from >= half, next === undefined || dayOf(next.event.time) > day, day);
    from = to;
  }
}

/**
 * Of profiles as stored, and as they lie in memory once read back: nothing shared with the events they came from. Read several times, all kept, the middle one
 * of what each copy takes: what the first compiles and interns (names and places, once for all who share them) would be a quarter of a few hundred profiles.
 */
function sizes(model, profiles) {
  const encoded = profiles.map((profile) => model.encodeProfile(profile));
  const bytes = encoded.map((text) => Buffer.byteLength(text)).sort((a, b) => a - b);
  const copies = [];
  const taken = [];
  for (let copy = 0; copy < 7; copy += 1) {
    const before = usedHeap();
    copies.push(encoded.map((text) => model.decodeProfile(text)));
    taken.push((usedHeap() - before) / encoded.length);
  }
  const inMemory = copies.length === taken.length ? taken.sort((a, b) => a - b)[3] : 0; // the copies live up to here
  return {
    storedBytes: { mean: mean(bytes), p99: bytes[Math.floor(bytes.length * 0.99)] ?? 0, most: bytes.at(-1) ?? 0 },
    memoryBytes: inMemory,
  };
}
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
/** Heap and array buffers in use, in bytes, after full collections: one frees what the one before found. */
function usedHeap() {
  for (let time = 0; time < 4; time += 1) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
