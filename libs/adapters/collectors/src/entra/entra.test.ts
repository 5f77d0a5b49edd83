import { OutboundHttp } from '@keyward/outbound';
import { Metrics } from '@keyward/runtime';
import { GraphLogServer } from '@keyward/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BEGIN, KeptIntake, MINUTE, PlayedTime } from '../../test/played-run.js';
import { entra } from './entra.collector.js';

const LISTS = ['signIns', 'nonInteractiveUser', 'servicePrincipal', 'managedIdentity', 'directoryAudits', 'riskDetections'];

describe('entra poller', () => {
  let time: PlayedTime;
  let server: GraphLogServer;
  let http: OutboundHttp;
  let intake: KeptIntake;
  const make = (more: object = {}) =>
    entra.create(
      'entra-main',
      {
        ...{ tenantId: server.tenantId, clientId: server.clientId, clientSecretEnv: 'SECRET', startHoursAgo: 1, spacingMs: 0 },
        ...{ graphUrl: server.origin, loginUrl: server.origin, ...more },
      },
      { http, env: { SECRET: server.clientSecret } },
    );

  beforeEach(async () => {
    time = new PlayedTime();
    intake = new KeptIntake();
    server = await new GraphLogServer({ now: () => time.now, pageSize: () => 2 }).start();
    http = new OutboundHttp({ allowedHosts: [server.host], timeoutMs: 2_000 });
  });
  afterEach(async () => {
    expect(server.problems).toEqual([]);
    await http.close();
    await server.stop();
  });

  it('reads sign-ins of all kinds, the audit and risk detections, each list in order of time though Graph gives the newest first', async () => {
    for (const list of LISTS)
      for (const minute of [-30, -20, -10]) server.add({ id: `${list}${minute}`, at: BEGIN + minute * MINUTE, list });
    await time.run(make(), intake, 5);
    expect(intake.all('id')).toHaveLength(18);
    for (const list of LISTS) {
      expect(intake.all('id').filter((id) => String(id).startsWith(list))).toEqual([`${list}-30`, `${list}-20`, `${list}-10`]);
    }
  });

  it('reads only the lists it was told to', async () => {
    for (const list of LISTS) server.add({ id: list, at: BEGIN - MINUTE, list });
    await time.run(make({ logs: ['audit', 'servicePrincipal'] }), intake, 5);
    expect(intake.all('id').toSorted()).toEqual(['directoryAudits', 'servicePrincipal']);
  });

  it('keeps the pause between requests that Graph asks of its readers', async () => {
    await time.run(make({ spacingMs: 2_100 }), intake, 5);
    const requests = server.requests.filter(({ path }) => !path.includes('/token')).length;
    expect(requests).toBeGreaterThan(10);
    // 5 in 10 s, over the five minutes and the last one begun.
    expect(requests).toBeLessThanOrEqual((5 * 60) / 2.1 + 1);
  });

  it('sits a short Retry-After out in the middle of a list, and begins the list anew when its place has expired', async () => {
    for (const minute of [-5, -4, -3, -2, -1]) server.add({ id: `r${minute}`, at: BEGIN + minute * MINUTE, list: 'signIns' });
    server.fail({ path: 'skiptoken', status: 429, headers: { 'retry-after': '17' } }, { path: 'skiptoken', status: 400 });
    await time.run(make({ logs: ['interactive'] }), intake, 5);
    expect(time.pauses).toContain(17_000);
    expect(intake.all('id')).toEqual(['r-5', 'r-4', 'r-3', 'r-2', 'r-1']);
  });

  it('lets one list that may not be read not hold up the others', async () => {
    for (const list of LISTS) server.add({ id: list, at: BEGIN - MINUTE, list });
    server.fail(...Array.from({ length: 100 }, () => ({ path: 'riskDetections', status: 403 })));
    const metrics = new Metrics();
    await time.run(make(), intake, 10, metrics);
    expect(intake.all('id')).toHaveLength(5);
    const text = await metrics.registry.metrics();
    expect(text).toContain('keyward_poll_failing{collector="entra-main",feed="risk"} 2');
    expect(text).toContain('keyward_poll_failing{collector="entra-main",feed="audit"} 0');
  });

  it('goes through a long history by slices, and does not read what is older than its start', async () => {
    const hours = Array.from({ length: 72 }, (_, hour) => hour);
    for (const hour of hours) server.add({ id: `h${hour}`, at: BEGIN - hour * 60 * MINUTE - 1, list: 'directoryAudits' });
    await time.run(make({ logs: ['audit'], startHoursAgo: 48 }), intake, 5);
    expect(intake.all('id')).toEqual(
      hours
        .slice(0, 48)
        .map((hour) => `h${hour}`)
        .toReversed(),
    );
  });
});
