import { OutboundHttp } from '@keyward/outbound';
import { ConflictError, Metrics, UnavailableError } from '@keyward/runtime';
import {
  Auth0LogServer,
  GraphLogServer,
  KeycloakLogServer,
  OktaLogServer,
  type LogFault,
  type LogServer,
  type LogServerOptions,
  type PlayedRecord,
} from '@keyward/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BEGIN, KeptIntake, Killed, MINUTE, PlayedTime } from '../test/played-run.js';
import { auth0 } from './auth0/auth0.collector.js';
import type { Collector, Intake } from './collector.js';
import { entra } from './entra/entra.collector.js';
import { keycloak } from './keycloak/keycloak.collector.js';
import { okta } from './okta/okta.collector.js';

const LATE_MINUTES = 10;

interface Vendor {
  readonly name: string;
  readonly server: (options: LogServerOptions) => LogServer;
  readonly lists: readonly (string | undefined)[];
  readonly collector: (server: LogServer, http: OutboundHttp, startHoursAgo: number) => Collector;
  readonly written: (record: PlayedRecord) => string;
}
const common = { pollSeconds: 170, lateMinutes: LATE_MINUTES };
const json = (text: string): string => JSON.stringify(JSON.parse(text));

const VENDORS: readonly Vendor[] = [
  {
    name: 'okta',
    server: (options) => new OktaLogServer(options),
    lists: [undefined],
    collector: (server, http, startHoursAgo) =>
      okta.create(
        'it',
        { ...common, startHoursAgo, url: server.origin, tokenEnv: 'TOKEN' },
        { http, env: { TOKEN: `00${server.clientSecret}` } },
      ),
    written: (record) => OktaLogServer.written(record),
  },
  {
    name: 'auth0',
    server: (options) => new Auth0LogServer(options),
    lists: [undefined],
    collector: (server, http, startHoursAgo) =>
      auth0.create(
        'it',
        { ...common, startHoursAgo, url: server.origin, clientId: server.clientId, clientSecretEnv: 'SECRET' },
        { http, env: { SECRET: server.clientSecret } },
      ),
    written: (record) => Auth0LogServer.written(record),
  },
  {
    name: 'entra',
    server: (options) => new GraphLogServer(options),
    lists: ['signIns', 'managedIdentity', 'directoryAudits', 'riskDetections'],
    collector: (server, http, startHoursAgo) =>
      entra.create(
        'it',
        {
          ...common,
          startHoursAgo,
          tenantId: 'example.com',
          clientId: server.clientId,
          clientSecretEnv: 'SECRET',
          graphUrl: server.origin,
          loginUrl: server.origin,
          logs: ['interactive', 'managedIdentity', 'audit', 'risk'],
          spacingMs: 0,
        },
        { http, env: { SECRET: server.clientSecret } },
      ),
    written: ({ id, at, list }) =>
      JSON.stringify({
        id,
        [list === 'directoryAudits' ? 'activityDateTime' : list === 'riskDetections' ? 'detectedDateTime' : 'createdDateTime']: new Date(
          at,
        ).toISOString(),
      }),
  },
  {
    name: 'keycloak',
    server: (options) => new KeycloakLogServer(options),
    lists: ['events', 'admin-events'],
    collector: (server, http, startHoursAgo) =>
      keycloak.create(
        'it',
        {
          ...common,
          startHoursAgo,
          url: server.origin,
          realm: 'example',
          clientId: server.clientId,
          clientSecretEnv: 'SECRET',
          pageSize: 3,
        },
        { http, env: { SECRET: server.clientSecret } },
      ),
    written: (record) => KeycloakLogServer.written(record),
  },
];

const fault: fc.Arbitrary<LogFault> = fc.oneof(
  fc.constantFrom<LogFault>({ status: 500 }, { status: 503 }, { status: 401 }, { status: 'cut' }, { status: 'repeat' }),
  fc.integer({ min: 1, max: 90 }).map((seconds): LogFault => ({ status: 429, headers: { 'retry-after': String(seconds) } })),
  fc.constant<LogFault>({ status: 502, path: 'token' }),
);

