import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskSecrets, sampleOf } from './record-sample.js';

const stored = (text: string, more: object = {}) =>
  sampleOf({
    message: 'this is no JSON',
    payload: Buffer.from(text).toString('base64'),
    bytes: Buffer.byteLength(text),
    topic: 'access.raw.okta',
    partition: 1,
    offset: 7,
    at: Date.UTC(2026, 0, 5),
    ...more,
  });

describe('secrets in a sample', () => {
  it.each([
    ['{"user":"anna","password":"hunter2"}', 'hunter2'],
    ['{"debug":"{\\"client_secret\\":\\"hunter2\\"}"}', 'hunter2'],
    ['{"accessToken": "hunter2", "x":1}', 'hunter2'],
    ['{"otp": 123456}', '123456'],
    ['{"password":"hunter2 cut off', 'hunter2'],
    ['CEF:0|v|p|1|1|n|5|suser=anna pwd=hunter2 password=hunter2', 'hunter2'],
    ['GET /cb?access_token=hunter2&state=1', 'hunter2'],
    ['Authorization: Bearer abcdefgh12345678', 'abcdefgh12345678'],
    ['Authorization: Basic dXNlcjpwYXNzd29yZA==', 'dXNlcjpwYXNzd29yZA'],
    ['<Event><Password a="1">hunter2</Password></Event>', 'hunter2'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl', 'eyJzdWIiOiIxMjM0In0'],
    ['key AKIAIOSFODNN7EXAMPLE', 'AKIAIOSFODNN7EXAMPLE'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----', 'MIIEow'],
    ['-----BEGIN PRIVATE KEY-----\nMIIEow', 'MIIEow'],
    ['psql postgres://anna:hunter2@db1.example.com/x', 'hunter2'],
  ])('are masked: %s', (text, secret) => {
    const masked = maskSecrets(text);
    expect(masked).not.toContain(secret);
    expect(masked).toContain('•••');
  });

  it('leave what tells the record: names, times, addresses, ids of sessions', () => {
    const text = '{"eventType":"user.session.start","sessionId":"s-1","ip":"203.0.113.9","password":"x","actor":"anna@example.com"}';
    expect(maskSecrets(text)).toBe(text.replace('"x"', '"•••"'));
  });

  it('take linear time on any text', () => {
    const started = performance.now();
    for (const text of [
      '"'.repeat(4_000),
      'token'.repeat(800),
      '\\'.repeat(4_000),
      `"password":"${'\\'.repeat(4_000)}`,
      'a-'.repeat(2_000),
    ]) {
      maskSecrets(text);
    }
    expect(performance.now() - started).toBeLessThan(1_500);
  });
});

describe('a sample', () => {
  it('says where it is from, and that the record goes on', () => {
    const text = 'é'.repeat(10);
    const cut = Buffer.from(text).subarray(0, 5).toString('base64');
    expect(stored(text, { payload: cut })).toMatchObject({ text: 'éé', isCut: true, bytes: 20, origin: 'access.raw.okta/1/7' });
    expect(stored('{')).toMatchObject({ text: '{', isCut: false, message: 'this is no JSON' });
  });

  it('shows what can not be seen', () => {
    expect(stored('a\u202Eb\u0000c\nd').text).toBe('a\\u{202e}b\\u{0}c\nd');
  });

  it('is text whatever bytes came', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const payload = Buffer.from(bytes).toString('base64');
        expect(typeof stored('', { payload, bytes: bytes.length }).text).toBe('string');
      }),
    );
  });
});
