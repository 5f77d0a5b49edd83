import { OutboundHttp } from '@keyward/outbound';
import { Metrics, UnavailableError, silentLogger, type ForeignCluster, type ForeignRead, type ForeignTopics } from '@keyward/runtime';
import { describe, expect, it } from 'vitest';
import { KeptIntake, Killed } from '../../test/played-run.js';
import { kafka } from './kafka.collector.js';
import { Offsets } from './offsets.js';

const ENV = { HUB: 'Endpoint=sb://example.servicebus.windows.net/', WHO: 'keyward' };
const SETTINGS = {
  source: 'entra',
  brokers: ['example.servicebus.windows.net:9093'],
  topics: ['insights-logs-signinlogs'],
  tls: true,
  sasl: { mechanism: 'plain', username: '$ConnectionString', passwordEnv: 'HUB' },
};

/** A cluster of one topic with one partition: what it is asked with, and what it has. */
class PlayedCluster implements ForeignTopics {
  readonly asked: { cluster: ForeignCluster; read: ForeignRead }[] = [];
  values: (string | undefined)[] = [];
  async read(cluster: ForeignCluster, read: ForeignRead): Promise<void> {
    this.asked.push({ cluster, read });
    const topic = read.topics[0] ?? '';
    const end = this.values.length;
    let at = read.positions.find((one) => one.topic === topic)?.nextOffset ?? (read.from === 'latest' ? end : 0);
    await read.onStart([{ topic, partition: 0, nextOffset: at }]);
    for (; at < end; at += 2) {
      const values = this.values.slice(at, at + 2);
      const nextOffset = at + values.length;
      await read.onBatch({ topic, partition: 0, values, nextOffset, behind: end - nextOffset });
    }
  }
}

function aCollector(settings: object = {}, cluster = new PlayedCluster()) {
  const parts = { http: new OutboundHttp(), env: ENV, foreignTopics: cluster };
  const made = kafka.create('hub', { ...SETTINGS, ...settings }, parts);
  const metrics = new Metrics();
  const intake = new KeptIntake();
  const run = () => made.run({ intake, metrics, logger: silentLogger, now: () => 0 }, new AbortController().signal);
  return { cluster, intake, metrics, run };
}

