import { createHmac } from 'node:crypto';
import { Secret } from '@keyward/runtime';
import { HttpListener } from '@keyward/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutboundHttp, errorForStatus, isForbiddenAddress, retryAfter, signWebhook } from './index.js';

const never = new AbortController().signal;

describe('addresses that nothing is sent to by itself', () => {
  it.each([
    '127.0.0.1',
    '127.8.9.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fd00:ec2::254',
    'fe80::1%eth0',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'example.com',
    '',
  ])('refuses %s', (ip) => {
    expect(isForbiddenAddress(ip)).toBe(true);
  });

  it.each([
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '2002:808:808::',
  ])('allows %s', (ip) => {
    expect(isForbiddenAddress(ip)).toBe(false);
  });
});

describe('outbound http', () => {
  let listener: HttpListener;
  beforeEach(async () => {
    listener = await new HttpListener(() => ({ status: 200, body: 'inside' })).start();
  });
  afterEach(async () => {
    await listener.stop();
  });
  const port = () => new URL(listener.origin).port;

  it('reaches an allowed private host', async () => {
    const http = new OutboundHttp({ allowedHosts: [listener.host] });
    expect(await http.send({ method: 'GET', url: listener.origin, signal: never })).toMatchObject({ status: 200, body: 'inside' });
    await http.close();
  });

  it.each(['https://127.0.0.1', 'https://[::1]', 'https://2130706433', 'https://0x7f.1', 'https://127.1', 'https://[::ffff:127.0.0.1]'])(
    'sees through the spelling %s',
    async (origin) => {
      const http = new OutboundHttp();
      await expect(http.send({ method: 'GET', url: `${origin}:${port()}/`, signal: never })).rejects.toMatchObject({
        code: 'outbound.address_refused',
      });
      expect(listener.requests).toEqual([]);
      await http.close();
    },
  );

  it('checks the address that it connects to, not the one that a name had before', async () => {
    let asked = 0;
    const lookup = () => {
      asked += 1;
      return Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
    };
    const http = new OutboundHttp({ lookup });
    const url = `https://rebind.example.com:${port()}/`;
    await expect(http.send({ method: 'GET', url, signal: never })).rejects.toMatchObject({
      code: 'outbound.address_refused',
      disposition: 'reject',
    });
    expect(asked).toBe(1);
    expect(listener.requests).toEqual([]);
    await http.close();
  });

  it('refuses a name of which only one address is private', async () => {
    const lookup = () =>
      Promise.resolve([
        { address: '203.0.113.5', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ]);
    const http = new OutboundHttp({ lookup });
    await expect(http.send({ method: 'GET', url: 'https://mixed.example.com/', signal: never })).rejects.toMatchObject({
      code: 'outbound.address_refused',
    });
    await http.close();
  });

  it('speaks plain http to nobody who is not allowed', async () => {
    const http = new OutboundHttp();
    await expect(http.send({ method: 'GET', url: 'http://siem.example.com/', signal: never })).rejects.toMatchObject({
      code: 'outbound.address_refused',
    });
    await http.close();
  });

  it.each(['file:///etc/passwd', 'https://user:secret-pw@siem.example.com/', 'not a url'])(
    'refuses the address %s without repeating it',
    async (url) => {
      const http = new OutboundHttp();
      const failing = http.send({ method: 'GET', url, signal: never });
      await expect(failing).rejects.toMatchObject({ code: 'outbound.bad_url' });
      await expect(failing).rejects.not.toThrow(/secret-pw/);
      await http.close();
    },
  );

  it('gives all links of an answer, however many lines they come in, and of other headers the first', async () => {
    const links = ['</a>; rel="self"', '</b>; rel="next"'];
    const vendor = await new HttpListener(() => ({ status: 200, headers: { link: links, 'x-note': ['one', 'two'] } })).start();
    const http = new OutboundHttp({ allowedHosts: [vendor.host] });
    const { headers } = await http.send({ method: 'GET', url: vendor.origin, signal: never });
    expect(headers['link']).toBe(links.join(', '));
    expect(headers['x-note']).toBe('one');
    await http.close();
    await vendor.stop();
  });

  it('says that nobody listens', async () => {
    const { host } = listener;
    await listener.stop();
    const http = new OutboundHttp({ allowedHosts: [host] });
    await expect(http.send({ method: 'GET', url: `http://${host}/`, signal: never })).rejects.toMatchObject({
      code: 'outbound.unreachable',
      disposition: 'retry',
    });
    await http.close();
  });
});

describe('what a status means', () => {
  it('is an error exactly when it is not 2xx, and says to try again only for 408, 425, 429 and 5xx', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), (status) => {
        const error = errorForStatus({ status, headers: {} }, { code: 'x', now: 0 });
        if (status >= 200 && status < 300) return error === undefined;
        return error?.disposition === ([408, 425, 429].includes(status) || status >= 500 ? 'retry' : 'reject');
      }),
    );
  });

  it('reads Retry-After in seconds and as a date, and bounds it', () => {
    expect(retryAfter('120', 0)).toBe(120_000);
    expect(retryAfter('Mon, 05 Jan 2026 09:00:30 GMT', Date.UTC(2026, 0, 5, 9))).toBe(30_000);
    expect(retryAfter('99999999', 0)).toBe(86_400_000);
    expect(retryAfter('Mon, 05 Jan 2026 09:00:30 GMT', Date.UTC(2027, 0, 5))).toBe(0);
    expect(retryAfter('-5', 0)).toBeUndefined();
    expect(retryAfter('soon', 0)).toBeUndefined();
  });
});

describe('webhook signatures', () => {
  const key = Buffer.alloc(32, 7);
  const secret = new Secret(`whsec_${key.toString('base64')}`);

  it('are HMAC-SHA256 of id, timestamp and body with the decoded key', () => {
    const headers = signWebhook({ id: 'msg_1', timestamp: 1_767_600_000, body: '{"a":1}', secrets: [secret] });
    const expected = createHmac('sha256', key).update('msg_1.1767600000.{"a":1}').digest('base64');
    expect(headers).toEqual({ 'webhook-id': 'msg_1', 'webhook-timestamp': '1767600000', 'webhook-signature': `v1,${expected}` });
  });

  it.each(['plain', 'whsec_', 'whsec_c2hvcnQ=', `whsec_${Buffer.alloc(65).toString('base64')}`, 'whsec_not base64!'])(
    'refuses a bad secret',
    (bad) => {
      expect(() => signWebhook({ id: 'msg_1', timestamp: 1, body: '', secrets: [new Secret(bad)] })).toThrow(/24 to 64/);
    },
  );
});
