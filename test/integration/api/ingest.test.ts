import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '@keyward/contract';
import { answerOf, startTestApi, type Client, type TestApi } from './harness.js';

let test: TestApi;
let sender: Client;
beforeAll(async () => {
  test = await startTestApi({ KEYWARD_INGEST_MAX_MB: '2', KEYWARD_INGEST_IN_FLIGHT_MB: '3' });
  sender = await test.bearer('ingest:okta');
});
afterAll(() => test.close());
beforeEach(() => {
  test.bus.published.length = 0;
});

const send = (body: string | Uint8Array, headers: Record<string, string> = {}, source = 'okta'): Promise<Response> =>
  sender.send('POST', `/v1/ingest/${source}`, body, { 'content-type': 'application/x-ndjson', ...headers });
const values = (): string[] => test.bus.published.map((record) => String(record.value));
const problem = async (answer: Response): Promise<Problem> => Problem.parse(await answer.json());
const record = (n: number): string => `{"uuid":"${n}","published":"2026-03-02T09:00:00.000Z","big":12345678901234567890}`;

describe('accepted', () => {
  it('NDJSON: 202 when the bus has each line as it was sent', async () => {
    const answer = await send(`${record(1)}\n\n${record(2)}\r\n${record(3)}`);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ source: 'okta', accepted: 3 });
    expect(values()).toEqual([record(1), record(2), record(3)]);
    expect(new Set(test.bus.published.map((one) => one.topic))).toEqual(new Set(['access.raw.okta']));
  });
  it('the same record has the same key, another one another', async () => {
    await send(`${record(1)}\n${record(1)}\n${record(2)}`);
    const keys = test.bus.published.map((one) => one.key);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[0]);
  });
  it('a JSON array is its elements, and numbers keep their digits', async () => {
    const answer = await send(`[${record(1)},\n ${record(2)}]`, { 'content-type': 'application/json' });
    expect(await answer.json()).toEqual({ source: 'okta', accepted: 2 });
    expect(values()).toEqual([record(1), record(2)]);
  });
  it('gzip', async () => {
    const answer = await send(gzipSync(`${record(1)}\n${record(2)}`), { 'content-encoding': 'gzip' });
    expect(answer.status).toBe(202);
    expect(values()).toEqual([record(1), record(2)]);
  });
});

