import { OutboundHttp } from '@keyward/outbound';
import { Metrics } from '@keyward/runtime';
import { KeycloakLogServer } from '@keyward/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BEGIN, KeptIntake, MINUTE, PlayedTime } from '../../test/played-run.js';
import { keycloak } from './keycloak.collector.js';

describe('keycloak poller', () => {
  let time: PlayedTime;
  let server: KeycloakLogServer;
  let http: OutboundHttp;
  let intake: KeptIntake;
  const make = (more: object = {}) =>
    keycloak.create(
      'keycloak-main',
      { url: server.origin, realm: server.realm, clientId: server.clientId, clientSecretEnv: 'SECRET', startHoursAgo: 1, ...more },
      { http, env: { SECRET: server.clientSecret } },
    );

  beforeEach(async () => {
    time = new PlayedTime();
    intake = new KeptIntake();
    server = await new KeycloakLogServer({ now: () => time.now }).start();
    http = new OutboundHttp({ allowedHosts: [server.host], timeoutMs: 2_000 });
  });
  afterEach(async () => {
    expect(server.problems).toEqual([]);
    await http.close();
    await server.stop();
  });

  it('puts user and admin events as Keycloak wrote them, though it gives the newest first', async () => {
    const events = [-9, -8, -7].map((minute) => ({ id: `e${minute}`, at: BEGIN + minute * MINUTE, list: 'events' }));
    const acts = [-6, -5].map((minute) => ({ id: `a${minute}`, at: BEGIN + minute * MINUTE, list: 'admin-events' }));
    server.add(...events, ...acts);
    await time.run(make({ pageSize: 2 }), intake, 1);
    expect(intake.records).toEqual([...events, ...acts].map((record) => KeycloakLogServer.written(record)));
  });

  it('reads servers that take days only, page by page from the newest, and asks no further back than it must', async () => {
    server.daysOnly = true;
    for (let minute = -50; minute < 0; minute += 1) server.add({ id: `e${minute}`, at: BEGIN + minute * MINUTE, list: 'events' });
    await time.run(make({ logs: ['events'], pageSize: 10 }), intake, 1);
    expect(intake.all('id')).toHaveLength(50);
    const before = server.requests.length;
    server.add({ id: 'new', at: time.now, list: 'events' });
    await time.run(make({ logs: ['events'], pageSize: 10 }), intake, 1);
    expect(intake.all('id')).toHaveLength(51);
    // A dozen polls, each its first page; the first of a run asks for an instant once more.
    expect(server.requests.length - before).toBeLessThan(20);
  });

  it('asks for a new token before the old one ends', async () => {
    await time.run(make(), intake, 10);
    expect(server.tokensGiven).toBeGreaterThan(9);
    expect(server.requests.length).toBeGreaterThan(100);
  });

  it('says that there is no such realm, and puts nothing', async () => {
    const metrics = new Metrics();
    await time.run(make({ realm: 'nope', clientRealm: server.realm }), intake, 10, metrics);
    expect(intake.records).toEqual([]);
    expect(await metrics.registry.metrics()).toContain('keyward_poll_failing{collector="keycloak-main",feed="events"} 1');
  });
});
