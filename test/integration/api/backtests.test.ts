import { BacktestStore, ClickHouseAssessmentStore } from '@keyward/adapter-clickhouse';
import type { BacktestDetail } from '@keyward/contract';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@keyward/events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOf, startTestApi, type Client, type TestApi } from './harness.js';
import { anEvent } from './seed.js';

const VIENNA = { lat: 48.2, lon: 16.37, radiusKm: 20, city: 'Vienna', country: 'AT' };
const MUNICH = { lat: 48.14, lon: 11.58, radiusKm: 20, city: 'Munich', country: 'DE' };

describe('backtests over HTTP', () => {
  let test: TestApi;
  let analyst: Client;
  let span: { from: string; to: string };
  const CHANGE = { detections: { impossible_travel: { minDistanceKm: 200 } } };
  const until = async (id: string, states: readonly string[]): Promise<BacktestDetail> => {
    for (let tries = 0; tries < 300; tries += 1) {
      const detail = await answerOf('backtests.show', await analyst.get(`/v1/backtests/${id}`));
      if (states.includes(detail.state)) return detail;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${id} never came to be ${states.join(' or ')}`);
  };

  beforeAll(async () => {
    test = await startTestApi();
    analyst = await test.as('analyst');
    const now = Date.now();
    span = { from: new Date(now - DAY_MS).toISOString(), to: new Date(now + HOUR_MS).toISOString() };
    const auth = { method: 'password', interactive: true } as const;
    const rows = [
      anEvent(
        1,
        now,
        { time: now - 3 * HOUR_MS, outcome: 'success', auth, src: { ip: '198.51.100.7', geo: VIENNA }, device: { id: 'a' } },
        'p-1',
      ),
      anEvent(
        2,
        now,
        { time: now - 3 * HOUR_MS + 5 * MINUTE_MS, outcome: 'success', auth, src: { ip: '203.0.113.9', geo: MUNICH }, device: { id: 'b' } },
        'p-1',
      ),
    ].map((row) => ({ ...row, event: { ...row.event, actor: { system: 'okta', name: 'user1@example.com', identity: 'p-1' } } }));
    await new ClickHouseAssessmentStore(test.clickhouse).insertEvents(rows);
  });
  afterAll(() => test.close());

  it('runs one and keeps what came of it: the alert that a lower distance would have raised', async () => {
    const answer = await analyst.send('POST', '/v1/backtests', { ...span, change: CHANGE });
    expect(answer.status).toBe(202);
    const { id, state } = await answerOf('backtests.create', answer);
    expect(['waiting', 'running']).toContain(state);
    const done = await until(id, ['done', 'failed']);
    expect(done).toMatchObject({ state: 'done', error: null, change: CHANGE });
    expect(done.result?.appeared.map(({ identity, detections }) => [identity, detections])).toEqual([['p-1', ['impossible_travel']]]);
    expect(done.result).toMatchObject({ current: { alerts: 0 }, changed: { alerts: 1 }, disappeared: [], counts: { appeared: 1 } });
    const { items } = await answerOf('backtests.list', await analyst.get('/v1/backtests'));
    expect(items.map((item) => item.id)).toContain(id);
    const gone = await analyst.send('DELETE', `/v1/backtests/${id}`);
    expect([gone.status, ((await gone.json()) as { detail: string }).detail]).toEqual([409, 'It is over: done.']);
  });

  it('refuses a change or span that can not be used, naming what is wrong', async () => {
    const refused = async (body: object): Promise<unknown> => {
      const answer = await analyst.send('POST', '/v1/backtests', body);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([400, expect.stringContaining('application/problem+json')]);
      return answer.json();
    };
    expect(await refused({ ...span, change: { detections: { impossible_travel: { minDistance: 1 } } } })).toMatchObject({
      code: 'request.invalid',
      errors: [{ path: 'body.change', message: 'detections.impossible_travel: Unrecognized key: "minDistance"' }],
    });
    expect(await refused({ ...span, change: {} })).toMatchObject({ errors: [{ message: 'nothing differs from what is in force' }] });
    expect(await refused({ from: span.to, to: span.from, change: CHANGE })).toMatchObject({ errors: [{ path: 'body.to' }] });
    expect(await refused({ ...span, from: '2020-01-01T00:00:00Z', change: CHANGE })).toMatchObject({ errors: [{ path: 'body.to' }] });
    expect(await refused({ ...span, change: CHANGE, threshold: 3 })).toMatchObject({ code: 'request.invalid' });
  });

  it('lets viewers look and not ask', async () => {
    const viewer = await test.as('viewer');
    expect((await viewer.send('POST', '/v1/backtests', { ...span, change: CHANGE })).status).toBe(403);
    expect((await viewer.get('/v1/backtests')).status).toBe(200);
    expect((await viewer.get('/v1/backtests/none')).status).toBe(404);
    expect((await viewer.send('DELETE', '/v1/backtests/none')).status).toBe(403);
    expect((await test.client().get('/v1/backtests')).status).toBe(401);
  });

  it('has one run and four wait, and lets one that waits be taken back', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        analyst.send('POST', '/v1/backtests', { ...span, change: { detections: { mfa_fatigue: { windowMinutes: n + 1 } } } }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202, 429]));
    const last = answers.filter(({ status }) => status === 202).at(-1);
    if (!last) throw new Error('none was taken');
    const { id } = await answerOf('backtests.create', last);
    const cancelled = await analyst.send('DELETE', `/v1/backtests/${id}`);
    // It may be over already: then it says so.
    expect([200, 409]).toContain(cancelled.status);
    const ended = await until(id, ['cancelled', 'done']);
    expect(ended.state).toBe(cancelled.status === 200 ? 'cancelled' : 'done');
  });

  it('says of one whose server has stopped that it failed', async () => {
    const now = Date.now();
    const long = now - 2 * MINUTE_MS;
    await new BacktestStore(test.clickhouse).save({
      ...{
        id: 'orphan',
        state: 'running',
        author: 'anna',
        createdAt: long,
        updatedAt: long,
        from: long - DAY_MS,
        to: long,
        change: CHANGE,
      },
    });
    const detail = await answerOf('backtests.show', await analyst.get('/v1/backtests/orphan'));
    expect(detail).toMatchObject({ state: 'failed', error: expect.stringContaining('has stopped') as string });
  });
});
