import { deliveryId } from '@keyward/alerts';
import { OutboundHttp } from '@keyward/outbound';
import { systemClock, type Clock } from '@keyward/runtime';
import { alertSinkContract, anAlert, aWebhookSecret, startReceiver, type Receiver, type SinkFixture } from '@keyward/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { webhook } from './webhook.sink.js';

const never = new AbortController().signal;
const alert = anAlert();
const delivery = { id: deliveryId(alert), alert };

const connect = (
  receiver: Receiver,
  {
    secrets = [receiver.secret],
    allowed = [receiver.host],
    clock = systemClock,
  }: { secrets?: string[]; allowed?: string[]; clock?: Clock } = {},
) => {
  const http = new OutboundHttp({ allowedHosts: allowed, timeoutMs: 400, maxResponseBytes: 1_000 });
  const env = Object.fromEntries(secrets.map((secret, index) => [`SECRET_${index}`, secret]));
  const settings = { url: receiver.url, secretEnvs: Object.keys(env) };
  return {
    http,
    sink: webhook.create('siem', settings, { http, clock, env, productVersion: '0.1.0', source: 'https://keyward.example.com' }),
  };
};

const fixture = async (): Promise<SinkFixture> => {
  const receiver = await startReceiver();
  const { http, sink } = connect(receiver);
  return {
    sink,
    arrived: () => Promise.resolve(receiver.received.map(({ id, json }) => ({ id, event: json }))),
    secrets: [receiver.secret, receiver.secret.slice(6)],
    troubles: {
      refused: () => {
        receiver.answerNext({ status: 400, body: receiver.secret });
      },
      gone: () => {
        receiver.answerNext({ status: 410 });
      },
      rate_limited: () => {
        receiver.answerNext({ status: 429, headers: { 'retry-after': '2' } });
      },
      unavailable: () => {
        receiver.answerNext({ status: 503 });
      },
      hangs: () => {
        receiver.answerNext('hang');
      },
    },
    stop: async () => {
      expect(receiver.problems).toEqual([]);
      await http.close();
      await receiver.stop();
    },
  };
};
alertSinkContract('webhook', fixture, ['refused', 'gone', 'rate_limited', 'unavailable', 'hangs']);

describe('webhook sink', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await receiver.stop();
  });

  it('signs with every active secret, so that a receiver may know either', async () => {
    await connect(receiver, { secrets: [receiver.secret, aWebhookSecret()] }).sink.deliver(delivery, never);
    await connect(receiver, { secrets: [aWebhookSecret(), receiver.secret] }).sink.deliver(delivery, never);
    expect(receiver.received.map(({ headers }) => headers['webhook-signature']?.split(' ').length)).toEqual([2, 2]);
    expect(receiver.unique().length).toBe(1);
  });

  it('signs each try with the time of that try, so that a late one is still believed', async () => {
    const clock = { now: () => Date.now() - 120_000 };
    await connect(receiver, { clock }).sink.deliver(delivery, never);
    await connect(receiver).sink.deliver(delivery, never);
    const [early, late] = receiver.received;
    expect((late?.timestamp ?? 0) - (early?.timestamp ?? 0)).toBeGreaterThanOrEqual(119);
    expect(early?.body).toBe(late?.body);
  });

  it('is turned away by the receiver when the secret is another', async () => {
    const failing = connect(receiver, { secrets: [aWebhookSecret()] }).sink.deliver(delivery, never);
    await expect(failing).rejects.toMatchObject({ name: 'UnauthenticatedError', disposition: 'reject' });
    expect(receiver.problems).toEqual(['no signature matches']);
  });

  it('tells of growth as an update of the same finding', async () => {
    const grown = anAlert({ version: 3 });
    await connect(receiver).sink.deliver({ id: deliveryId(grown), alert: grown }, never);
    expect(receiver.received[0]?.json).toMatchObject({
      type: 'dev.keyward.alert.updated',
      data: { activity_id: 2, finding_info: { uid: 'alert-1' } },
    });
  });

  it.each([301, 302, 307, 308])('follows no redirect (%i)', async (status) => {
    receiver.answerNext({ status, headers: { location: receiver.url } });
    await expect(connect(receiver).sink.deliver(delivery, never)).rejects.toMatchObject({
      code: 'sink_webhook.redirected',
      disposition: 'reject',
    });
    expect(receiver.received).toEqual([]);
  });

  it.each([408, 425, 429, 500, 502, 503, 504])('will try again after %i', async (status) => {
    receiver.answerNext({ status });
    await expect(connect(receiver).sink.deliver(delivery, never)).rejects.toMatchObject({ disposition: 'retry' });
  });

  it.each([400, 401, 403, 404, 410, 413, 422])('will never try again after %i', async (status) => {
    receiver.answerNext({ status });
    await expect(connect(receiver).sink.deliver(delivery, never)).rejects.toMatchObject({ disposition: 'reject' });
  });

  it('takes an answer of many megabytes for delivered and reads only its beginning', async () => {
    receiver.answerNext({ status: 200, body: 'x'.repeat(20_000_000) });
    await connect(receiver).sink.deliver(delivery, never);
    expect(receiver.received.length).toBe(1);
  });

  it('sends nothing to a private address that the operator did not allow', async () => {
    await expect(connect(receiver, { allowed: [] }).sink.deliver(delivery, never)).rejects.toMatchObject({
      code: 'outbound.address_refused',
    });
    expect(receiver.received).toEqual([]);
  });

  it('carries hostile text as text', async () => {
    const hostile = anAlert({ displayName: '<script>alert(1)</script>\u2028"; DROP TABLE', explanation: ['\u0000 \ud83d\ude00 \\" end'] });
    await connect(receiver).sink.deliver({ id: 'hostile-1', alert: hostile }, never);
    expect(receiver.received[0]?.json).toMatchObject({ data: { finding_info: { desc: '\u0000 \ud83d\ude00 \\" end' } } });
  });
});
