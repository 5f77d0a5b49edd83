import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApiConfig } from '@keyward/api';
import { Problem } from '@keyward/contract';
import { parsePayload, sourceById } from '@keyward/sources';
import { startTestApi, type TestApi } from './harness.js';

const DELINEA = 'the secret that Delinea was given';
const OCSF = `whsec_${Buffer.from('the secret of the senders of OCSF').toString('base64')}`;
let test: TestApi;
const tokens = new Map<string, string>();
beforeAll(async () => {
  test = await startTestApi({ KEYWARD_PUSH_SECRET_DELINEA: DELINEA, KEYWARD_PUSH_SECRET_OCSF: OCSF });
  for (const source of ['okta', 'auth0', 'beyondtrust', 'cloudtrail', 'delinea']) tokens.set(source, await test.token(`ingest:${source}`));
});
afterAll(() => test.close());
beforeEach(() => {
  test.bus.published.length = 0;
});

const token = (source: string): string => tokens.get(source) ?? '';
const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${test.url}/v1/ingest/${path}`, { method: 'POST', body, headers });
const values = (): string[] => test.bus.published.map((record) => String(record.value));
/** What INGEST makes of what the bus got. */
const codes = (source: string): (string | undefined)[] =>
  test.bus.published.flatMap(({ value }) => {
    const found = sourceById(source);
    if (!found) throw new Error('no such source');
    return parsePayload(found, Buffer.from(value), { now: test.clock.now() }).map((result) =>
      result.kind === 'kept' ? result.event.code : JSON.stringify(result),
    );
  });
const code = async (answer: Response): Promise<string> => Problem.parse(await answer.json()).code;

const hook = JSON.stringify({
  eventType: 'com.okta.event_hook',
  eventTypeVersion: '1.0',
  cloudEventsVersion: '0.1',
  source: 'https://example.okta.com/api/v1/eventHooks/who1',
  data: {
    events: ['user.session.start', 'group.user_membership.add'].map((eventType, n) => ({
      uuid: `11111111-0000-4000-8000-00000000000${n}`,
      published: '2026-03-02T09:00:00.000Z',
      eventType,
      outcome: { result: 'SUCCESS' },
      actor: { id: '00u1', type: 'User', alternateId: 'anna@example.com' },
      target: [{ id: '00u2', type: 'User', alternateId: 'ben@example.com' }],
    })),
  },
});

describe('Okta event hook', () => {
  const challenge = { 'x-okta-verification-challenge': 'n0t-4-s3cr3t' };
  const ask = (headers: Record<string, string>, source = 'okta'): Promise<Response> =>
    fetch(`${test.url}/v1/ingest/${source}`, { headers });
  it('is verified by its challenge, with the value that the hook sends in Authorization', async () => {
    for (const authorization of [`Bearer ${token('okta')}`, token('okta'), `Basic ${btoa(`keyward:${token('okta')}`)}`]) {
      const answer = await ask({ ...challenge, authorization });
      expect([answer.status, await answer.json()]).toEqual([200, { verification: 'n0t-4-s3cr3t' }]);
    }
  });
  it('is not answered to somebody without the value, or with that of another source', async () => {
    expect((await ask(challenge)).status).toBe(401);
    expect((await ask({ ...challenge, authorization: 'my-shared-secret' })).status).toBe(401);
    expect((await ask({ ...challenge, authorization: token('auth0') })).status).toBe(403);
  });
  it('400 without a challenge, and where the vendor has none', async () => {
    expect((await ask({ authorization: token('okta') })).status).toBe(400);
    expect((await ask({ ...challenge, authorization: token('auth0') }, 'auth0')).status).toBe(400);
  });
  it('a delivery is answered 200, and both its events are read', async () => {
    const answer = await post('okta', hook, { authorization: token('okta'), 'content-type': 'application/json' });
    expect([answer.status, codes('okta')]).toEqual([200, ['user.session.start', 'group.user_membership.add']]);
  });
  it('the same events from a forwarder are answered 202 as ever', async () => {
    const answer = await post('okta', JSON.stringify({ uuid: '1', eventType: 'user.session.start' }), { authorization: token('okta') });
    expect(answer.status).toBe(202);
  });
});

describe('Auth0 log stream', () => {
  const log = (n: number): string =>
    JSON.stringify({
      log_id: `900${n}`,
      data: { type: 's', date: '2026-03-02T09:00:00.000Z', user_name: 'anna@example.com', log_id: `900${n}` },
    });
  it.each([
    ['JSON array', `[${log(1)},${log(2)}]`],
    ['JSON lines', `${log(1)}\n${log(2)}`],
    ['JSON object', `{"logs":[${log(1)},${log(2)}]}`],
  ])('%s', async (_, body) => {
    const answer = await post('auth0', body, { authorization: token('auth0'), 'content-type': 'application/json' });
    expect([answer.status, codes('auth0')]).toEqual([202, ['s', 's']]);
  });
});

describe('BeyondTrust outbound event', () => {
  const form = 'event=support_session_begin&version=1.0&timestamp=1772442000&appliance_id=a1&lsid=l1&primary_representative_name=anna';
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  it('comes as a form with the token in the address, and is answered 200', async () => {
    const answer = await post(`beyondtrust?token=${token('beyondtrust')}`, form, headers);
    expect([answer.status, codes('beyondtrust')]).toEqual([200, ['support_session_begin']]);
  });
  it('403 for a token in the address that may do more; 401 for none and for a wrong one', async () => {
    const wide = await test.token('ingest:beyondtrust', 'read');
    const all = await test.token('ingest:*');
    expect((await post(`beyondtrust?token=${wide}`, form, headers)).status).toBe(403);
    expect((await post(`beyondtrust?token=${all}`, form, headers)).status).toBe(403);
    expect((await post('beyondtrust', form, headers)).status).toBe(401);
    expect((await post('beyondtrust?token=kw_wrong', form, headers)).status).toBe(401);
    expect(values()).toEqual([]);
  });
  it('401 in the address of a source whose senders can set a header', async () => {
    expect((await post(`okta?token=${token('okta')}`, hook)).status).toBe(401);
  });
});

describe('Delinea webhook', () => {
  const body = JSON.stringify({
    eventMessageId: 'e1',
    eventTime: '2026-03-02T09:00:00Z',
    eventType: 'Login',
    actor: { name: 'anna@example.com' },
  });
  const signed = (over: string, secret = DELINEA): Record<string, string> => ({
    'content-type': 'application/json',
    'x-hub-signature': `sha256=${createHmac('sha256', secret).update(over).digest('hex')}`,
  });
  it('needs no token when it is signed', async () => {
    expect((await post('delinea', body, signed(body))).status).toBe(202);
    expect(values()).toEqual([body]);
  });
  it('401 and nothing on the bus when the body, or the secret, is another', async () => {
    const answers = [
      await post('delinea', body.replace('anna', 'mallory'), signed(body)),
      await post('delinea', body, signed(body, 'another secret altogether')),
      await post('delinea', body, { 'x-hub-signature': '' }),
      await post('delinea', body),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401, 401]);
    expect(values()).toEqual([]);
  });
  it('a signature does not serve another source, nor any other route', async () => {
    expect((await post('okta', body, signed(body))).status).toBe(401);
    expect((await fetch(`${test.url}/v1/alerts`, { headers: signed(body) })).status).toBe(401);
  });
  it('with a token a wrong signature is still wrong', async () => {
    expect((await post('delinea', body, { ...signed('x'), authorization: `Bearer ${token('delinea')}` })).status).toBe(401);
    expect((await post('delinea', body, { authorization: `Bearer ${token('delinea')}` })).status).toBe(202);
  });
  it('the same delivery again gives the same keys: nothing counts twice', async () => {
    await post('delinea', body, signed(body));
    await post('delinea', body, signed(body));
    expect(new Set(test.bus.published.map((record) => record.key)).size).toBe(1);
  });
  it('413 for a signed body over the limit', async () => {
    const large = 'x'.repeat(17 * 1024 * 1024);
    expect((await post('delinea', large, signed(large))).status).toBe(413);
  });
});

describe('OCSF by Standard Webhooks', () => {
  const body = JSON.stringify({ class_uid: 3002, activity_id: 1, time: 1772442000000, metadata: { uid: 'o1', version: '1.8.0' } });
  const signed = (at: number): Record<string, string> => {
    const timestamp = String(Math.floor(at / 1_000));
    const key = Buffer.from(OCSF.slice('whsec_'.length), 'base64');
    const mac = createHmac('sha256', key).update(`msg_1.${timestamp}.${body}`).digest('base64');
    return { 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` };
  };
  it('202 while it is fresh, 401 when it is old', async () => {
    expect((await post('ocsf', body, signed(test.clock.now()))).status).toBe(202);
    const old = await post('ocsf', body, signed(test.clock.now() - 600_000));
    expect([old.status, await old.json()]).toMatchObject([401, { detail: 'The delivery was signed too long ago.' }]);
  });
});

