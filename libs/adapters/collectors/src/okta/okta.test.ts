import { OutboundHttp } from '@keyward/outbound';
import { Metrics } from '@keyward/runtime';
import { OktaLogServer } from '@keyward/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BEGIN, KeptIntake, PlayedTime } from '../../test/played-run.js';
import { okta } from './okta.collector.js';

describe('okta poller', () => {
  let time: PlayedTime;
  let server: OktaLogServer;
  let http: OutboundHttp;
  let intake: KeptIntake;
  const settings = (): object => ({ url: server.origin, tokenEnv: 'TOKEN', startHoursAgo: 1 });
  const serviceApp = (): object => ({
    ...{ url: `${server.origin}/`, clientId: server.clientId, keyId: server.keyId, privateKeyEnv: 'KEY', startHoursAgo: 1 },
  });
  const make = (of: object) =>
    okta.create('okta-main', of, { http, env: { TOKEN: server.apiToken, KEY: server.privateKey.replaceAll('\n', '\\n') } });
  const poll = (of: object, minutes = 1, metrics = new Metrics()): Promise<void> => time.run(make(of), intake, minutes, metrics);

  beforeEach(async () => {
    time = new PlayedTime();
    intake = new KeptIntake();
    server = await new OktaLogServer({ now: () => time.now }).start();
    http = new OutboundHttp({ allowedHosts: [server.host], timeoutMs: 500 });
  });
  afterEach(async () => {
    expect(server.problems).toEqual([]);
    await http.close();
    await server.stop();
  });

  it('puts events as Okta wrote them, numbers and all', async () => {
    const event = { id: 'u-1', at: BEGIN - 60_000 };
    server.add(event);
    await poll(settings());
    expect(intake.records).toEqual([OktaLogServer.written(event)]);
    expect(intake.records[0]).toContain('"weight":1.0');
  });

  it('signs its own assertion as a service app, and keeps the token for its life', async () => {
    server.add({ id: 'u-1', at: BEGIN - 60_000 });
    await poll(serviceApp(), 10);
    expect(intake.records).toHaveLength(1);
    expect(server.tokensGiven).toBe(1);
    server.expireTokens();
    server.add({ id: 'u-2', at: time.now });
    await poll(serviceApp(), 10);
    expect(intake.records).toHaveLength(2);
  });

  it('leaves a tenth of the rate limit to others: waits for the reset instead', async () => {
    server.limit = { limit: 60, remaining: 5, resetSeconds: 40 };
    server.add({ id: 'u-1', at: BEGIN - 60_000 }, { id: 'u-2', at: BEGIN - 50_000 });
    await poll(settings(), 5);
    expect(intake.records).toHaveLength(2);
    expect(Math.max(...time.pauses)).toBeGreaterThan(39_000);
    expect(server.requests.length).toBeLessThan(12);
  });

  it('waits as long as a 429 says', async () => {
    server.fail({ status: 429, headers: { 'retry-after': '600' } });
    server.add({ id: 'u-1', at: BEGIN - 60_000 });
    await poll(settings(), 5);
    expect(intake.records).toEqual([]);
    expect(Math.max(...time.pauses)).toBeGreaterThan(299_000);
    await poll(settings(), 15);
    expect(intake.records).toHaveLength(1);
  });

  it('goes on by time when Okta does not know the place any more, without giving anything twice', async () => {
    server.add({ id: 'u-1', at: BEGIN - 60_000 });
    await poll(settings(), 5);
    server.forgetPlaces();
    server.add({ id: 'u-2', at: time.now - 1_000 });
    await poll(settings(), 5);
    expect(intake.all('uuid')).toEqual(['u-1', 'u-2']);
  });

  it('never sends its token to another host, whatever a link says', async () => {
    const stranger = await new OktaLogServer({ now: () => time.now }).start();
    intake.stored = JSON.stringify({
      ...{ version: 1, start: BEGIN - 3_600_000 },
      feeds: {
        'system-log': {
          kind: 'tail',
          position: `${stranger.origin}/api/v1/logs?after=x`,
          marks: [],
          lastAt: 0,
          rewoundAt: BEGIN,
          rewinding: false,
          seen: [],
        },
      },
    });
    server.add({ id: 'u-1', at: BEGIN - 60_000 });
    http = new OutboundHttp({ allowedHosts: [server.host, stranger.host], timeoutMs: 500 });
    await poll(settings(), 2);
    expect(stranger.requests).toEqual([]);
    expect(intake.records).toHaveLength(1);
    await stranger.stop();
  });

  it('goes on after a request that was never answered', async () => {
    server.fail({ status: 'hang' });
    server.add({ id: 'u-1', at: BEGIN - 60_000 });
    const metrics = new Metrics();
    await poll(settings(), 2, metrics);
    expect(intake.records).toHaveLength(1);
    const text = await metrics.registry.metrics();
    expect(text).toContain('keyward_poll_requests_total{collector="okta-main",status="timeout"} 1');
    expect(text).toContain('keyward_poll_records_total{collector="okta-main",feed="system-log"} 1');
    expect(text).toContain('keyward_poll_failing{collector="okta-main",feed="system-log"} 0');
    expect(text).toMatch(/keyward_poll_last_success_timestamp_seconds\{collector="okta-main",feed="system-log"\} \d/);
  });

  it('refuses settings that name no credentials, or both kinds, a key that is none, a secret that is not set', () => {
    expect(() => make({ url: server.origin })).toThrow(/either tokenEnv, or clientId and privateKeyEnv/);
    expect(() => make({ ...settings(), ...serviceApp() })).toThrow(/either/);
    expect(() => make({ ...serviceApp(), privateKeyEnv: 'TOKEN' })).toThrow(/TOKEN holds no private key/);
    expect(() => make({ ...settings(), tokenEnv: 'NOT_SET' })).toThrow(/NOT_SET/);
    expect(() => make({ ...settings(), url: 'ftp://example.com' })).toThrow(/url/);
  });
});
