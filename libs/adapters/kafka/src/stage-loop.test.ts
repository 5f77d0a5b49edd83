import { Metrics, UnavailableError, silentLogger, type Consumed } from '@keyward/runtime';
import { RecordingHandler, until } from '@keyward/testkit';
import { describe, expect, it } from 'vitest';
import { StageLoop, type Transport } from './stage-loop.js';

const P = { topic: 't', partition: 0 };
const batch = (offsets: readonly number[], bytes = 10) => ({
  ...P,
  highWatermark: 1_000_000,
  records: offsets.map((offset) => ({
    offset,
    key: 'k',
    value: Buffer.from(JSON.stringify({ id: String(offset), time: offset, filler: 'x'.repeat(bytes) })),
    headers: {},
    timestamp: 0,
  })),
});

function started(options: { readonly maxItems?: number; readonly commitFails?: number; readonly idleCheckpointMs?: number } = {}) {
  const handler = new RecordingHandler();
  const committed: (readonly Consumed[])[] = [];
  const paused: string[] = [];
  let failures = options.commitFails ?? 0;
  const transport: Transport = {
    commit: (consumed) => {
      if (failures > 0) {
        failures -= 1;
        return Promise.reject(new UnavailableError('bus.unavailable', 'away'));
      }
      committed.push(consumed);
      return Promise.resolve();
    },
    pause: () => paused.push('pause'),
    resume: () => paused.push('resume'),
  };
  const stop = new AbortController();
  const metrics = new Metrics();
  const run = {
    group: 'g',
    topics: ['t'],
    handler,
    signal: stop.signal,
    maxItems: options.maxItems ?? 100,
    retry: { firstDelayMs: 5, maxDelayMs: 10 },
  };
  const loop = new StageLoop(run, { logger: silentLogger, metrics, transport, idleCheckpointMs: options.idleCheckpointMs ?? 60_000 });
  const ended = loop.drive();
  ended.catch(() => undefined);
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  return { loop, handler, committed, paused, end, ended, metrics };
}

describe('driving a stage', () => {
  it('does nothing before it knows its partitions', async () => {
    const { loop, handler, end } = started();
    loop.deliver(batch([0, 1]));
    await end();
    expect([handler.seen.length, handler.checkpoints]).toEqual([0, 0]);
  });

  it('commits what the stage says, and tries a failed commit again', async () => {
    const { loop, handler, committed, end } = started({ commitFails: 1 });
    loop.assign([P]);
    loop.deliver(batch([0, 1]));
    await until('two', () => handler.seen.length === 2);
    await until('committed', () => committed.length === 1);
    expect(committed[0]).toEqual([{ ...P, nextOffset: 2, note: '1' }]);
    await end();
  });

  it('commits past the marker of a transaction once all before it is committed, so that a partition at rest has no lag', async () => {
    const { loop, handler, committed, end } = started();
    loop.assign([P]);
    loop.deliver(batch([0, 1]));
    await until('committed', () => committed.length === 1);
    loop.position(P, 3, 3);
    await until('committed again', () => committed.length === 2);
    expect(committed[1]).toEqual([{ ...P, nextOffset: 3, note: '1' }]);
    let open = (): void => undefined;
    handler.before = () =>
      new Promise<void>((resolve) => {
        open = resolve;
      });
    loop.deliver(batch([3]));
    loop.position(P, 5, 5); // its marker, while the record is still in hand
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(committed).toHaveLength(2);
    open();
    await until('both', () => committed.at(-1)?.[0]?.nextOffset === 5);
    await end();
  });

  it('pauses a partition that brings more than the stage can take, and resumes it', async () => {
    const { loop, handler, paused, end } = started({ maxItems: 10 });
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    handler.before = () => gate;
    loop.assign([P]);
    loop.deliver(batch(Array.from({ length: 50 }, (_, index) => index)));
    expect(paused).toEqual(['pause']);
    open();
    await until('all', () => handler.seen.length === 50);
    await until('resumed', () => paused.length === 2);
    expect(paused).toEqual(['pause', 'resume']);
    await end();
  });

  it('resumes what it had paused when the partitions are shared out anew', async () => {
    const { loop, handler, paused, end } = started({ maxItems: 10 });
    handler.before = () => Promise.reject(new UnavailableError('store.away', 'away'));
    loop.assign([P]);
    loop.deliver(batch(Array.from({ length: 50 }, (_, index) => index)));
    expect(paused).toEqual(['pause']);
    loop.assign([P]);
    expect(paused).toEqual(['pause', 'resume']);
    await end();
  });

  it('finishes the batch in hand before it gives its partitions away', async () => {
    const { loop, handler, committed, end } = started();
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    handler.before = () => gate;
    loop.assign([P]);
    loop.deliver(batch([0, 1]));
    await until('it has begun', () => loop.isBusy);
    let isReleased = false;
    const released = loop.release(5_000).then(() => {
      isReleased = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isReleased).toBe(false);
    open();
    await released;
    expect(committed).toEqual([[{ ...P, nextOffset: 2, note: '1' }]]);
    loop.assign([]);
    await end();
  });

  it('gives a batch up that only waits for its next try when the group shares out anew', async () => {
    const { loop, handler, end } = started();
    handler.before = () => Promise.reject(new UnavailableError('store.away', 'away'));
    loop.assign([P]);
    loop.deliver(batch([0]));
    await until('it has begun', () => loop.isBusy);
    await loop.release(5_000);
    handler.before = () => Promise.resolve();
    loop.assign([P]);
    loop.deliver(batch([0]));
    await until('one', () => handler.seen.length === 1);
    expect(handler.assignments).toHaveLength(2);
    await end();
  });

  it('commits nothing over a lost connection, nor for partitions it had before', async () => {
    const { loop, handler, committed, end } = started();
    loop.assign([P]);
    handler.before = () => {
      loop.lost();
      return Promise.resolve();
    };
    loop.deliver(batch([0]));
    await until('one', () => handler.seen.length === 1);
    loop.assign([]);
    await end();
    expect(committed.flat().filter((one) => one.nextOffset === 1)).toHaveLength(handler.checkpoints);
  });

  it('asks a stage to save when it has heard nothing for a while', async () => {
    const { loop, handler, committed, end } = started({ idleCheckpointMs: 50 });
    handler.commits = () => [];
    loop.assign([P]);
    loop.deliver(batch([0, 1]));
    await until('a checkpoint', () => handler.checkpoints === 1);
    await until('committed', () => committed.length === 1);
    expect(committed[0]).toEqual([{ ...P, nextOffset: 2, note: '1' }]);
    await end();
  });

  it('says in its metrics that a batch waits for its next try', async () => {
    const { loop, handler, end, metrics } = started();
    let tries = 0;
    handler.before = () => (++tries < 3 ? Promise.reject(new UnavailableError('store.away', 'away')) : Promise.resolve());
    loop.assign([P]);
    loop.deliver(batch([0]));
    await until('one', () => handler.seen.length === 1);
    await end();
    expect(await metrics.registry.getSingleMetricAsString('keyward_reader_retries_total')).toContain(
      'keyward_reader_retries_total{group="g"} 2',
    );
  });
});
