import { createApi, ApiConfig, type Api } from '@keyward/api';
import { VerdictEntry } from '@keyward/baselines';
import { ROUTES, routePath, type AlertSummary, type ResponseOf, type RouteDefinition, type RouteName } from '@keyward/contract';
import { DAY_MS, HOUR_MS, isoInstant } from '@keyward/events';
import type { VendorRecord } from '@keyward/fixtures';
import { CSRF_HEADER } from '@keyward/contract';
import { Metrics, VERDICTS_TOPIC, silentLogger, type Clock } from '@keyward/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyward } from '../../cli/keyward.js';
import { Ground, Servers, kafkaAvailable, produce, requireBuild, startLine, startWorker, until, type RunningLine } from './harness.js';
import { differences, outcomeOf } from './outcome.js';

/** Noon of a day four days ago: everything that follows has been by now. */
const NOON = Math.floor(Date.now() / DAY_MS) * DAY_MS - 4 * DAY_MS + 12 * HOUR_MS;
const HISTORY_DAYS = 30;
const PEOPLE = 20;
const ABROAD = '192.0.2.0/24';
const actor = (person: number): string => `person${person}@example.com`;

let serial = 0;
function signIn(person: number, at: number, isAbroad = false): VendorRecord {
  serial += 1;
  const place = isAbroad
    ? { ip: `192.0.2.${10 + (serial % 50)}`, asn: 64_999, org: 'Example Hotel', country: 'Nigeria', lat: 6.45, lon: 3.39, city: 'Lagos' }
    : { ip: '198.51.100.7', asn: 64_496, org: 'Example Telecom', country: 'Germany', lat: 52.52, lon: 13.4, city: 'Berlin' };
  const agent = isAbroad
    ? { browser: 'FIREFOX', os: 'Linux', raw: 'Mozilla/5.0 (X11; Linux x86_64; rv:100.0) Gecko/20100101 Firefox/100.0' }
    : USUAL;
  return {
    source: 'okta',
    time: at,
    record: {
      uuid: `verdict-${serial}`,
      published: isoInstant(at),
      eventType: 'user.session.start',
      actor: { id: `00u${person}`, type: 'User', alternateId: actor(person), displayName: `Person ${person}` },
      client: {
        ipAddress: place.ip,
        userAgent: { rawUserAgent: agent.raw, browser: agent.browser, os: agent.os },
        geographicalContext: { city: place.city, country: place.country, geolocation: { lat: place.lat, lon: place.lon } },
        device: 'Computer',
      },
      securityContext: { asNumber: place.asn, asOrg: place.org },
      outcome: { result: 'SUCCESS' },
    },
  };
}
const USUAL = {
  browser: 'CHROME',
  os: 'Windows 10',
  raw: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36',
};

/** A month of ordinary work, and the days that follow up to an instant. */
function* ordinary(from: number, until: number): Generator<VendorRecord> {
  for (let day = Math.floor(from / DAY_MS); day * DAY_MS < until; day += 1)
    for (let person = 0; person < PEOPLE; person += 1)
      for (let turn = 0; turn < 8; turn += 1) {
        const at = day * DAY_MS + (8 + turn) * HOUR_MS + ((person * 37 + turn * 11 + day * 7) % 50) * 60_000;
        if (at >= from && at < until) yield signIn(person, at);
      }
}

interface Scored {
  readonly score: number;
  readonly terms: string;
  readonly alerts: number;
}