describe('refused, and nothing is accepted', () => {
  it('400 with the line of each record that can not be read', async () => {
    const answer = await send(`${record(1)}\n{"uuid": \n${record(3)}\nnot json at all\n`);
    expect(answer.status).toBe(400);
    const { code, errors } = await problem(answer);
    expect(code).toBe('request.unreadable_records');
    expect(errors?.map((error) => error.line)).toEqual([2, 4]);
    expect(values()).toEqual([]);
  });
  it('400 for what is not UTF-8', async () => {
    const answer = await send(
      Buffer.concat([Buffer.from(`${record(1)}\n{"uuid":"`), Buffer.from([0xff, 0xfe, 0xc3]), Buffer.from('"}\n')]),
    );
    expect(answer.status).toBe(400);
    expect((await problem(answer)).errors?.map((error) => error.line)).toEqual([2]);
    expect(values()).toEqual([]);
  });
  it('400 for an empty body, and for one that is cut off', async () => {
    expect((await send('')).status).toBe(400);
    expect((await send(' \n ')).status).toBe(400);
    const packed = gzipSync(record(1).repeat(50));
    expect((await send(packed.subarray(0, packed.length - 20), { 'content-encoding': 'gzip' })).status).toBe(400);
    expect((await send('this is no gzip', { 'content-encoding': 'gzip' })).status).toBe(400);
    expect(values()).toEqual([]);
  });
  it('400 for one record over a mebibyte', async () => {
    const answer = await send(`${record(1)}\n{"uuid":"${'x'.repeat(1_100_000)}"}\n`);
    expect(answer.status).toBe(400);
    expect((await problem(answer)).errors?.map((error) => error.line)).toEqual([2]);
  });
  it('404 for a source that nobody knows', async () => {
    const all = await test.bearer('ingest:*');
    const answer = await all.send('POST', '/v1/ingest/nobody', record(1));
    expect(answer.status).toBe(404);
    expect((await problem(answer)).code).toBe('source.unknown');
  });
  it('403 for a token of another source, 401 without one, 403 with a session', async () => {
    const other = await test.bearer('ingest:entra', 'read', 'respond');
    expect((await other.send('POST', '/v1/ingest/okta', record(1))).status).toBe(403);
    expect((await test.client().send('POST', '/v1/ingest/okta', record(1))).status).toBe(401);
    expect((await (await test.admin()).send('POST', '/v1/ingest/okta', record(1))).status).toBe(403);
    expect(values()).toEqual([]);
  });
  it('413 for a body over the limit, declared or not', async () => {
    const large = `${record(1)}\n`.repeat(30_000);
    expect((await send(large)).status).toBe(413);
    const chunked = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let chunk = 0; chunk < 30; chunk += 1) controller.enqueue(Buffer.from(large.slice(0, 100_000)));
        controller.close();
      },
    });
    const token = await test.token('ingest:okta');
    const init = { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: chunked, duplex: 'half' };
    expect((await fetch(`${test.url}/v1/ingest/okta`, init)).status).toBe(413);
    expect(values()).toEqual([]);
  });
  it('413 for a gzip bomb, without unpacking it', async () => {
    const bomb = gzipSync(Buffer.alloc(400 * 1024 * 1024, 0x20));
    const before = process.memoryUsage().rss;
    expect((await send(bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
    expect((await send(record(1))).status).toBe(202);
  });
  it('415 for other encodings', async () => {
    expect((await send('x', { 'content-encoding': 'br' })).status).toBe(415);
  });
  it('503 with Retry-After while the bus is away, without saying where it is; then it goes on', async () => {
    test.bus.down = true;
    const answer = await send(record(1));
    test.bus.down = false;
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await answer.text()).not.toContain('9092');
    expect((await send(record(1))).status).toBe(202);
  });
  it('429 when more is under way than memory is meant for', async () => {
    const body = `${record(1)}\n`.repeat(20_000);
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => send(body)));
    const statuses = answers.map((answer) => answer.status);
    expect(statuses).toContain(202);
    expect(statuses).toContain(429);
    expect(statuses.every((status) => status === 202 || status === 429)).toBe(true);
    expect((await send(body)).status).toBe(202);
  });
});

describe('the organisation', () => {
  it('is imported file by file, all or nothing', async () => {
    const admin = await test.admin();
    const put = (file: string, body: string) =>
      admin.send('PUT', `/v1/organisation/${file}`, body, { 'content-type': 'application/x-ndjson' });
    const people = `{"id":"p-anna","displayName":"Anna <b>","team":"payments","timezone":"Europe/Vienna","accounts":[{"system":"okta","name":"anna@example.com"}]}\n{"id":"p-ben","team":"payments","manager":"p-anna"}`;
    expect(await (await put('identities', people)).json()).toMatchObject({ file: 'identities', records: 2 });
    expect((await put('groups', '{"group":"admins"}')).status).toBe(200);
    const broken = await put('identities', `{"id":"p-anna"}\n{"id":`);
    expect(broken.status).toBe(400);
    expect((await problem(broken)).errors?.map((error) => error.line)).toEqual([2]);
    const list = await answerOf('identities.list', await admin.get('/v1/identities'));
    expect(list.items.map((row) => row.displayName).sort()).toEqual(['Anna <b>', 'p-ben']);
    const peers = await answerOf('identities.peers', await admin.get('/v1/identities/p-ben/peers'));
    expect(peers.items.map((row) => row.id)).toEqual(['p-anna']);
    expect((await put('identities', '{"id":"p-ben"}')).status).toBe(200);
    expect((await answerOf('identities.list', await admin.get('/v1/identities'))).items).toHaveLength(1);
    const summary = await answerOf('organisation.show', await admin.get('/v1/organisation'));
    expect(summary.files.find((file) => file.file === 'groups')?.records).toBe(1);
    expect((await put('elsewhere', '{}')).status).toBe(404);
    expect((await put('sod', '{"rules":[{"id":"r1"}]}')).status).toBe(400);
    const rules =
      '{"functions":{"a":{"entitlements":["entra:role:A"]},"b":{}},"rules":[{"id":"r1","functions":["a","b"],"when":"assigned"}]}';
    expect(await (await put('sod', rules)).json()).toMatchObject({ records: 1 });
    expect((await answerOf('sod.show', await admin.get('/v1/sod'))).rules[0]).toMatchObject({ id: 'r1', conflicts: { count: 0 } });
  });
});
