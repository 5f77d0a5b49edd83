import { OutboundHttp } from '@keyward/outbound';
import { Metrics } from '@keyward/runtime';
import { Auth0LogServer } from '@keyward/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BEGIN, KeptIntake, MINUTE, PlayedTime } from '../../test/played-run.js';
import { auth0 } from './auth0.collector.js';

describe('auth0 poller', () => {
  let time: PlayedTime;
  let server: Auth0LogServer;
  let http: OutboundHttp;
  let intake: KeptIntake;
  const make = (more: object = {}) =>
    auth0.create(
      'auth0-main',
      { url: server.origin, clientId: server.clientId, clientSecretEnv: 'SECRET', startHoursAgo: 1, ...more },
      { http, env: { SECRET: server.clientSecret } },
    );

  beforeEach(async () => {
    time = new PlayedTime();
    intake = new KeptIntake();
    server = await new Auth0LogServer({ now: () => time.now, pageSize: () => 2 }).start();
    http = new OutboundHttp({ allowedHosts: [server.host], timeoutMs: 2_000 });
  });
  afterEach(async () => {
    expect(server.problems).toEqual([]);
    await http.close();
    await server.stop();
  });

  it('begins behind the last log before its start, and puts all that follow in order', async () => {
    const logs = [-50, -40, -30, -20].map((minute, index) => ({ id: `${index}`, at: BEGIN + minute * MINUTE }));
    server.add({ id: 'x', at: BEGIN - 90 * MINUTE }, ...logs);
    await time.run(make(), intake, 5);
    expect(intake.records).toEqual(logs.map((log) => Auth0LogServer.written(log)));
  });

  it('waits in a tenant that has no log yet, and misses none that comes late before its first one', async () => {
    await time.run(make(), intake, 5);
    expect(intake.records).toEqual([]);
    server.add({ id: 'b', at: time.now }, { id: 'a', at: time.now - MINUTE, visibleAt: time.now + 3 * MINUTE });
    await time.run(make(), intake, 30);
    expect(intake.all('log_id')).toHaveLength(2);
  });

  it('asks for a token once a day', async () => {
    server.add({ id: '1', at: BEGIN - MINUTE });
    await time.run(make(), intake, 60);
    expect(server.tokensGiven).toBe(1);
  });

  it('is refused with the audience of another tenant, and says so', async () => {
    const metrics = new Metrics();
    await time.run(make({ audience: 'https://other.example.com/api/v2/' }), intake, 10, metrics);
    expect(intake.records).toEqual([]);
    expect(await metrics.registry.metrics()).toContain('keyward_poll_failing{collector="auth0-main",feed="tenant-log"} 2');
  });
});