describe('CloudTrail by SNS', () => {
  const basic = (): Record<string, string> => ({ authorization: `Basic ${btoa(`sns:${token('cloudtrail')}`)}` });
  it('asks for user and password first', async () => {
    const answer = await post('cloudtrail', '{}');
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('Basic')]);
    expect((await fetch(`${test.url}/v1/alerts`)).headers.get('www-authenticate')).not.toContain('Basic');
  });
  it('reads the record inside the message', async () => {
    const detail = {
      eventVersion: '1.11',
      eventID: 'c1',
      eventTime: '2026-03-02T09:00:00Z',
      eventName: 'ConsoleLogin',
      eventSource: 'signin.amazonaws.com',
      userIdentity: { type: 'IAMUser', userName: 'anna' },
      responseElements: { ConsoleLogin: 'Failure' },
    };
    const message = JSON.stringify(
      { Type: 'Notification', MessageId: 'm', Message: JSON.stringify({ 'detail-type': 'x', detail }) },
      null,
      2,
    );
    const answer = await post('cloudtrail', message, { ...basic(), 'x-amz-sns-message-type': 'Notification' });
    expect([answer.status, codes('cloudtrail')]).toEqual([202, ['ConsoleLogin']]);
  });
  it('a request to confirm is for the operator, not for the bus', async () => {
    const body = JSON.stringify({ Type: 'SubscriptionConfirmation', SubscribeURL: 'https://sns.eu-west-1.amazonaws.com/?Token=t' });
    const answer = await post('cloudtrail', body, { ...basic(), 'x-amz-sns-message-type': 'SubscriptionConfirmation' });
    expect([answer.status, await answer.json(), values()]).toEqual([202, { source: 'cloudtrail', accepted: 0 }, []]);
  });
});

describe('Basic and bare tokens', () => {
  it('open nothing but ingest: a browser that remembers a password has no more', async () => {
    const reader = await test.token('read');
    expect((await fetch(`${test.url}/v1/alerts`, { headers: { authorization: `Bearer ${reader}` } })).status).toBe(200);
    for (const authorization of [reader, `Basic ${btoa(`x:${reader}`)}`]) {
      const answer = await fetch(`${test.url}/v1/alerts`, { headers: { authorization } });
      expect([answer.status, await code(answer)]).toEqual([401, 'auth.required']);
    }
  });
  it('a secret too short to be one is refused at the start', () => {
    expect(ApiConfig.safeParse({ KEYWARD_PUSH_SECRET_DELINEA: 'short' }).success).toBe(false);
  });
});
