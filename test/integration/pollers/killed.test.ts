import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GuardedChild } from '@keyward/adapter-embedded';
import { GraphLogServer, OktaLogServer, type PlayedRecord } from '@keyward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ground, Servers, kafkaAvailable, pause, requireBuild, startWorker, until } from '../line/harness.js';

const available = kafkaAvailable();
const HISTORY = 2_000;
/** A fifth of what happens is shown late, by up to this. */
const LATE_MS = 8_000;

/** Not random: the same history on each run. */
const fraction = (n: number): number => (n * 0.618033988749895) % 1;

/** Two vendors' logs: a history of some minutes, and what happens from now on. */
class Vendors {
  readonly okta = new OktaLogServer({ pageSize: () => 40 });
  readonly graph = new GraphLogServer({ pageSize: () => 60 });
  readonly expected = { okta: [] as string[], entra: [] as string[] };
  #count = 0;

  async start(): Promise<this> {
    await Promise.all([this.okta.start(), this.graph.start()]);
    return this;
  }
  async stop(): Promise<void> {
    await Promise.all([this.okta.stop(), this.graph.stop()]);
  }
  happens(at: number): void {
    this.#count += 1;
    const record: PlayedRecord = {
      id: `r${this.#count}`,
      at,
      visibleAt: at + (this.#count % 5 === 0 ? Math.round(fraction(this.#count) * LATE_MS) : 0),
    };
    this.okta.add(record);
    this.expected.okta.push(record.id);
    this.graph.add({ ...record, list: 'directoryAudits' });
    this.expected.entra.push(record.id);
  }
}

describe.skipIf(!available)('pollers on workers that are killed (needs Apache Kafka)', () => {
  let servers: Servers;
  let vendors: Vendors;
  let ground: Ground;
  const workers = new Map<string, GuardedChild>();

  beforeAll(async () => {
    requireBuild();
    [servers, vendors] = await Promise.all([Servers.start(), new Vendors().start()]);
    const file = join(servers.directory, 'pollers.yaml');
    const { okta, graph } = vendors;
    const common = 'pollSeconds: 0.3, lateMinutes: 0.5, startHoursAgo: 1';
    writeFileSync(
      file,
      `version: 1
collectors:
  - name: okta
    kind: okta
    settings: { url: '${okta.origin}', tokenEnv: TEST_OKTA_TOKEN, ${common} }
  - name: entra
    kind: entra
    settings:
      { tenantId: ${graph.tenantId}, clientId: ${graph.clientId}, clientSecretEnv: TEST_ENTRA_SECRET, graphUrl: '${graph.origin}', loginUrl: '${graph.origin}', logs: [audit], spacingMs: 0, ${common} }
`,
    );
    ground = await Ground.prepare(servers, {
      env: {
        ROLES: 'collect',
        KEYWARD_COLLECTORS_FILE: file,
        TEST_OKTA_TOKEN: okta.apiToken,
        TEST_ENTRA_SECRET: graph.clientSecret,
        KEYWARD_OUTBOUND_ALLOWED_HOSTS: `${okta.host},${graph.host}`,
      },
    });
  });
  afterAll(async () => {
    for (const worker of workers.values()) await worker.kill();
    await ground.close();
    await Promise.all([servers.close(), vendors.stop()]);
  });

  const idsIn = async (topic: string, member: string): Promise<string[]> =>
    (await servers.read(topic)).map(({ value }) => String((JSON.parse(value) as Readonly<Record<string, unknown>>)[member]));

  it('put each record once, late ones too, whichever worker is killed in the middle of what', async () => {
    const begin = Date.now();
    for (let n = 0; n < HISTORY; n += 1) vendors.happens(begin - 40 * 60_000 + n * 1_000);
    const happening = setInterval(() => {
      vendors.happens(Date.now());
    }, 40);
    for (const name of ['worker-1', 'worker-2']) workers.set(name, await startWorker(ground, name));
    await until('the first records', async () => (await idsIn('access.raw.okta', 'uuid')).length > 100);
    for (const [round, name] of ['worker-1', 'worker-2', 'worker-1'].entries()) {
      await workers.get(name)?.kill();
      await pause(Math.round(fraction(round + 1) * 3_000));
      workers.set(name, await startWorker(ground, name));
      await pause(Math.round(fraction(round + 5) * 6_000));
    }
    clearInterval(happening);
    const { expected } = vendors;
    await until(
      'all records of both',
      async () =>
        (await idsIn('access.raw.okta', 'uuid')).length >= expected.okta.length &&
        (await idsIn('access.raw.entra', 'id')).length >= expected.entra.length,
      150_000,
      2_000,
    );
    // What would be put twice comes while the last minutes are read again.
    await pause(20_000);
    expect((await idsIn('access.raw.okta', 'uuid')).toSorted()).toEqual(expected.okta.toSorted());
    expect((await idsIn('access.raw.entra', 'id')).toSorted()).toEqual(expected.entra.toSorted());
    expect([...vendors.okta.problems, ...vendors.graph.problems]).toEqual([]);
    process.stdout.write(`pollers: ${expected.okta.length} records of each of two vendors, each once, over 3 kills of two workers\n`);
  }, 500_000);
});