describe.skipIf(!kafkaAvailable())('verdicts, from the API to the score, on a real broker and store (needs Apache Kafka)', () => {
  let servers: Servers;
  let line: RunningLine;
  let api: Api;
  let url = '';
  let token = '';
  let now = NOON;
  const clock: Clock = { now: () => now };
  const produced: VendorRecord[] = [];

  const send = async (records: Iterable<VendorRecord>): Promise<void> => {
    const batch = [...records];
    produced.push(...batch);
    await produce(await servers.plainProducer(), batch);
  };
  const call = async <Name extends RouteName>(
    name: Name,
    params: Record<string, string> = {},
    body?: unknown,
    query = '',
  ): Promise<ResponseOf<Name>> => {
    const route: RouteDefinition = ROUTES[name];
    const answer = await fetch(`${url}${routePath(name, params)}${query}`, {
      method: route.method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${text}`);
    return route.response?.parse(JSON.parse(text)) as ResponseOf<Name>;
  };
  /** The newest act of a person, scored, with the number of findings of behaviour about it. */
  const scored = (person: number, at: number): Promise<Scored> =>
    until(`the score of ${actor(person)} at ${isoInstant(at)}`, async () => {
      const [row] = await line.ground.rows<{ uid: string; score: number; terms: string }>(
        `SELECT uid, score, terms FROM access_events AS e FINAL
         WHERE identity = {identity:String} AND toUnixTimestamp64Milli(e.time) = {at:Int64}`,
        { identity: `okta:${actor(person)}`, at },
      );
      if (!row) return undefined;
      const alerts = await line.ground.count('findings', `detection = 'unusual_behaviour' AND event_uid = '${row.uid}'`);
      return { score: row.score, terms: row.terms, alerts };
    });
  const act = async (person: number, at: number): Promise<Scored> => {
    await send([signIn(person, at, true)]);
    await scored(person, at);
    await line.ground.settled();
    return scored(person, at);
  };
  const alertOf = (person: number): Promise<AlertSummary> =>
    until(
      `an alert about ${actor(person)}`,
      async () => (await call('alerts.list', {}, undefined, `?identity=okta:${actor(person)}`)).items[0],
    );
  const applied = (uid: string): Promise<true | undefined> =>
    until(`verdict ${uid} to be taken in`, async () =>
      (await line.ground.count('verdict_entries', `uid = '${uid}'`)) > 0 ? true : undefined,
    );

  beforeAll(async () => {
    servers = await Servers.start();
    line = await startLine(servers);
    const config = ApiConfig.parse({ KEYWARD_HTTP_PORT: '0', KEYWARD_STRICT_ANSWERS: 'true', KEYWARD_LOG_LEVEL: 'silent' });
    api = await createApi({
      config,
      clickhouse: line.ground.clickhouse,
      bus: line.ground.bus,
      logger: silentLogger,
      metrics: new Metrics(),
      clock,
    });
    url = `http://127.0.0.1:${(await api.listen()).port}`;
    const login = await fetch(`${url}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'admin', password: api.firstAdmin?.password }),
    });
    const cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const { csrfToken } = (await login.json()) as { csrfToken: string };
    const made = await fetch(`${url}/v1/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie, [CSRF_HEADER]: csrfToken },
      body: JSON.stringify({ name: 'berg', scopes: ['respond', 'read'] }),
    });
    ({ token } = (await made.json()) as { token: string });
    await send(ordinary(NOON - HISTORY_DAYS * DAY_MS, NOON));
    await line.ground.settled(120_000);
  }, 180_000);
  afterAll(async () => {
    await api.close();
    await line.stop();
    await servers.close();
  });

  it('benign: the same act of the same person scores lower and raises no alert, while somebody else still alarms', async () => {
    const first = await act(3, NOON + 60_000);
    expect(first.alerts).toBe(1);
    const alert = await alertOf(3);
    now = NOON + HOUR_MS;
    const preview = await call('verdicts.preview', { uid: alert.uid }, { kind: 'benign', days: 1 });
    expect(preview.about.join(' ')).toContain('AS64999');
    expect(preview.scoreWith).toBeLessThan(preview.score - 10);
    const verdict = await call('verdicts.create', { uid: alert.uid }, { kind: 'benign', days: 1, reason: 'A conference in Lagos' });
    expect(verdict).toMatchObject({ state: 'in_force', kind: 'benign', alertUid: alert.uid });
    expect(verdict.author).toContain('berg');
    await applied(verdict.uid);
    expect((await call('alerts.show', { uid: alert.uid })).alert.status).toBe('expected');
    // One truth: the alert can't say the opposite while the verdict stands.
    await expect(call('alerts.change', { uid: alert.uid }, { status: 'in_progress', note: '' })).rejects.toThrow('409');
    await expect(call('verdicts.create', { uid: alert.uid }, { kind: 'malicious', reason: 'No, an attack' })).rejects.toThrow('409');

    const again = await act(3, NOON + 2 * HOUR_MS);
    expect(again.score).toBeLessThan(first.score - 20);
    expect(again.alerts).toBe(0);
    const other = await act(8, NOON + 2 * HOUR_MS + 60_000);
    expect(other.alerts).toBe(1);
    expect((await call('verdicts.list', {}, undefined, '?state=in_force')).items.map(({ uid }) => uid)).toEqual([verdict.uid]);
  }, 120_000);

  it('ends in event time: a day later the act is strange again', async () => {
    now = NOON + 26 * HOUR_MS;
    await send(ordinary(NOON, NOON + 24 * HOUR_MS));
    const during = await scored(3, NOON + 2 * HOUR_MS);
    const after = await act(3, NOON + 26 * HOUR_MS);
    expect(after.score).toBeGreaterThan(during.score + 10);
    expect(after.terms).not.toContain('accepted by');
    expect((await call('verdicts.list', {}, undefined, '?state=expired')).items).toHaveLength(1);
  }, 120_000);

  it('malicious: from the next day on its network raises whoever comes with it, until it is taken back', async () => {
    const alert = await alertOf(8);
    now = NOON + 27 * HOUR_MS;
    const verdict = await call('verdicts.create', { uid: alert.uid }, { kind: 'malicious', reason: 'The account was taken over' });
    await applied(verdict.uid);
    expect((await call('alerts.show', { uid: alert.uid })).alert.status).toBe('in_progress');
    await send(ordinary(NOON + 24 * HOUR_MS, NOON + 46 * HOUR_MS));
    const next = await act(5, NOON + 2 * DAY_MS);
    expect(next.terms).toContain(`${ABROAD} was seen in a confirmed attack`);
    expect(next.alerts).toBe(1);

    now = NOON + 2 * DAY_MS + HOUR_MS;
    const undone = await call('verdicts.undo', { uid: verdict.uid }, undefined, `?reason=${encodeURIComponent('It was a test of ours')}`);
    expect(undone).toMatchObject({ state: 'undone', undone: { reason: 'It was a test of ours' } });
    await until('the undo to be taken in', async () => (await line.ground.count('verdict_entries', `undoes = '${verdict.uid}'`)) > 0);
    await send(ordinary(NOON + 46 * HOUR_MS, NOON + 70 * HOUR_MS));
    const later = await act(9, NOON + 3 * DAY_MS);
    expect(later.terms).not.toContain('confirmed attack');
  }, 180_000);

  it('is what a rebuild makes of the history', async () => {
    const { code, stdout, stderr } = await keyward(['rebuild', '--check'], { env: line.ground.env });
    expect(`${stdout}${stderr}`).not.toContain('verdict is not stored');
    expect(code, `${stdout}${stderr}`).toBe(0);
  }, 180_000);

  it('gives the same with one worker and with three, from the topics alone', async () => {
    const verdicts = await servers.read(VERDICTS_TOPIC);
    expect(verdicts.map(({ value }) => VerdictEntry.parse(JSON.parse(value)).verdict.kind).toSorted()).toEqual([
      'benign',
      'malicious',
      'malicious',
    ]);
    requireBuild();
    const runs = [];
    for (const workers of [1, 3]) {
      const own = await Servers.start();
      const ground = await Ground.prepare(own, {});
      const running = [];
      try {
        const producer = await own.plainProducer();
        await produce(producer, produced);
        await producer.send({ topic: VERDICTS_TOPIC, messages: verdicts.map(({ key, value }) => ({ key, value })) });
        for (let worker = 1; worker <= workers; worker += 1) running.push(await startWorker(ground, `worker-${worker}`));
        await until('all verdicts', async () => (await ground.count('verdict_entries')) === verdicts.length, 120_000);
        await ground.settled(120_000);
        const outcome = await outcomeOf(ground);
        const profiles = await ground.rows<{ id: string; state: string }>(
          "SELECT id, state FROM ledgers FINAL WHERE stage = 'assess' AND id LIKE 'identity:%' ORDER BY id",
        );
        for (const worker of running) await worker.stop(30_000);
        runs.push({ outcome, profiles });
      } finally {
        await Promise.all(running.map((worker) => worker.kill()));
        await ground.close();
        await own.close();
      }
    }
    const [one, three] = runs;
    if (!one || !three) throw new Error('two runs');
    expect(one.outcome.rows.size).toBe(produced.length);
    expect(differences(one.outcome, three.outcome)).toEqual({});
    expect(one.profiles.length).toBe(PEOPLE);
  }, 400_000);
});
