import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuardedChild } from '@keyward/adapter-embedded';
import { KafkaConfig, groupMembers } from '@keyward/adapter-kafka';
import { makeDemo, type VendorRecord } from '@keyward/fixtures';
import { loadConfig, rawTopic } from '@keyward/runtime';
import { startReceiver, type Receiver } from '@keyward/testkit';
import { expect } from 'vitest';
import { Ground, Servers, produce, requireBuild, startWorker, until } from './harness.js';
import { outcomeOf, type Outcome } from './outcome.js';

export interface Plan {
  readonly workers: number;
  /** Times a worker, each in its turn, is ended by SIGKILL on the way and started again. */
  readonly kills: number;
  /** Of each topic; default: the configured number. */
  readonly partitions?: number;
}
export interface Run<B, A> {
  readonly outcome: Outcome;
  readonly receiver: Receiver;
  readonly kills: number;
  /** Times a worker went on without what it waited for: the order is then not what it was. */
  readonly forced: number;
  readonly seconds: number;
  /** Workers that ASSESS was shared out to in the end. */
  readonly sharing: number;
  readonly beside: B;
  readonly after: A;
}

/** What is looked at when everything is worked through. */
export interface Look<B, A> {
  /** While the workers still run. */
  readonly beside: (ground: Ground) => Promise<B>;
  /** When all have stopped in order. */
  readonly after: (ground: Ground) => Promise<A>;
}
const nothing = (): Promise<undefined> => Promise.resolve(undefined);
export const NO_LOOK: Look<undefined, undefined> = { beside: nothing, after: nothing };

/**
 * Worker processes work through a backlog that was there before them, on a broker and a store of their own.
 */
export async function workThrough<B, A>(
  records: readonly VendorRecord[],
  start: number,
  { workers, kills, partitions }: Plan,
  look: Look<B, A>,
): Promise<Run<B, A>> {
  requireBuild();
  const began = performance.now();
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
      ...(partitions !== undefined && { KAFKA_TOPIC_PARTITIONS: String(partitions) }),
    },
  });
  const names = Array.from({ length: workers }, (_, index) => `worker-${index + 1}`);
  const running = new Map<string, GuardedChild>();
  try {
    await produce(await servers.plainProducer(), records);
    const topics = [...new Set(records.map(({ source }) => rawTopic(source)))];
    const produced = [...(await ground.bus.endOffsets(topics)).values()].flatMap((ends) => [...ends.values()]);
    expect(produced.reduce((sum, end) => sum + end, 0)).toBe(records.length);
    // All at once: the first ones are at work while the others join, so that the partitions are shared out again and again.
    const started = await Promise.allSettled(names.map(async (name) => running.set(name, await startWorker(ground, name))));
    for (const one of started) if (one.status === 'rejected') throw one.reason;
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
    const sharing = await groupMembers(loadConfig(KafkaConfig, ground.env), 'keyward-assess');
    const beside = await look.beside(ground);
    for (const worker of running.values()) await worker.stop(30_000);
    const logs = names.map((name) => readFileSync(join(servers.directory, `${name}.log`), 'utf8')).join('');
    const forced = logs.split(/goes on without partitions|begins a day although/u).length - 1;
    const seconds = Math.round((performance.now() - began) / 1_000);
    return { outcome, receiver, kills: done, sharing, forced, seconds, beside, after: await look.after(ground) };
  } finally {
    await Promise.all([...running.values()].map((worker) => worker.kill()));
    await ground.close();
    await servers.close();
    await receiver.stop();
  }
}
