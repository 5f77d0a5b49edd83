import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoStart, makeDemo, type VendorRecord } from '@keyward/fixtures';
import { startReceiver, type Receiver } from '@keyward/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { Ground, Servers, kafkaAvailable, produce, requireBuild, startWorker, until } from './harness.js';
import { differences, outcomeOf, type Outcome } from './outcome.js';

const available = kafkaAvailable();
const KILLS = 10;

interface Run {
  readonly outcome: Outcome;
  readonly receiver: Receiver;
  readonly kills: number;
  /** Times the worker went on without a partition that gave nothing: the order of a backlog is then not what it was. */
  readonly unaligned: number;
}

/** A worker process works through a backlog that was there before it; `kills` times it is ended by SIGKILL on the way and started again. */
async function run(records: readonly VendorRecord[], start: number, kills: number): Promise<Run> {
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
  try {
    await produce(await servers.plainProducer(), records);
    let worker = await startWorker(ground);
    let done = 0;
    for (; done < kills; done += 1) {
      // Spread over the whole backlog, and over whatever the worker does at such moments.
      const enough = Math.floor((records.length * (done + 0.5)) / kills);
      await until(`${enough} rows`, async () => (await ground.count('access_events')) >= enough, 180_000, 100);
      await sleep((done * 137) % 900);
      await worker.kill();
      worker = await startWorker(ground);
    }
    await ground.settled(180_000);
    await until('all deliveries', async () => (await ground.count('deliveries', "state != 'delivered'")) === 0, 60_000);
    const outcome = await outcomeOf(ground);
    await worker.stop(30_000);
    const log = readFileSync(join(servers.directory, 'worker.log'), 'utf8');
    return { outcome, receiver, kills: done, unaligned: log.split('goes on without partitions').length - 1 };
  } finally {
    await ground.close();
    await servers.close();
    await receiver.stop();
  }
}

describe.skipIf(!available)('a worker that is killed again and again (needs Apache Kafka)', () => {
  const start = demoStart(Date.now());
  const records = [...makeDemo(start).records()].filter(({ time }) => time <= Date.now());
  let undisturbed: Run;
  let killed: Run;

  beforeAll(async () => {
    requireBuild();
    undisturbed = await run(records, start, 0);
    killed = await run(records, start, KILLS);
    process.stderr.write(
      `${records.length} records, ${undisturbed.outcome.rows.size} rows, ${undisturbed.outcome.findings.size} findings, ` +
        `${undisturbed.outcome.alerts.size} alerts, ${undisturbed.receiver.received.length} POSTs undisturbed, ` +
        `${killed.receiver.received.length} with ${killed.kills} kills\n`,
    );
  }, 600_000);
  it('leaves the same rows, scores, findings, alerts and grants as an undisturbed run', () => {
    expect(undisturbed.outcome.rows.size).toBeGreaterThan(20_000);
    expect(undisturbed.outcome.alerts.size).toBeGreaterThan(5);
    expect(killed.kills).toBe(KILLS);
    expect([undisturbed.unaligned, killed.unaligned]).toEqual([0, 0]);
    expect(differences(undisturbed.outcome, killed.outcome)).toEqual({});
    expect(killed.outcome.digest).toBe(undisturbed.outcome.digest);
  });

  it('tells the receiver of the same alerts, each once from its view', () => {
    const ids = ({ receiver }: Run): string[] =>
      receiver
        .unique()
        .map(({ id }) => id)
        .toSorted();
    expect(ids(killed)).toEqual(ids(undisturbed));
    expect(undisturbed.receiver.received).toHaveLength(undisturbed.receiver.unique().length);
    // A kill between the receiver's yes and our note of it repeats that one message: the same id, so the receiver drops it.
    expect(killed.receiver.received.length - killed.receiver.unique().length).toBeLessThanOrEqual(KILLS);
    expect([...undisturbed.receiver.problems, ...killed.receiver.problems]).toEqual([]);
  });
});