describe('topics of another cluster', () => {
  it('puts each record once, over kills before and after a put', async () => {
    const { cluster, intake, run } = aCollector();
    cluster.values = ['a', 'b', 'c', 'd', 'e'];
    intake.deaths = [undefined, undefined, 'after', 'before'];
    await expect(run()).rejects.toBeInstanceOf(Killed);
    await expect(run()).rejects.toBeInstanceOf(Killed);
    await run();
    expect(intake.records).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('moves on behind a record without a value, and puts nothing for it', async () => {
    const { cluster, intake, run } = aCollector();
    cluster.values = ['a', undefined, '', undefined];
    await run();
    expect(intake.records).toEqual(['a']);
    expect(Offsets.read(intake.stored, 'hub').all()).toEqual([{ topic: 'insights-logs-signinlogs', partition: 0, nextOffset: 4 }]);
  });

  it('keeps where the end was when it begins there', async () => {
    const { cluster, intake, run } = aCollector({ from: 'latest' });
    cluster.values = ['old'];
    await run();
    cluster.values.push('new');
    await run();
    expect(intake.records).toEqual(['new']);
  });

  it("reads in the same group for as long as its cursor is kept, and in no other collector's", async () => {
    const { cluster, run } = aCollector();
    const other = aCollector();
    await run();
    await run();
    await other.run();
    const [first, again, others] = [...cluster.asked, ...other.cluster.asked].map(({ read }) => read.group);
    expect(first).toMatch(/^keyward-hub-[0-9a-f]{8}$/);
    expect(again).toBe(first);
    expect(others).not.toBe(first);
  });

  it('keeps the places of topics that it does not read any more', async () => {
    const { intake, run } = aCollector();
    intake.stored = JSON.stringify({ v: 1, kind: 'kafka', reader: 'r', offsets: { other: { '3': 7 } } });
    await run();
    expect(Offsets.read(intake.stored, 'hub').all()).toContainEqual({ topic: 'other', partition: 3, nextOffset: 7 });
  });

  it('cuts a record that is too large for the bus, and counts it, rather than fail for ever', async () => {
    const { cluster, intake, metrics, run } = aCollector({ maxRecordBytes: 1_024 });
    cluster.values = ['ä'.repeat(600), 'small'];
    await run();
    expect(intake.records.map((record) => Buffer.byteLength(record))).toEqual([1_024, 5]);
    expect(await metrics.registry.metrics()).toContain('keyward_foreign_kafka_cut_total{collector="hub"} 1');
  });

  it('fails with what the cluster says', async () => {
    const away: ForeignTopics = { read: () => Promise.reject(new UnavailableError('foreign_kafka.unavailable', 'away')) };
    const collector = kafka.create('hub', SETTINGS, { http: new OutboundHttp(), env: ENV, foreignTopics: away });
    const context = { intake: new KeptIntake(), metrics: new Metrics(), logger: silentLogger, now: () => 0 };
    await expect(collector.run(context, new AbortController().signal)).rejects.toMatchObject({ code: 'foreign_kafka.unavailable' });
  });

  it.each(['{"v":1,"files":[]}', 'no JSON', '{"v":1,"kind":"kafka","reader":"r","offsets":{"t":{"0":-1}}}'])(
    'refuses a cursor that is not its own: %s',
    (cursor) => {
      expect(() => Offsets.read(cursor, 'hub')).toThrow(expect.objectContaining({ code: 'collector.foreign_cursor' }));
    },
  );

  it('gives the cluster its connection string from the environment', async () => {
    const { cluster, run } = aCollector();
    await run();
    const { sasl, ...rest } = cluster.asked[0]?.cluster ?? {};
    expect(rest).toEqual({ brokers: SETTINGS.brokers, clientId: 'keyward-hub', tls: {} });
    expect([sasl?.username, sasl?.password.reveal(), JSON.stringify(sasl)]).toEqual([
      ...['$ConnectionString', ENV.HUB, '{"mechanism":"plain","username":"$ConnectionString","password":"[redacted]"}'],
    ]);
  });

  it.each([
    ['a broker without a port', { brokers: ['example.com'] }, 'settings.brokers.0'],
    ['no topic', { topics: [] }, 'settings.topics'],
    ['a topic twice', { topics: ['a', 'a'] }, 'settings.topics'],
    ['a pattern', { topics: ['a.*'] }, 'settings.topics.0'],
    ['a password in the file', { sasl: { mechanism: 'plain', username: 'u', password: 'p' } }, 'settings.sasl'],
    ['no user', { sasl: { mechanism: 'plain', passwordEnv: 'HUB' } }, 'settings.sasl.username'],
    ['two users', { sasl: { mechanism: 'plain', username: 'u', usernameEnv: 'WHO', passwordEnv: 'HUB' } }, 'settings.sasl.username'],
    ['a password in the clear', { tls: false }, 'settings.tls'],
    ['a secret that is not set', { sasl: { mechanism: 'plain', usernameEnv: 'WHO', passwordEnv: 'NONE' } }, 'NONE'],
    ['an authority that is not there', { tls: { caFile: '/nowhere/ca.pem' } }, '/nowhere/ca.pem'],
    ['an unknown setting', { group: 'x' }, 'group'],
  ])('refuses %s by name', (_, settings, message) => {
    expect(() => aCollector(settings)).toThrow(message);
  });

  it('never makes a collector where nothing can read other clusters', () => {
    expect(() => kafka.create('hub', SETTINGS, { http: new OutboundHttp(), env: ENV })).toThrow(/other clusters/);
  });
});
