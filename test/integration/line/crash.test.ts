import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuardedChild } from '@keyward/adapter-embedded';
import { DAY_MS } from '@keyward/events';
import { demoStart, makeDemo, type VendorRecord } from '@keyward/fixtures';
import { rawTopic } from '@keyward/runtime';
import { startReceiver, type Receiver } from '@keyward/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { Ground, Servers, kafkaAvailable, produce, requireBuild, startWorker, until } from './harness.js';
import { differences, outcomeOf, type Outcome } from './outcome.js';

const available = kafkaAvailable();
const DEMO_DAYS = 30;

/** Two of the demo's histories, one after the other; what repeats an id gets one of its own. Some 56,000 records in order of time. */
function twoHistories(start: number): VendorRecord[] {
  const before = [...makeDemo(start - DEMO_DAYS * DAY_MS).records()].map((one): VendorRecord => {
    const text = JSON.stringify(one.record).replace(/"(uuid|id)":"(?=[^"]*")/u, '"$1":"before-');
    return one.source === 'cyberark' ? one : { ...one, record: JSON.parse(text) as object };
  });
  return [...before, ...[...makeDemo(start).records()].filter(({ time }) => time <= Date.now())];
}

interface Plan {
  readonly workers: number;
  /** Times a worker, each in its turn, is ended by SIGKILL on the way and started again. */
  readonly kills: number;
}
interface Run {
  readonly outcome: Outcome;
  readonly receiver: Receiver;
  readonly kills: number;
  /** Times a worker went on without what it waited for: the order is then not what it was. */
  readonly forced: number;
}

/** Worker processes work through a backlog that was there before them. */
async function run(records: readonly VendorRecord[], start: number, { workers, kills }: Plan): Promise<Run> {
  const [servers, receiver] = await Promise.all([Servers.start(), startReceiver()]);
  const ground = await Ground.prepare(servers, {
    organisation: makeDemo(start).organisation,
    policy: `version: 1
rules: [{ id: observe-everything }]
sinks:
  - id: siem
    product: webhook
    minSeverity: medium
    settings: { url: '${receiver.url}', secretEnvs: [TEST_SIEM_SECRET] }
`,
    env: {
      TEST_SIEM_SECRET: receiver.secret,
      KEYWARD_OUTBOUND_ALLOWED_HOSTS: receiver.host,
      KEYWARD_MAX_ALERT_AGE_HOURS: String(24 * 400),
    },
  });
  const names = Array.from({ length: workers }, (_, index) => `worker-${index + 1}`);
  const running = new Map<string, GuardedChild>();
  try {
    await produce(await servers.plainProducer(), records);
    const topics = [...new Set(records.map(({ source }) => rawTopic(source)))];
    const produced = [...(await ground.bus.endOffsets(topics)).values()].flatMap((ends) => [...ends.values()]);
    expect(produced.reduce((sum, end) => sum + end, 0)).toBe(records.length);
    for (const name of names) running.set(name, await startWorker(ground, name));
    let done = 0;
    for (; done < kills; done += 1) {
      // Spread over the whole backlog, and over whatever the worker does at such moments.
      const enough = Math.floor((records.length * (done + 0.5)) / kills);
      await until(`${enough} rows`, async () => (await ground.count('access_events')) >= enough, 240_000, 100);
      await sleep((done * 137) % 900);
      const name = names[done % names.length] ?? '';
      await running.get(name)?.kill();
      running.set(name, await startWorker(ground, name));
    }
    await ground.settled(240_000);
    await until('all deliveries', async () => (await ground.count('deliveries', "state != 'delivered'")) === 0, 60_000);
    const outcome = await outcomeOf(ground);
    for (const worker of running.values()) await worker.stop(30_000);
    const logs = names.map((name) => readFileSync(join(servers.directory, `${name}.log`), 'utf8')).join('');
    return { outcome, receiver, kills: done, forced: logs.split(/goes on without partitions|begins a day although/u).length - 1 };
  } finally {
    await Promise.all([...running.values()].map((worker) => worker.kill()));
    await ground.close();
    await servers.close();
    await receiver.stop();
  }
}

describe.skipIf(!available)('workers that are killed again and again, and several that share the work (needs Apache Kafka)', () => {
  const start = demoStart(Date.now());
  const records = twoHistories(start);
  const runs = new Map<string, Run>();
  const theRun = (name: string): Run => runs.get(name) ?? expect.fail(`there was no run ${name}`);
  const told = ({ receiver }: Run): string[] =>
    receiver
      .unique()
      .map(({ id }) => id)
      .toSorted();

  beforeAll(async () => {
    requireBuild();
    const plans = { undisturbed: { workers: 1, kills: 0 }, killed: { workers: 1, kills: 10 }, shared: { workers: 3, kills: 3 } };
    for (const [name, plan] of Object.entries(plans)) {
      const began = performance.now();
      const one = await run(records, start, plan);
      runs.set(name, one);
      const { rows, findings, alerts } = one.outcome;
      process.stderr.write(
        `${name}: ${records.length} records, ${rows.size} rows, ${findings.size} findings, ${alerts.size} alerts, ` +
          `${one.receiver.received.length} POSTs, ${one.kills} kills, ${Math.round((performance.now() - began) / 1_000)} s\n`,
      );
    }
  }, 1_500_000);

  it('works through more than 50,000 records, which lead to alerts', () => {
    expect(records.length).toBeGreaterThan(50_000);
    expect(theRun('undisturbed').outcome.rows.size).toBe(records.length);
    expect(theRun('undisturbed').outcome.alerts.size).toBeGreaterThan(10);
  });

  it.each(['killed', 'shared'])('leaves the same rows, scores, findings, alerts and grants as an undisturbed run: %s', (name) => {
    const [undisturbed, other] = [theRun('undisturbed'), theRun(name)];
    expect(other.kills).toBeGreaterThanOrEqual(3);
    expect([undisturbed.forced, other.forced]).toEqual([0, 0]);
    expect(differences(undisturbed.outcome, other.outcome)).toEqual({});
    expect(other.outcome.digest).toBe(undisturbed.outcome.digest);
  });

  it.each(['killed', 'shared'])('tells the receiver of the same alerts, each once from its view: %s', (name) => {
    const [undisturbed, other] = [theRun('undisturbed'), theRun(name)];
    expect(told(other)).toEqual(told(undisturbed));
    expect(undisturbed.receiver.received).toHaveLength(undisturbed.receiver.unique().length);
    // A kill between the receiver's yes and our note of it repeats that one message: the same id, so the receiver drops it.
    expect(other.receiver.received.length - other.receiver.unique().length).toBeLessThanOrEqual(other.kills);
    expect([...undisturbed.receiver.problems, ...other.receiver.problems]).toEqual([]);
  });
});
