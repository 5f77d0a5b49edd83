import type { Collector } from '@keyward/adapter-collectors';
import { createLocalBus } from '@keyward/adapter-kafka';
import {
  InvalidInputError,
  Metrics,
  UnavailableError,
  rawTopic,
  silentLogger,
  sleep,
  systemClock,
  type Batch,
  type MessageBus,
} from '@keyward/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { TOPICS } from '../line.js';
import { CollectRunner } from './collect-runner.js';
import type { ConfiguredCollector } from './collectors-file.js';

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.stop();
});

async function aBus() {
  const bus = createLocalBus({ logger: silentLogger, metrics: new Metrics() });
  await bus.ensureTopics(TOPICS);
  const records: string[] = [];
  const reading = new AbortController();
  const ended = bus.runStage<string>({
    group: 'reader',
    topics: [rawTopic('okta')],
    signal: reading.signal,
    handler: {
      prepare: (batch: Batch) => batch.records.map((record) => ({ ...batch, ...record, time: 0, value: record.value.toString() })),
      handle: (items) => {
        records.push(...items.map(({ value }) => value));
        return Promise.resolve([]);
      },
      assigned: () => undefined,
      checkpoint: () => Promise.resolve([]),
    },
  });
  open.push({
    stop: async () => {
      reading.abort();
      await ended;
    },
  });
  return { bus, records };
}

async function aWorker(bus: MessageBus, collectors: readonly Collector[], options: { instance?: string; worker?: string } = {}) {
  const metrics = new Metrics();
  const failures: unknown[] = [];
  const runner = new CollectRunner({
    ...{ bus, metrics, clock: systemClock, logger: silentLogger, instance: options.instance ?? 'worker-1' },
    collectors: collectors.map((collector): ConfiguredCollector => ({ collector, worker: options.worker })),
  });
  await runner.start((error) => failures.push(error));
  open.push(runner);
  return { runner, metrics, failures };
}

/** Gives the numbers from 1, one each 5 ms: what is behind its cursor is known exactly. */
const counting = (name: string, more: Partial<Collector> = {}): Collector => ({
  name,
  source: 'okta',
  run: async ({ intake }, signal) => {
    let next = Number((await intake.cursor(name)) ?? 0) + 1;
    while (!signal.aborted) {
      await intake.put(name, 'okta', [`${name}:${next}`], String(next));
      next += 1;
      await sleep(5, signal).catch(() => undefined);
    }
  },
  ...more,
});

const numbersOf = (records: readonly string[], name: string): number[] =>
  records
    .filter((record) => record.startsWith(`${name}:`))
    .map((record) => Number(record.slice(name.length + 1)))
    .toSorted((a, b) => a - b);
const oneTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe('collecting', () => {
  it('hands collectors over to another worker without gap or double, as workers come and go', async () => {
    const { bus, records } = await aBus();
    const names = ['a', 'b', 'c', 'd', 'e'];
    const collectors = (): Collector[] => names.map((name) => counting(name));
    const first = await aWorker(bus, collectors());
    await expect.poll(() => numbersOf(records, 'a').length).toBeGreaterThan(5);
    const second = await aWorker(bus, collectors(), { instance: 'worker-2' });
    await sleep(100);
    await first.runner.stop();
    const seen = records.length;
    await expect.poll(() => records.length, { timeout: 10_000 }).toBeGreaterThan(seen + 50);
    const third = await aWorker(bus, collectors(), { instance: 'worker-3' });
    await sleep(100);
    await third.runner.stop();
    await second.runner.stop();
    await sleep(50);
    for (const name of names) expect(numbersOf(records, name)).toEqual(oneTo(numbersOf(records, name).length));
    expect([...first.failures, ...second.failures, ...third.failures]).toEqual([]);
  });

  it('runs a listener on every worker that has it', async () => {
    const { bus } = await aBus();
    const running = new Set<string>();
    const listener = (instance: string): Collector => ({
      ...{ name: 'syslog', source: 'linux', runsOn: 'every' as const },
      run: async (_, signal) => {
        running.add(instance);
        await sleep(60_000, signal).catch(() => undefined);
        running.delete(instance);
      },
    });
    for (const instance of ['worker-1', 'worker-2']) await aWorker(bus, [listener(instance)], { instance });
    await expect.poll(() => [...running]).toEqual(['worker-1', 'worker-2']);
  });

  it('runs what the file gives to one worker there, and nowhere else', async () => {
    const { bus, records } = await aBus();
    await aWorker(bus, [counting('pinned')], { worker: 'worker-2' });
    await sleep(100);
    expect(records).toEqual([]);
    await aWorker(bus, [counting('pinned')], { instance: 'worker-2', worker: 'worker-2' });
    await expect.poll(() => numbersOf(records, 'pinned').length).toBeGreaterThan(3);
  });

  it('begins a collector anew at its cursor when it fails for a while, and says so in a metric', async () => {
    const { bus, records } = await aBus();
    let runs = 0;
    const failing = counting('failing', {
      run: async (context, signal) => {
        runs += 1;
        if (runs > 1) return counting('failing').run(context, signal);
        await context.intake.put('failing', 'okta', ['failing:1', 'failing:2'], '2');
        throw new UnavailableError('vendor.away', 'away');
      },
    });
    const { metrics } = await aWorker(bus, [failing]);
    await expect.poll(() => numbersOf(records, 'failing'), { timeout: 10_000 }).toContain(4);
    expect(numbersOf(records, 'failing').slice(0, 4)).toEqual([1, 2, 3, 4]);
    expect(await metrics.registry.metrics()).toMatch(/keyward_collector_failures_total\{collector="failing",code="vendor.away"\} 1/);
  });

  it('lets the others go on when a collector can not work', async () => {
    const { bus, records } = await aBus();
    const refused = counting('refused', { run: () => Promise.reject(new InvalidInputError('vendor.forbidden', 'no permission')) });
    const { metrics, failures } = await aWorker(bus, [refused, counting('good')]);
    await expect.poll(() => numbersOf(records, 'good').length).toBeGreaterThan(5);
    expect(await metrics.registry.metrics()).toMatch(/keyward_collector_up\{collector="refused"\} 0/);
    expect(failures).toEqual([]);
  });

  it('tells of a bug at once', async () => {
    const { bus } = await aBus();
    const bug = new TypeError('a bug');
    const { failures } = await aWorker(bus, [counting('bad', { run: () => Promise.reject(bug) })]);
    await expect.poll(() => failures).toEqual([bug]);
  });

  it('lets a collector put what it has in hand when the worker stops', async () => {
    const { bus, records } = await aBus();
    const lastWord = counting('last', {
      run: async ({ intake }, signal) => {
        await intake.put('last', 'okta', ['last:1'], '1');
        await sleep(60_000, signal).catch(() => undefined);
        await intake.put('last', 'okta', ['last:2'], '2');
      },
    });
    const { runner } = await aWorker(bus, [lastWord]);
    await expect.poll(() => numbersOf(records, 'last')).toEqual([1]);
    await runner.stop();
    await expect.poll(() => numbersOf(records, 'last')).toEqual([1, 2]);
  });

  it('refuses a topic of cursors that somebody made with fewer partitions', async () => {
    const bus = createLocalBus({ logger: silentLogger, metrics: new Metrics() });
    await bus.ensureTopics([{ name: 'access.cursors', partitions: 1 }]);
    await expect(aWorker(bus, [counting('a')])).rejects.toMatchObject({ code: 'collectors.cursors_topic' });
  });
});
