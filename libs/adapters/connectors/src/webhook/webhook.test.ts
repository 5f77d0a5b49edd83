import { OutboundHttp } from '@keyward/outbound';
import { systemClock } from '@keyward/runtime';
import { aGrant, aWebhookSecret, grantRevokerContract, startReceiver, type Receiver, type RevokerFixture } from '@keyward/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { webhook } from './webhook.connector.js';

const never = new AbortController().signal;
const revoke = { reason: 'Impossible travel.', signal: never, dryRun: false, idempotencyKey: 'effect-1' };

/** A small PAM: keeps one grant, does the work once per id. */
function playPam(receiver: Receiver): { active: boolean } {
  const pam = { active: true };
  receiver.answerAlways(({ json }) => {
    const { dryRun } = json['data'] as { readonly dryRun?: boolean };
    if (json['type'] === 'dev.keyward.grant.verify')
      return { status: 200, body: JSON.stringify({ standing: pam.active ? ['grant-1 is active'] : [] }) };
    if (!pam.active) return { status: 200, body: '{"result":"already_absent"}' };
    if (dryRun === true) return { status: 200, body: '{"result":"dry_run"}' };
    pam.active = false;
    return { status: 200, body: '{"result":"revoked","sessionsEnded":2,"reference":"job 7"}' };
  });
  return pam;
}
const connect = (receiver: Receiver, { secrets = [receiver.secret], verify = true, allowed = [receiver.host] } = {}) => {
  const http = new OutboundHttp({ allowedHosts: allowed, timeoutMs: 400 });
  const env = Object.fromEntries(secrets.map((secret, index) => [`SECRET_${index}`, secret]));
  const settings = { url: receiver.url, ...(verify ? { verifyUrl: receiver.url } : {}), secretEnvs: Object.keys(env) };
  return { http, revoker: webhook.create('pam-test', settings, { http, clock: systemClock, env }) };
};

const fixture = async (): Promise<RevokerFixture> => {
  const receiver = await startReceiver();
  const pam = playPam(receiver);
  const { http, revoker } = connect(receiver);
  return {
    revoker,
    grant: aGrant(),
    isActive: () => Promise.resolve(pam.active),
    secrets: [receiver.secret, receiver.secret.slice(6)],
    troubles: {
      unauthenticated: () => {
        receiver.answerNext({ status: 401, body: receiver.secret });
      },
      forbidden: () => {
        receiver.answerNext({ status: 403, body: receiver.secret });
      },
      not_found: () => {
        receiver.answerNext({ status: 404 });
      },
      conflict: () => {
        receiver.answerNext({ status: 409 });
      },
      rate_limited: () => {
        receiver.answerNext({ status: 429, headers: { 'retry-after': '3' } });
      },
      unavailable: () => {
        receiver.answerNext({ status: 502 });
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
grantRevokerContract('webhook', fixture, ['unauthenticated', 'forbidden', 'not_found', 'conflict', 'rate_limited', 'unavailable', 'hangs']);

describe('webhook connector', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await receiver.stop();
  });

  it('sends the order signed, with the same id on every retry', async () => {
    const { revoker } = connect(receiver);
    receiver.answerNext({ status: 204 }, { status: 204 });
    expect(await revoker.revoke(aGrant(), revoke)).toEqual({ kind: 'revoked', sessionsEnded: 0 });
    await revoker.revoke(aGrant(), revoke);
    expect(receiver.received.map(({ id }) => id)).toEqual(['effect-1', 'effect-1']);
    expect(receiver.received[0]?.json).toMatchObject({
      specversion: '1.0',
      type: 'dev.keyward.grant.revoke',
      data: { dryRun: false, reason: 'Impossible travel.', grant: { uid: 'grant-1', principal: 'anna@example.com' } },
    });
  });

  it('is believed by a receiver that knows only the older of two secrets', async () => {
    const { revoker } = connect(receiver, { secrets: [aWebhookSecret(), receiver.secret] });
    await revoker.revoke(aGrant(), revoke);
    expect(receiver.received.length).toBe(1);
  });

  it('never says verified when nobody can be asked', async () => {
    const { revoker } = connect(receiver, { verify: false });
    expect((await revoker.verify(aGrant(), never)).length).toBe(1);
  });

  it('goes to no private address that the operator did not allow', async () => {
    const { revoker } = connect(receiver, { allowed: [] });
    await expect(revoker.revoke(aGrant(), revoke)).rejects.toMatchObject({ code: 'outbound.address_refused', disposition: 'reject' });
    expect(receiver.received).toEqual([]);
  });

  it('follows no redirect', async () => {
    const { revoker } = connect(receiver);
    receiver.answerNext({ status: 307, headers: { location: receiver.url } });
    await expect(revoker.revoke(aGrant(), revoke)).rejects.toMatchObject({ code: 'webhook.redirected', disposition: 'reject' });
    expect(receiver.received).toEqual([]);
  });

  it('turns an answer down that is not as agreed', async () => {
    const { revoker } = connect(receiver);
    receiver.answerNext({ status: 200, body: '{"result":"maybe"}' }, { status: 200, body: '<html>' });
    await expect(revoker.revoke(aGrant(), revoke)).rejects.toMatchObject({ code: 'webhook.bad_answer' });
    await expect(revoker.revoke(aGrant(), revoke)).rejects.toMatchObject({ code: 'webhook.unreadable', disposition: 'retry' });
  });

  it('is not made with a secret that is missing or too short', () => {
    const http = new OutboundHttp();
    const settings = { url: 'https://pam.example.com', secretEnvs: ['PAM_SECRET'] };
    expect(() => webhook.create('pam', settings, { http, clock: systemClock, env: {} })).toThrow(/PAM_SECRET/);
    expect(() => webhook.create('pam', settings, { http, clock: systemClock, env: { PAM_SECRET: 'whsec_c2hvcnQ=' } })).toThrow(/24 to 64/);
  });
});
