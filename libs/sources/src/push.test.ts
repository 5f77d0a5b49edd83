import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hexHmac, standardWebhook } from './push.js';
import { SOURCES, sourceById } from './registry.js';

const NOW = Date.UTC(2026, 2, 2, 9);
const SECRET = 'a secret of the test, long enough';
const body = Buffer.from('{"eventMessageId":"1"}');
const hmac = (over: string | Buffer, key: string | Buffer = SECRET): string => createHmac('sha256', key).update(over).digest('hex');

describe('a signature over the body', () => {
  const signature = hexHmac('x-hub-signature');
  const verdict = (sent: string | undefined, over: Buffer = body): string =>
    signature.verify({ headers: { 'x-hub-signature': sent }, body: over }, SECRET, NOW);
  it('is valid with and without its prefix, in either case', () => {
    expect([`sha256=${hmac(body)}`, hmac(body), `SHA256=${hmac(body).toUpperCase()}`].map((sent) => verdict(sent))).toEqual(
      Array.from({ length: 3 }, () => 'valid'),
    );
  });
  it('is invalid for another body, another secret, a part of it, another algorithm, nothing', () => {
    expect(verdict(`sha256=${hmac(body)}`, Buffer.from('{"eventMessageId":"2"}'))).toBe('invalid');
    for (const sent of [hmac(body, 'another secret'), hmac(body).slice(1), `sha1=${hmac(body).slice(0, 40)}`, '', undefined]) {
      expect(verdict(sent)).toBe('invalid');
    }
  });
  it('is never valid by chance and never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array(), (sent, over) => {
        expect(signature.verify({ headers: { 'x-hub-signature': sent }, body: over }, SECRET, NOW)).toBe('invalid');
      }),
    );
  });
});

describe('Standard Webhooks', () => {
  const sign = (at: number, key: string | Buffer = SECRET, id = 'msg_1'): Record<string, string> => {
    const timestamp = String(Math.floor(at / 1_000));
    const mac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
    return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` };
  };
  const verdict = (headers: Record<string, string>, secret = SECRET): string => standardWebhook.verify({ headers, body }, secret, NOW);
  it('is valid for five minutes around the signed time', () => {
    expect([0, -299_000, 299_000].map((ms) => verdict(sign(NOW + ms)))).toEqual(['valid', 'valid', 'valid']);
    expect([-301_000, 301_000].map((ms) => verdict(sign(NOW + ms)))).toEqual(['stale', 'stale']);
  });
  it('takes one of several signatures, and a secret in base64', () => {
    const signed = sign(NOW);
    expect(verdict({ ...signed, 'webhook-signature': `v1a,xyz v1,AAAA ${signed['webhook-signature'] ?? ''}` })).toBe('valid');
    const key = Buffer.from('0123456789abcdef0123456789abcdef');
    expect(verdict(sign(NOW, key), `whsec_${key.toString('base64')}`)).toBe('valid');
  });
  it('is invalid when the time, the id or the secret is another: an old delivery does not become a new one', () => {
    const signed = sign(NOW - 3_600_000);
    expect(verdict({ ...signed, 'webhook-timestamp': String(NOW / 1_000) })).toBe('invalid');
    expect(verdict({ ...sign(NOW), 'webhook-id': 'msg_2' })).toBe('invalid');
    expect(verdict(sign(NOW, 'another secret'))).toBe('invalid');
    expect(verdict({ 'webhook-signature': 'v1,x' })).toBe('invalid');
  });
});

describe('vendors', () => {
  it("answers Okta's challenge, and only Okta's", () => {
    const headers = { 'x-okta-verification-challenge': 'abc123' };
    const answers = SOURCES.map((source) => source.push?.handshake?.(headers)).filter((answer) => answer !== undefined);
    expect(answers).toEqual([{ verification: 'abc123' }]);
    expect(sourceById('okta')?.push?.handshake?.({})).toBeUndefined();
    expect(sourceById('okta')?.push?.handshake?.({ 'x-okta-verification-challenge': 'a'.repeat(513) })).toBeUndefined();
  });
  it('says 200 to an event hook and to an outbound event, 202 to other senders of the same source', () => {
    const okta = sourceById('okta')?.push?.deliveredStatus;
    expect(okta?.({ 'user-agent': 'Okta-Integrations' }, '{}')).toBe(200);
    expect(okta?.({}, '{"eventType":"com.okta.event_hook"}')).toBe(200);
    expect(okta?.({ 'user-agent': 'vector' }, '{"eventType":"user.session.start"}')).toBeUndefined();
    const pra = sourceById('beyondtrust')?.push?.deliveredStatus;
    expect(pra?.({ 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }, '')).toBe(200);
    expect(pra?.({ 'content-type': 'application/json' }, '')).toBeUndefined();
  });
  it('names the address that confirms an SNS subscription only when it is one of AWS', () => {
    const notice = sourceById('cloudtrail')?.push?.notice;
    const headers = { 'x-amz-sns-message-type': 'SubscriptionConfirmation' };
    const asked = (SubscribeURL: string): string | undefined => notice?.(headers, JSON.stringify({ SubscribeURL }));
    expect(asked('https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t')).toContain('eu-west-1.amazonaws.com/?Action');
    for (const other of [
      'https://sns.eu-west-1.amazonaws.com.example.com/',
      'http://sns.eu-west-1.amazonaws.com/',
      'https://192.0.2.1/',
      'x',
    ])
      expect(asked(other)).not.toContain(other);
    expect(notice?.({ 'x-amz-sns-message-type': 'Notification' }, '{}')).toBeUndefined();
  });
});
