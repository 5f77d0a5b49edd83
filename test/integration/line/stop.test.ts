import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { demoStart, makeDemo } from '@keyward/fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ground, Servers, kafkaAvailable, produce, requireBuild, until } from './harness.js';

const MAIN = fileURLToPath(new URL('../../../apps/pipeline/dist/main.js', import.meta.url));
/** Half of what container platforms allow before they insist. */
const IN_TIME_MS = 15_000;

describe.skipIf(!kafkaAvailable())('SIGTERM to the worker (needs Apache Kafka)', () => {
  let servers: Servers;
  let ground: Ground;
  let records = 0;

  /** Without a guard: what is tested is how the process itself ends. */
  const start = (): ChildProcess => {
    const log = openSync(join(servers.directory, 'worker.log'), 'a');
    return spawn(process.execPath, [MAIN], { env: { ...process.env, ...ground.env }, stdio: ['ignore', log, log] });
  };
  const exitOf = (worker: ChildProcess): Promise<number | string | null> =>
    new Promise((resolve) =>
      worker.once('exit', (code, signal) => {
        resolve(code ?? signal);
      }),
    );

  beforeAll(async () => {
    requireBuild();
    servers = await Servers.start();
    const begin = demoStart(Date.now());
    const demo = makeDemo(begin);
    ground = await Ground.prepare(servers, { organisation: demo.organisation });
    records = await produce(await servers.plainProducer(), [...demo.records()].slice(0, 12_000));
  });
  afterAll(async () => {
    await ground.close();
    await servers.close();
  });

  it('in the middle of a backlog: stops in order within seconds, exit code 0, nothing behind what is committed, nothing left running', async () => {
    const worker = start();
    const exit = exitOf(worker);
    await until('the first rows', async () => (await ground.count('access_events')) > 500, 60_000, 50);
    const asked = performance.now();
    worker.kill('SIGTERM');
    expect(await exit).toBe(0);
    expect(performance.now() - asked).toBeLessThan(IN_TIME_MS);
    expect(existsSync(`/proc/${worker.pid ?? 0}`)).toBe(false);

    const rows = await ground.count('access_events');
    expect(rows).toBeLessThan(records); // it was in the middle
    // Everything was saved and committed on the way out; what other inputs must come before stays, and is known again by its place.
    const saved = await ground.rows<{ partition: number }>("SELECT DISTINCT partition FROM ledgers FINAL WHERE stage = 'assess'");
    const committed = await servers.committed('keyward-assess', 'access.events');
    expect(saved.length).toBeGreaterThan(0);
    for (const { partition } of saved) expect(committed.get(partition)).toBeGreaterThanOrEqual(0);
  });

  it('started again: joins at once, since it has left its groups, and finishes the rest', async () => {
    const worker = start();
    const exit = exitOf(worker);
    const began = performance.now();
    const before = await ground.count('access_events');
    await until('it to go on', async () => (await ground.count('access_events')) > before, 60_000, 50);
    // A member that had died without a word would hold its partitions for ten seconds more, on top of the start.
    expect(performance.now() - began).toBeLessThan(IN_TIME_MS);
    await ground.settled();
    const kept = await ground.rows<{ n: number }>('SELECT sum(kept) AS n FROM ingest_minutes FINAL');
    expect(await ground.count('access_events')).toBe(kept[0]?.n);
    worker.kill('SIGTERM');
    expect(await exit).toBe(0);
  });

  it('with nothing to do: stops as well', async () => {
    const worker = start();
    const exit = exitOf(worker);
    await until('it to answer', async () => (await fetch(`http://127.0.0.1:${ground.env['KEYWARD_WORKER_PORT'] ?? ''}/readyz`)).ok);
    const asked = performance.now();
    worker.kill('SIGTERM');
    expect(await exit).toBe(0);
    expect(performance.now() - asked).toBeLessThan(IN_TIME_MS);
  });
});
