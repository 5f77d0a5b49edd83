import { ClickHouseAlertStore, ClickHouseIngestLedger, ClickHouseSourceAlarmStore } from '@keyward/adapter-clickhouse';
import { HOUR_MS } from '@keyward/events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOf, startTestApi, type Client, type TestApi } from './harness.js';
import { anAlert, seed } from './seed.js';

let test: TestApi;
let client: Client;
let now: number;

beforeAll(async () => {
  test = await startTestApi();
  now = test.clock.now();
  await seed(test.clickhouse, now);
  client = await test.as('viewer');
});
afterAll(() => test.close());

describe('the health of sources over HTTP', () => {
  it('lists who speaks, with counts, lag and bars for each window', async () => {
    for (const [hours, bars, minutes] of [
      [1, 30, 2],
      [24, 48, 30],
      [168, 56, 180],
    ] as const) {
      const list = await answerOf('sources.list', await client.get(`/v1/sources?hours=${hours}`));
      expect(list.bucketMinutes).toBe(minutes);
      expect(list.sources).toMatchObject([
        { source: 'okta', state: 'new', kept: 120, ignored: 3, rejected: 1, unplaced: 2, unresolved: 5, waiting: null },
      ]);
      expect(list.sources[0]?.buckets.length).toBeGreaterThan(bars - 2);
      expect(list.sources[0]?.lag).toEqual({ p50Seconds: 1, p95Seconds: 8 });
    }
    expect((await client.get('/v1/sources?hours=5')).status).toBe(400);
  });

  it('shows a record of each reason with its secrets masked, and its events', async () => {
    const payload = Buffer.from('{"user":"anna","password":"hunter2"').toString('base64');
    const at = { source: 'okta', topic: 'access.raw.okta', partition: 0, offset: 4, bytes: 900, payload };
    await new ClickHouseIngestLedger(test.clickhouse).insertDeadLetters([
      { ...at, code: 'not_json', message: 'the text ends inside of an object' },
    ]);
    const answer = await client.get('/v1/sources/okta');
    expect(await answer.clone().text()).not.toContain('hunter2');
    const { reasons, unresolved, history } = await answerOf('sources.show', answer);
    expect(reasons.find(({ result }) => result === 'rejected')).toMatchObject({
      ...{ reason: 'not_json', records: 1, link: null },
      sample: {
        text: '{"user":"anna","password":"•••"',
        isCut: true,
        bytes: 900,
        origin: 'access.raw.okta/0/4',
        message: 'the text ends inside of an object',
      },
    });
    const kept = reasons.find(({ result }) => result === 'kept');
    expect(kept).toMatchObject({ reason: 'user.session.start', link: { to: 'events' } });
    const events = await answerOf('events.list', await client.get(`/v1/events?${new URLSearchParams(kept?.link?.query).toString()}`));
    expect(events.total ?? events.items.length).toBeGreaterThan(0);
    expect([unresolved, history]).toEqual([[], []]);
    expect((await client.get('/v1/sources/nobody')).status).toBe(404);
  });

  it('tells of a silence beside the source and in the queue, and closes its alert when it is over', async () => {
    const alarms = new ClickHouseSourceAlarmStore(test.clickhouse);
    const alarm = {
      uid: 'silence1',
      version: 1,
      source: 'okta',
      kind: 'silent',
      since: now - HOUR_MS,
      raisedAt: now,
      endedAt: undefined,
      sentence: 'No record of okta has arrived.',
    } as const;
    const alert = anAlert(900, now, {
      uid: 'silence1',
      identity: 'source:okta',
      findingUids: [],
      eventUids: [],
      explanation: [alarm.sentence],
    });
    await new ClickHouseAlertStore(test.clickhouse).upsertAlerts([alert]);
    await alarms.save(alarm);
    const list = await answerOf('sources.list', await client.get('/v1/sources'));
    expect(list.sources[0]).toMatchObject({
      state: 'silent',
      alarms: [{ uid: 'silence1', kind: 'silent', sentence: alarm.sentence, endedAt: null }],
    });
    const shown = await answerOf('alerts.show', await client.get('/v1/alerts/silence1'));
    expect(shown).toMatchObject({ alert: { status: 'new' }, explanation: [alarm.sentence], identity: { kind: 'unknown', risk: 0 } });
    const people = await answerOf('identities.list', await client.get('/v1/identities?text=source:'));
    expect(people.items).toEqual([]);
    const analyst = await test.as('analyst');
    const verdict = { kind: 'benign', scope: 'identity', days: 7, reason: 'It was us.' };
    expect((await analyst.send('POST', '/v1/alerts/silence1/verdicts', verdict)).status).toBe(409);
    await alarms.save({ ...alarm, version: 2, endedAt: now });
    const after = await answerOf('sources.show', await client.get('/v1/sources/okta'));
    expect(after.health).toMatchObject({ state: 'new', alarms: [] });
    expect(after.history).toMatchObject([{ uid: 'silence1', endedAt: new Date(now).toISOString() }]);
    const closed = await answerOf('alerts.show', await client.get('/v1/alerts/silence1'));
    expect(closed).toMatchObject({
      alert: { status: 'resolved', statusBy: 'keyward' },
      actions: [{ user: 'keyward', note: 'It ended by itself.' }],
    });
  });
});
