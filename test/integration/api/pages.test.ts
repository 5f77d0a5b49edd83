import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RouteName, type ResponseOf } from '@keyward/contract';
import { ClickHouseAlertStore, ClickHouseAssessmentStore } from '@keyward/adapter-clickhouse';
import { DAY_MS, deterministicUid, eventUid, HOUR_MS } from '@keyward/events';
import { ALERTS, anAlert, anEvent, EVENTS, HOSTILE, seed } from './seed.js';
import { answerOf, startTestApi, type Client, type TestApi } from './harness.js';

let test: TestApi;
let client: Client;
let now: number;
beforeAll(async () => {
  test = await startTestApi();
  now = test.clock.now();
  await seed(test.clickhouse, now);
  client = await test.as('responder');
});
afterAll(() => test.close());

const read = async <Name extends RouteName>(name: Name, path: string): Promise<ResponseOf<Name>> => answerOf(name, await client.get(path));

/** Every item of a list, page by page; `between` runs after the first page. */
async function walk<Item>(path: string, limit: number, between?: () => Promise<void>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = '';
  for (let page = 0; cursor !== null; page += 1) {
    const answer = (await (
      await client.get(
        `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      )
    ).json()) as { items: Item[]; nextCursor: string | null };
    expect(answer.items.length).toBeLessThanOrEqual(limit);
    items.push(...answer.items);
    cursor = answer.nextCursor;
    if (page === 0) await between?.();
  }
  return items;
}
const sorted = (values: readonly number[], direction: 1 | -1): number[] => [...values].sort((a, b) => (a - b) * direction);

describe('lists', () => {
  it('alerts: every sort gives all of them once, in order, page by page', async () => {
    for (const sort of ['newest', 'oldest', 'score', 'severity', 'risk']) {
      const rows = await walk<{ uid: string; score: number; entityRisk: number; lastTime: string }>(`/v1/alerts?sort=${sort}`, 17);
      expect(new Set(rows.map((row) => row.uid)).size, sort).toBe(ALERTS);
      expect(rows).toHaveLength(ALERTS);
      const values = {
        newest: rows.map((row) => Date.parse(row.lastTime)),
        score: rows.map((row) => row.score),
        risk: rows.map((row) => row.entityRisk),
      };
      if (sort in values) expect(Reflect.get(values, sort)).toEqual(sorted(Reflect.get(values, sort) as number[], -1));
      if (sort === 'oldest') expect(values.newest).toEqual(sorted(values.newest, 1));
    }
  });
  it('events: every sort gives all of them once, in order, page by page', async () => {
    for (const [sort, direction] of [
      ['newest', -1],
      ['oldest', 1],
      ['score', -1],
    ] as const) {
      const rows = await walk<{ uid: string; score: number; time: string }>(`/v1/events?sort=${sort}`, 90);
      expect(rows, sort).toHaveLength(EVENTS + HOSTILE.length);
      expect(new Set(rows.map((row) => row.uid)).size).toBe(rows.length);
      const values = sort === 'score' ? rows.map((row) => row.score) : rows.map((row) => Date.parse(row.time));
      expect(values).toEqual(sorted(values, direction));
    }
  });
  it('events: a page is not disturbed by what comes in meanwhile, and a redelivered event stands there once', async () => {
    const store = new ClickHouseAssessmentStore(test.clickhouse);
    const rows = await walk<{ uid: string }>('/v1/events?source=okta', 50, async () => {
      await store.insertEvents([
        anEvent(5_001, now, { time: now + 60_000, source: 'okta' }),
        ...Array.from({ length: EVENTS }, (_, n) => anEvent(n, now)),
      ]);
    });
    expect(new Set(rows.map((row) => row.uid)).size).toBe(rows.length);
    expect(rows.some((row) => row.uid === eventUid('okta', 'api-5001'))).toBe(false);
    expect(rows).toHaveLength(EVENTS - EVENTS / 3 + HOSTILE.filter((_, n) => (EVENTS + n) % 3 !== 0).length);
  });
  it('identities, grants and effects are complete', async () => {
    for (const sort of ['risk', 'name', 'last_seen']) {
      const rows = await walk<{ id: string }>(`/v1/identities?sort=${sort}`, 7);
      expect(new Set(rows.map((row) => row.id)).size, sort).toBe(20 + HOSTILE.length);
      expect(rows).toHaveLength(20 + HOSTILE.length);
    }
    const grants = await walk<{ uid: string; endsAt: string }>('/v1/grants?state=active', 3);
    expect(grants).toHaveLength(10);
    expect(grants.map((grant) => Date.parse(grant.endsAt))).toEqual(
      sorted(
        grants.map((grant) => Date.parse(grant.endsAt)),
        1,
      ),
    );
    expect((await read('effects.list', '/v1/effects?state=awaiting_approval')).items).toHaveLength(1);
    expect((await read('effects.list', '/v1/effects?state=verified')).items).toHaveLength(0);
  });
});

describe('filters', () => {
  it('of events select what they say', async () => {
    const count = async (query: string): Promise<number> => (await walk(`/v1/events?${query}`, 200)).length;
    const from = new Date(now - DAY_MS).toISOString();
    expect(await count(`identity=p-3`)).toBe(EVENTS / 20);
    expect(await count('outcome=failure&identity=p-0')).toBe(30);
    expect(await count('ip=198.51.100.3&identity=p-3')).toBe(2);
    expect(await count('network=198.51.100.0%2F24&identity=p-3')).toBe(30);
    expect(await count('network=203.0.113.0%2F24')).toBe(0);
    expect(await count('country=AT&city=Vienna&identity=p-3')).toBe(30);
    expect(await count('class=authentication&activity=logon&application=Payments&resource=Payments&device=device-3&identity=p-3')).toBe(5);
    expect(await count(`minScore=96`)).toBe(6);
    expect(await count(`text=USER3%40example`)).toBe(30);
    expect(await count(`from=${from}&identity=p-3`)).toBeLessThan(30);
    expect(await count(`alert=${deterministicUid('alert', 'api', 5)}`)).toBe(1);
    expect(await count(`alert=none`)).toBe(0);
  });
  it('of alerts select what they say, with the total', async () => {
    const total = async (query: string): Promise<number | undefined> => (await read('alerts.list', `/v1/alerts?limit=1&${query}`)).total;
    expect(await total('')).toBe(ALERTS);
    expect(await total('severity=critical,high')).toBe(60);
    expect(await total('detection=mfa_fatigue')).toBe(24);
    expect(await total('identity=p-3')).toBe(6);
    expect(await total('source=okta&minScore=90')).toBe(
      Array.from({ length: ALERTS }, (_, n) => (n * 13) % 100).filter((score) => score >= 90).length,
    );
    expect(await total('text=CASE%2077.')).toBe(1);
    expect(await total(`from=${new Date(now - HOUR_MS).toISOString()}`)).toBe(3);
    expect(await total(`status=resolved`)).toBe(0);
  });
  it('of grants and identities select what they say', async () => {
    expect((await read('grants.list', '/v1/grants?identity=p-3&system=entra&jit=true&text=global')).items).toHaveLength(1);
    expect((await read('identities.list', '/v1/identities?text=p-19')).items.map((row) => row.id)).toEqual(['p-19']);
    expect((await read('identities.list', '/v1/identities?privileged=true')).items).toEqual([]);
    expect((await read('identities.list', '/v1/identities?minRisk=99')).items).toEqual([]);
  });
});

describe('text of attackers', () => {
  it('comes back as the same text, and finds itself', async () => {
    for (const text of HOSTILE) {
      const { items } = await read('events.list', `/v1/events?resource=${encodeURIComponent(text)}`);
      expect(items.map((item) => [item.resource, item.account, item.detail, item.identity.id])).toEqual([[text, text, text, text]]);
      const detail = await read('events.show', `/v1/events/${items[0]?.uid ?? ''}`);
      expect(detail.event.resource?.name).toBe(text);
      expect((await read('identities.show', `/v1/identities/${encodeURIComponent(text)}`)).card.id).toBe(text);
    }
    expect((await read('alerts.list', `/v1/alerts?text=${encodeURIComponent(HOSTILE[1])}`)).items).toEqual([]);
  });
});

describe('details', () => {
  it('an alert says why, with evidence, terms, events, grants, effects and who it is', async () => {
    const uid = deterministicUid('alert', 'api', 1);
    const detail = await read('alerts.show', `/v1/alerts/${uid}`);
    expect(detail.alert).toMatchObject({ uid, status: 'new', response: 'awaiting_approval', grants: 1 });
    expect(detail.findings[0]).toMatchObject({ detection: 'impossible_travel', observed: { distanceKm: 15_900 } });
    expect(detail.findings[0]?.terms[0]?.sentence).toContain('never seen');
    expect(detail.timeline.map((event) => event.uid)).toEqual([eventUid('okta', 'api-1')]);
    expect(detail.grants[0]).toMatchObject({ state: 'active', effect: { uid: 'effect-1' } });
    expect(detail.effects[0]).toMatchObject({ approvalsNeeded: 1, mayDecide: true, alertTitle: 'Impossible travel: Person 1' });
    expect(detail.contributions[0]).toMatchObject({ alertUid: uid, share: 1, title: 'Impossible travel' });
    expect(detail.identity).toMatchObject({ id: 'p-1', openAlerts: 6, activeGrants: 1 });
  });
  it('an event has its terms, its OCSF form and its alerts', async () => {
    const detail = await read('events.show', `/v1/events/${eventUid('okta', 'api-1')}`);
    expect(detail.terms).toHaveLength(1);
    expect(detail.ocsf).toMatchObject({ class_uid: 3002, status_id: 1 });
    expect(detail.alerts[0]?.uid).toBe(deterministicUid('alert', 'api', 1));
    expect(detail.findings).toHaveLength(1);
  });
  it('an identity has risk, habits and accounts', async () => {
    const detail = await read('identities.show', '/v1/identities/p-3');
    expect(detail.accounts[0]).toMatchObject({ name: 'user3@example.com' });
    for (const account of detail.accounts) {
      expect(await walk(`/v1/events?${new URLSearchParams(account.link.query).toString()}`, 200), account.name).toHaveLength(
        account.events,
      );
    }
    expect(detail.card.risk).toBeGreaterThan(70);
    const risk = await read('identities.risk', '/v1/identities/p-3/risk?days=7');
    expect(risk.points.some((point) => point.title === null && point.risk > 0)).toBe(true);
    const rhythm = await read('identities.rhythm', '/v1/identities/p-3/rhythm');
    expect(rhythm.cells).toHaveLength(168);
    expect(rhythm.cells.reduce((sum, cell) => sum + cell.recent, 0)).toBe(30);
    const networks = await read('identities.usage', '/v1/identities/p-3/usage?kind=network');
    expect(networks.items).toMatchObject([{ value: '198.51.100.0/24', events: 30, share: 1, recent: true }]);
    for (const kind of ['device', 'resource', 'application', 'country']) {
      const usage = await read('identities.usage', `/v1/identities/p-3/usage?kind=${kind}`);
      const [first] = usage.items;
      expect(
        usage.items.reduce((sum, item) => sum + item.events, 0),
        kind,
      ).toBe(30);
      const found = await walk(`/v1/events?${new URLSearchParams(first?.link.query).toString()}`, 200);
      expect(found, kind).toHaveLength(first?.events ?? -1);
    }
    expect((await client.get('/v1/identities/nobody-at-all')).status).toBe(404);
  });
});

describe('the overview', () => {
  it('gives numbers whose links lead to as many rows', async () => {
    const overview = await read('overview.show', '/v1/overview?hours=72');
    const { risk } = overview;
    expect(risk.openAlerts.count).toBe(ALERTS);
    expect(risk.awaitingApproval.count).toBe(1);
    expect(risk.activeGrants.count).toBe(10);
    const rows = async (link: { to: string; query: Record<string, string> }): Promise<number> =>
      (await walk(`/v1/${link.to}?${new URLSearchParams(link.query).toString()}`, 200)).length;
    for (const number of [
      risk.openAlerts,
      risk.newAlerts,
      risk.events,
      risk.activeGrants,
      risk.awaitingApproval,
      risk.revoked,
      ...risk.openBySeverity,
      ...risk.bands,
    ]) {
      expect(await rows(number.link), JSON.stringify(number.link)).toBe(number.count);
    }
    const busiest = overview.alerts.buckets.find((bucket) => bucket.counts.high > 0);
    expect(busiest && (await rows(busiest.link))).toBe(Object.values(busiest?.counts ?? {}).reduce((sum, n) => sum + n, 0));
    const cell = overview.logins.cells.find((candidate) => candidate.events > 0);
    expect(cell && (await rows(cell.link))).toBe(cell?.events);
    expect(overview.map[0] && (await rows(overview.map[0].link))).toBe(overview.map[0]?.events);
    expect(overview.topIdentities[0]?.risk).toBeGreaterThanOrEqual(overview.topIdentities[1]?.risk ?? 100);
    expect(overview.pulse.sources[0]).toMatchObject({ source: 'okta', kept: 120, ignored: 3, rejected: 1 });
  });
});

describe('triage', () => {
  it('sets the status of one and of many, keeps history, and refuses what the life cycle does not know', async () => {
    const uids = [10, 11, 12].map((n) => deterministicUid('alert', 'api', n));
    const one = await client.send('POST', `/v1/alerts/${uids[0] ?? ''}/actions`, { status: 'in_progress', note: 'looking' });
    expect(await one.json()).toMatchObject({ status: 'in_progress' });
    const many = await client.send('POST', '/v1/alerts/actions', { uids: [...uids, 'missing'], status: 'resolved', note: 'done' });
    const result = await answerOf('alerts.change_many', many);
    expect({ ...result, changed: result.changed.toSorted() }).toEqual({ changed: uids.toSorted(), unchanged: [], notFound: ['missing'] });
    const wrong = await client.send('POST', `/v1/alerts/${uids[0] ?? ''}/actions`, { status: 'expected' });
    expect(wrong.status).toBe(409);
    const history = await read('alerts.actions', `/v1/alerts/${uids[0] ?? ''}/actions`);
    expect(history.items.map((action) => [action.from, action.to, action.note])).toEqual([
      ['in_progress', 'resolved', 'done'],
      ['new', 'in_progress', 'looking'],
    ]);
    expect((await read('alerts.list', '/v1/alerts?status=resolved')).total).toBe(3);
    const facets = await read('alerts.facets', '/v1/alerts/facets');
    expect(facets.status).toEqual([
      { value: 'new', count: ALERTS - 3 },
      { value: 'resolved', count: 3 },
    ]);
  });
});

describe('decisions', () => {
  it('are handed to RESPOND and written down', async () => {
    const answer = await client.send('POST', '/v1/decisions', { kind: 'approve', effectUid: 'effect-1', reason: 'Asked the owner' });
    expect(answer.status).toBe(202);
    const sent = test.bus.published.find((record) => record.topic === 'access.decisions');
    expect(sent?.key).toBe('effect-1');
    expect(JSON.parse(String(sent?.value))).toMatchObject({ kind: 'approve', effectUid: 'effect-1', reason: 'Asked the owner' });
    expect((await read('effects.show', '/v1/effects/effect-1')).decisions).toHaveLength(1);
    const revoke = await client.send('POST', '/v1/decisions', {
      kind: 'revoke',
      grantUid: deterministicUid('grant', 'api', 3),
      reason: 'Not needed any more',
    });
    expect(revoke.status).toBe(202);
  });
  it('are refused without a reason, for what is unknown, and told when the bus is away', async () => {
    expect((await client.send('POST', '/v1/decisions', { kind: 'approve', effectUid: 'effect-1', reason: ' ' })).status).toBe(400);
    expect((await client.send('POST', '/v1/decisions', { kind: 'approve', effectUid: 'nope', reason: 'because' })).status).toBe(404);
    expect((await client.send('POST', '/v1/decisions', { kind: 'revoke', grantUid: 'nope', reason: 'because' })).status).toBe(404);
    test.bus.down = true;
    const away = await client.send('POST', '/v1/decisions', { kind: 'deny', effectUid: 'effect-1', reason: 'It was me' });
    test.bus.down = false;
    expect(away.status).toBe(503);
    expect(away.headers.get('retry-after')).toBe('5');
    expect(await away.text()).not.toContain('internal:9092');
  });
});

describe('the live stream', () => {
  it('tells of a new alert within seconds, and after a break of what was missed', async () => {
    const first = await test.client().get('/v1/stream');
    expect(first.status).toBe(401);
    const stop = new AbortController();
    const alerts = new ClickHouseAlertStore(test.clickhouse);
    const open = (headers: Record<string, string> = {}) =>
      fetch(`${test.url}/v1/stream`, { headers: { cookie: client.cookie, ...headers }, signal: stop.signal });
    const answer = await open();
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(answer.headers.get('content-security-policy')).not.toContain('unsafe');
    await alerts.upsertAlerts([anAlert(900, now, { title: 'Live one' })]);
    const text = await until(answer, 'Live one');
    expect(text).toContain('event: alert\n');
    const id = /id: (\d+)\nevent: alert\ndata: [^\n]*Live one/.exec(text)?.[1] ?? '';
    await alerts.upsertAlerts([anAlert(901, now, { title: 'Missed one' })]);
    const again = await until(await open({ 'last-event-id': id }), 'Missed one');
    expect(again).toContain('Missed one');
    stop.abort();
  });
});

async function until(answer: Response, wanted: string): Promise<string> {
  let text = '';
  const deadline = performance.now() + 10_000;
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  while (!text.includes(wanted) && performance.now() < deadline) {
    const part = await reader?.read();
    if (!part || part.done) break;
    text += part.value;
  }
  expect(text).toContain(wanted);
  return text;
}
