import 'reflect-metadata';
import fastifyCookie from '@fastify/cookie';
import fastifyHelmet from '@fastify/helmet';
import type { NestApplicationOptions } from '@nestjs/common';
import { DiscoveryService, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { describeError } from '@keyward/runtime';
import { ApiModule } from './api.module.js';
import { ensureFirstAdmin, type FirstAdmin } from './auth/first-admin.js';
import { newId } from './auth/secrets.js';
import { isHttps, pushSecrets } from './config.js';
import { LINE_CONSUMERS } from './consumers.js';
import { dashboardFolder, sendPage, serveDashboard } from './dashboard/dashboard.js';
import { AccessGuard } from './http/access.guard.js';
import { AnswersInterceptor } from './http/answers.interceptor.js';
import { readBodies } from './http/body.js';
import { endpointFaults, reachableHandlers } from './http/check-endpoints.js';
import { measureRequests } from './http/request-metrics.js';
import { ProblemFilter } from './http/problem.filter.js';
import { securityHeaders } from './http/security-headers.js';
import { Senders } from './ingest/senders.js';
import { makeParts, type ApiDependencies } from './parts.js';

export interface Api {
  /** `admin` and his password when nobody could sign in before: to be printed once, and kept nowhere. */
  readonly firstAdmin: FirstAdmin | undefined;
  /** Whether the dashboard is served, too. */
  readonly servesDashboard: boolean;
  /** @returns the address, `http://127.0.0.1:8080` @throws when the port is taken */
  listen(): Promise<{ readonly url: string; readonly port: number }>;
  /** In order: live streams, backtests, requests under way, timers. Leaves bus and store open: they are the caller's. */
  close(): Promise<void>;
}

/** Longest time a request may take to arrive; a large body on a slow line needs its time. */
const REQUEST_TIMEOUT_MS = 120_000;
const KEEP_ALIVE_MS = 72_000; // longer than the usual 60 s of a load balancer, so that it is the one who closes
const REFRESH_ORGANISATION_MS = 30_000;
/** Our own logger, errors thrown to the caller, bodies read by `readBodies`. */
const NEST_OPTIONS: NestApplicationOptions = { logger: false, abortOnError: false, bodyParser: false };

/**
 * Makes the HTTP server: routes of the contract, sessions, the dashboard's files. Opens no port yet. The store must be migrated.
 *
 * @throws UnavailableError when the store does not answer; Error when a handler has no declared access: a bug
 */
export async function createApi(dependencies: ApiDependencies): Promise<Api> {
  const { config, logger, clock } = dependencies;
  const parts = await makeParts(dependencies);
  await makeTopics(dependencies);
  const folder = dashboardFolder(config.KEYWARD_DASHBOARD_DIR);
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.of(parts), httpAdapter(config.KEYWARD_TRUST_PROXY), NEST_OPTIONS);
  const faults = endpointFaults(reachableHandlers(app.get(DiscoveryService)));
  if (faults.length > 0) throw new Error(`The API does not start:\n  ${faults.join('\n  ')}`);

  const server = app.getHttpAdapter().getInstance();
  await server.register(fastifyHelmet, securityHeaders(isHttps(config)));
  await server.register(fastifyCookie);
  if (folder !== undefined) await serveDashboard(server, folder);
  readBodies(server);
  measureRequests(server, dependencies.metrics);
  app.useGlobalGuards(new AccessGuard(parts.authenticator, new Senders(parts.authenticator, parts.tokens, pushSecrets(config))));
  app.useGlobalInterceptors(new AnswersInterceptor({ logger, strict: config.KEYWARD_STRICT_ANSWERS }));
  app.useGlobalFilters(new ProblemFilter(logger, folder === undefined ? undefined : sendPage));
  await app.init();

  const firstAdmin = await ensureFirstAdmin(parts.accounts.users, clock);
  const refresh = setInterval(() => {
    parts.organisation.refresh().then(
      (changed) => {
        if (changed) parts.links.measure();
      },
      (error: unknown) => {
        logger.warn({ stage: 'organisation' }, describeError(error));
      },
    );
  }, REFRESH_ORGANISATION_MS);
  refresh.unref();

  return {
    firstAdmin,
    servesDashboard: folder !== undefined,
    listen: async () => {
      await app.listen(config.KEYWARD_HTTP_PORT, config.KEYWARD_HTTP_HOST);
      const address = server.server.address();
      const port = typeof address === 'object' && address ? address.port : config.KEYWARD_HTTP_PORT;
      const host = config.KEYWARD_HTTP_HOST.includes(':') ? `[${config.KEYWARD_HTTP_HOST}]` : config.KEYWARD_HTTP_HOST;
      return { url: config.KEYWARD_PUBLIC_URL ?? `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`, port };
    },
    close: async () => {
      clearInterval(refresh);
      await parts.stream.close();
      await parts.backtests.close();
      await app.close();
    },
  };
}

/** A sender's first record must find its topic. Without the bus the API still shows what is stored. */
async function makeTopics({ bus, logger }: ApiDependencies): Promise<void> {
  try {
    await bus.ensureTopics(LINE_CONSUMERS.flatMap(({ topics }) => topics).map((name) => ({ name })));
  } catch (error) {
    logger.warn({ bus: bus.description }, `topics could not be made: ${describeError(error)}`);
  }
}

const httpAdapter = (trustProxy: string | undefined): FastifyAdapter =>
  new FastifyAdapter({
    trustProxy: trustProxy === undefined ? false : trustProxy.split(',').map((address) => address.trim()),
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    genReqId: () => newId(),
    routerOptions: { maxParamLength: 500 },
    logger: false,
  });