describe.each(VENDORS.map((vendor) => [vendor.name, vendor] as const))('polling %s', (_name, vendor) => {
  it('puts each record once, whatever page boundaries, late records, failures and kills it meets', async () => {
    const history = fc.record({
      records: fc.array(
        fc.record({
          second: fc.integer({ min: -50 * 60, max: 40 * 60 }),
          lateSeconds: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: LATE_MINUTES * 60 - 1 })),
          list: fc.constantFrom(...vendor.lists),
        }),
        { maxLength: 25 },
      ),
      pages: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
      faults: fc.array(fault, { maxLength: 4 }),
      putDeaths: fc.array(fc.constantFrom('before' as const, 'after' as const, undefined), { maxLength: 8 }),
      pauseDeaths: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 }),
      older: fc.boolean(),
      expireAt: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(history, async ({ records, pages, faults, putDeaths, pauseDeaths, older, expireAt }) => {
        const time = new PlayedTime();
        let page = 0;
        const server = await vendor.server({ now: () => time.now, pageSize: () => pages[(page += 1) % pages.length] ?? 1 }).start();
        const http = new OutboundHttp({ allowedHosts: [server.host], timeoutMs: 2_000 });
        const played = records.map(({ second, lateSeconds, list }, index): PlayedRecord => {
          const at = BEGIN + second * 1_000;
          return { id: `r${index}`, at, visibleAt: at + lateSeconds * 1_000, ...(list !== undefined && { list }) };
        });
        server.add(...played);
        // Before the history begins: never put.
        if (older) for (const list of vendor.lists) server.add({ id: 'old', at: BEGIN - 90 * MINUTE, ...(list !== undefined && { list }) });
        server.fail(...faults);
        const intake = new KeptIntake();
        intake.deaths = [...putDeaths];
        time.deaths = pauseDeaths;
        const until = BEGIN + 75 * MINUTE;
        for (let runs = 0; time.now < until && runs < 100; runs += 1) {
          if (runs === expireAt) server.expireTokens();
          await time.run(vendor.collector(server, http, 1), intake, (until - time.now) / MINUTE).catch((error: unknown) => {
            if (!(error instanceof Killed)) throw error;
          });
        }
        await http.close();
        await server.stop();
        expect(server.problems).toEqual([]);
        expect(intake.records.map(json).toSorted()).toEqual(played.map((record) => json(vendor.written(record))).toSorted());
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 15) },
    );
  }, 120_000);

  it('keeps asking, ever more slowly, while it is refused, and says so in its metrics', async () => {
    const time = new PlayedTime();
    const server = await vendor.server({ now: () => time.now }).start();
    const http = new OutboundHttp({ allowedHosts: [server.host], timeoutMs: 2_000 });
    server.fail(...Array.from({ length: 500 }, (): LogFault => ({ status: 401 })));
    const metrics = new Metrics();
    await time.run(vendor.collector(server, http, 1), new KeptIntake(), 60, metrics);
    const text = await metrics.registry.metrics();
    expect(text).toMatch(/keyward_poll_failing\{collector="it",feed="[\w-]+"\} 2/);
    expect(text).toMatch(/keyward_poll_requests_total\{collector="it",status="401"\} \d+/);
    // An hour of refusal: twice per try, a try every five minutes once it has slowed down.
    const asked = server.requests.filter(({ path }) => !path.includes('/token')).length;
    expect(asked).toBeGreaterThan(4);
    expect(asked).toBeLessThan(60 * vendor.lists.length);
    await http.close();
    await server.stop();
  });

  it('never asks a host that is not the configured one', async () => {
    const http = new OutboundHttp({ timeoutMs: 2_000 });
    const time = new PlayedTime();
    const server = await vendor.server({ now: () => time.now }).start();
    // Not on the allow-list: a private address, and without TLS.
    await time.run(vendor.collector(server, http, 1), new KeptIntake(), 5);
    expect(server.requests).toEqual([]);
    await http.close();
    await server.stop();
  });

  it('ends with the error of the bus: another worker has taken over, or the worker stops', async () => {
    const time = new PlayedTime();
    const server = await vendor.server({ now: () => time.now }).start();
    const http = new OutboundHttp({ allowedHosts: [server.host], timeoutMs: 2_000 });
    for (const error of [new ConflictError('collector.taken_over', 'gone'), new UnavailableError('collector.stopped', 'stopped')]) {
      const intake: Intake = { cursor: () => Promise.resolve(undefined), put: () => Promise.reject(error) };
      await expect(time.run(vendor.collector(server, http, 1), intake, 1)).rejects.toBe(error);
    }
    await http.close();
    await server.stop();
  });
});
