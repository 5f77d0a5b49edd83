import { demoStart, makePeople } from '@keyward/fixtures';
import type { Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Servers, demoOrganisation, kafkaAvailable, pause, startLine, until, type RunningLine } from './harness.js';

const AWAY_MS = 20_000;
const people = makePeople();

describe.skipIf(!kafkaAvailable())('a part that goes away while records flow (needs Apache Kafka)', () => {
  let servers: Servers;
  let line: RunningLine;
  let producer: Producer;
  /** Ids of all records that the broker has said yes to. */
  const taken: string[] = [];
  let flowing = true;
  let flow: Promise<void>;

  const signIn = (index: number): string => {
    const person = people[index % people.length]!;
    return JSON.stringify({
      uuid: `flow-${String(index).padStart(6, '0')}`,
      published: new Date().toISOString(),
      eventType: 'user.session.start',
      severity: 'INFO',
      outcome: { result: 'SUCCESS' },
      actor: { id: person.oktaId, type: 'User', alternateId: person.upn, displayName: person.displayName },
      client: { ipAddress: '198.51.100.7' },
    });
  };
  /** Forty records a second; what the broker did not take is sent again until it does, as a forwarder does. */
  const keepSending = async (): Promise<void> => {
    for (let next = 0; flowing;) {
      const messages = Array.from({ length: 4 }, (_, at) => ({ key: String((next + at) % 64), value: signIn(next + at) }));
      try {
        await producer.send({ topic: 'access.raw.okta', messages, acks: -1, timeout: 5_000 });
        for (let at = 0; at < 4; at += 1) taken.push(`flow-${String(next + at).padStart(6, '0')}`);
        next += 4;
      } catch {
        await pause(500);
      }
      await pause(100);
    }
  };
  const stored = (): Promise<number> => line.ground.count('access_events');
  const everythingIsThere = async (): Promise<void> => {
    const sent = taken.length;
    await until(`${sent} rows`, async () => (await stored()) >= sent, 90_000, 500);
  };

  beforeAll(async () => {
    servers = await Servers.start();
    line = await startLine(servers, { organisation: demoOrganisation(demoStart(Date.now())) });
    producer = await servers.plainProducer();
    flow = keepSending();
    await until('the line to run', async () => (await stored()) > 20);
  });
  afterAll(async () => {
    flowing = false;
    await flow;
    await line.stop();
    await servers.close();
  });

  it('goes on by itself when the store was stopped for 20 seconds', async () => {
    await servers.store.kill();
    const before = taken.length;
    await pause(AWAY_MS);
    expect(taken.length).toBeGreaterThan(before);
    await servers.startStore();
    await everythingIsThere();
  });

  it('goes on by itself when the broker was stopped for 20 seconds', async () => {
    await servers.kafka.stop();
    const before = taken.length;
    await pause(AWAY_MS);
    await servers.startKafka();
    await until('the producer to get through again', () => Promise.resolve(taken.length > before + 20), 90_000);
    await everythingIsThere();
  });

  it('goes on by itself when the broker was killed', async () => {
    await servers.kafka.kill();
    await pause(1_000);
    await servers.startKafka();
    const before = taken.length;
    await until('the producer to get through again', () => Promise.resolve(taken.length > before + 20), 90_000);
    await everythingIsThere();
  });

  it('has lost nothing and doubled nothing', async () => {
    flowing = false;
    await flow;
    await line.ground.settled();
    const rows = await line.ground.rows<{ native_id: string }>('SELECT native_id FROM access_events FINAL ORDER BY native_id');
    expect(rows.map(({ native_id }) => native_id)).toEqual(taken.toSorted());
    const kept = await line.ground.rows<{ n: number }>('SELECT sum(kept) AS n FROM ingest_minutes FINAL');
    expect(kept[0]?.n).toBeGreaterThanOrEqual(taken.length);
  });
});
