import {
  ClickHouseAlertStore,
  ClickHouseIngestLedger,
  ClickHouseSourceAlarmStore,
  ClickHouseSourceHistory,
} from '@keyward/adapter-clickhouse';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@keyward/events';
import { Metrics, rawTopic } from '@keyward/runtime';
import { SourceWatch } from '@keyward/stages';
import { SetClock, startReceiver, type Receiver } from '@keyward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Servers, kafkaAvailable, startLine, testLogger, until, type RunningLine } from './harness.js';

const NOW = Date.now();
const SILENT_FOR = 3 * HOUR_MS;

describe.skipIf(!kafkaAvailable())('a source that falls silent, on the whole line (needs Apache Kafka)', () => {
  let servers: Servers;
  let receiver: Receiver;
  let line: RunningLine;
  /** It listens since before the silence began; its clock goes ahead when told. */
  const clock = new SetClock(NOW - SILENT_FOR - MINUTE_MS);
  let watch: SourceWatch;

  beforeAll(async () => {
    [servers, receiver] = await Promise.all([Servers.start(), startReceiver()]);
    line = await startLine(servers, {
      policy: `version: 1
rules: []
sinks:
  - { id: siem, product: webhook, minSeverity: medium, settings: { url: '${receiver.url}', secretEnvs: [TEST_WEBHOOK_SECRET] } }
`,
      env: { TEST_WEBHOOK_SECRET: receiver.secret, KEYWARD_OUTBOUND_ALLOWED_HOSTS: receiver.host },
    });
    const { clickhouse, bus } = line.ground;
    watch = new SourceWatch({
      history: new ClickHouseSourceHistory(clickhouse),
      alarms: new ClickHouseSourceAlarmStore(clickhouse),
      alerts: new ClickHouseAlertStore(clickhouse),
      publisher: bus.publisher(),
      waiting: async () => new Map([['okta', (await bus.lagOf('keyward-ingest', [rawTopic('okta')])).get(rawTopic('okta')) ?? 0]]),
      clock,
      logger: testLogger(),
      metrics: new Metrics(),
    });
    // Three weeks in which a record came each minute, as INGEST counts them.
    const ledger = new ClickHouseIngestLedger(clickhouse);
    const last = Math.floor((NOW - SILENT_FOR) / MINUTE_MS);
    for (let hour = 0; hour < (21 * DAY_MS) / HOUR_MS; hour += 1) {
      const minutes = Array.from({ length: 60 }, (_, n) => last - hour * 60 - n);
      const first = Math.min(...minutes) * MINUTE_MS;
      const end = Math.max(...minutes) * MINUTE_MS;
      await ledger.record(
        { topic: 'access.raw.okta', partition: 0, firstOffset: 1_000_000 + hour },
        {
          ...{ source: 'okta', minute: first, kept: 60, ignored: {}, rejected: {}, lastEventTime: end, lastArrival: end },
          ...{ arrivals: Object.fromEntries(minutes.map((minute) => [minute, 1])), lags: { 0: 60 }, unplaced: 0, unresolved: 0 },
        },
      );
    }
  });
  afterAll(async () => {
    await line.stop();
    await receiver.stop();
    await servers.close();
  });

  it('reaches the receiver once, with the way all alerts go, and again when a record comes through the line', async () => {
    await watch.check();
    expect(await line.ground.count('source_alarms')).toBe(0);
    clock.at = NOW;
    await watch.check();
    await watch.check();
    const [raised] = await until('the webhook of the silence', () => Promise.resolve(receiver.unique().length > 0 && receiver.unique()));
    expect(raised?.json).toMatchObject({
      type: 'dev.keyward.alert.created',
      subject: 'source:okta',
      data: { class_uid: 2004, activity_name: 'Create', status: 'New', severity: 'High', message: 'Source okta has fallen silent' },
    });

    const producer = await servers.plainProducer();
    const record = {
      ...{ uuid: 'after-silence', published: new Date().toISOString(), eventType: 'user.session.start' },
      actor: { id: '00u-1', type: 'User', alternateId: 'anna@example.com', displayName: 'Anna Example' },
      ...{ client: { ipAddress: '203.0.113.9' }, outcome: { result: 'SUCCESS' } },
    };
    await producer.send({ topic: rawTopic('okta'), messages: [{ key: '1', value: JSON.stringify(record) }] });
    await line.ground.settled();
    clock.at = Date.now();
    await watch.check();
    const told = await until('the webhook of its end', () => Promise.resolve(receiver.unique().length > 1 && receiver.unique()));
    expect(told).toHaveLength(2);
    expect(told[1]?.json).toMatchObject({ data: { activity_name: 'Close', status: 'Resolved', message: 'Source okta speaks again' } });
    expect(receiver.problems).toEqual([]);
    const rows = await line.ground.rows<{ status: string; author: string }>('SELECT status, author FROM alert_actions');
    expect(rows).toEqual([{ status: 'resolved', author: 'keyward' }]);
    const [counted] = await line.ground.rows<{ kept: number; unresolved: number; arrivals: number }>(
      "SELECT kept, unresolved, length(arrivals) AS arrivals FROM ingest_minutes FINAL WHERE first_offset = 0 AND source = 'okta'",
    );
    expect(counted).toEqual({ kept: 1, unresolved: 1, arrivals: 1 });
  });
});
