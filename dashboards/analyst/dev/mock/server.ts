import {
  CSRF_HEADER,
  LoginRequest,
  PasswordChange,
  PROBLEM_MEDIA_TYPE,
  roleAtLeast,
  ROLES,
  ROUTE_LIST,
  type ErrorCode,
  type RouteDefinition,
  type RouteName,
  type StreamEvent,
} from '@keyward/contract';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveFile, STRICT_CSP } from './files.js';
import { HANDLERS, roleOf } from './handlers.js';
import { makeOrganisation, type Organisation } from './organisation.js';

export type MockMode = 'full' | 'empty' | 'error';
export interface MockOptions {
  /** The built dashboard. */
  readonly dist: string;
  readonly now: number;
}
export const MOCK_USER = { user: 'mia', password: 'correct horse battery' } as const;
const ALLOWED_FAILURES = 3;
const CSRF = 'csrf-of-the-mock';

/** Plays the API for the dashboard: same paths, same schemas, its own answers checked against the contract. */
export class MockApi {
  mode: MockMode = 'full';
  organisation: Organisation;
  /** Answers that broke the contract: a test fails when there is one. */
  readonly violations: string[] = [];
  readonly requests: string[] = [];
  readonly #options: MockOptions;
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();
  readonly #sessions = new Map<string, string>();
  #failures = 0;
  #ids = 0;

  constructor(options: MockOptions) {
    this.#options = options;
    this.organisation = makeOrganisation('full', options.now);
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        this.violations.push(String(error));
        problem(response, 500, 'internal', 'The mock met a bug', String(error));
      });
    });
  }

  /** @returns its address, on a free port of the loopback interface unless one is named */
  async start(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no address');
    return `http://127.0.0.1:${String((address satisfies AddressInfo).port)}`;
  }
  async stop(): Promise<void> {
    for (const stream of this.#streams) stream.end();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
  use(mode: MockMode): void {
    this.mode = mode;
    this.#failures = 0;
    this.organisation = makeOrganisation(mode === 'empty' ? 'empty' : 'full', this.#options.now);
  }
  publish(event: StreamEvent): void {
    for (const stream of this.#streams) stream.write(`event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://mock');
    response.setHeader('content-security-policy', STRICT_CSP);
    if (!url.pathname.startsWith('/v1/')) {
      await serveFile(this.#options.dist, url.pathname, response);
      return;
    }
    this.requests.push(`${request.method ?? ''} ${url.pathname}${url.search}`);
    const found = match(request.method ?? 'GET', url.pathname);
    if (!found) {
      problem(response, 404, 'not_found', 'No such route');
      return;
    }
    const body = await bodyOf(request);
    const user = this.#userOf(request);
    if (found.name.startsWith('session.')) this.#session(found.name, body, user, response);
    else if (user === undefined) problem(response, 401, 'auth.required', 'Sign in first');
    else if (!this.#may(user, found.route)) problem(response, 403, 'auth.forbidden', 'Not for this role');
    else if (request.method !== 'GET' && request.headers[CSRF_HEADER] !== CSRF)
      problem(response, 403, 'auth.csrf', 'CSRF token missing or wrong');
    else if (found.name === 'stream.open') this.#stream(response);
    else if (this.mode === 'error')
      problem(response, 503, 'service.unavailable', 'ClickHouse does not answer', 'Connection refused at 127.0.0.1:8123.');
    else this.#answer(found, Object.fromEntries(url.searchParams), body, user, response);
  }

  #answer({ name, route, params }: Match, query: Record<string, string>, body: unknown, user: string, response: ServerResponse): void {
    const checked = route.query?.safeParse(query);
    if (checked && !checked.success) {
      problem(
        response,
        400,
        'request.invalid',
        'The query is not valid',
        checked.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
      );
      return;
    }
    if (name === 'users.delete' || name === 'tokens.revoke') {
      this.#remove(params);
      response.writeHead(204).end();
      return;
    }
    const answer = HANDLERS[name]?.({
      params,
      query,
      body,
      organisation: this.organisation,
      user,
      publish: (event) => {
        this.publish(event);
      },
    });
    if (answer === undefined) {
      problem(response, 404, 'not_found', 'There is no such thing');
      return;
    }
    const parsed = route.response?.safeParse(answer);
    if (parsed && !parsed.success) this.violations.push(`${name}: ${parsed.error.message}`);
    json(response, route.status, answer);
  }

  #session(name: RouteName, body: unknown, user: string | undefined, response: ServerResponse): void {
    if (name === 'session.login') {
      const { user: given, password } = LoginRequest.parse(body);
      if (this.#failures >= ALLOWED_FAILURES) {
        response.setHeader('retry-after', '40');
        problem(response, 429, 'auth.too_many_attempts', 'Too many attempts');
      } else if (
        password !== MOCK_USER.password ||
        (!this.organisation.users.some((one) => one.name === given) && given !== MOCK_USER.user)
      ) {
        this.#failures++;
        problem(response, 401, 'auth.wrong_credentials', 'Wrong user name or password');
      } else {
        this.#failures = 0;
        const id = `s${String(++this.#ids)}`;
        this.#sessions.set(id, given);
        response.setHeader('set-cookie', `keyward=${id}; HttpOnly; SameSite=Strict; Path=/`);
        json(response, 200, this.#info(given));
      }
    } else if (user === undefined) problem(response, 401, 'auth.required', 'Sign in first');
    else if (name === 'session.logout') response.writeHead(204, { 'set-cookie': 'keyward=; Max-Age=0; Path=/' }).end();
    else if (name === 'session.password' && PasswordChange.parse(body).current !== MOCK_USER.password)
      problem(response, 401, 'auth.wrong_credentials', 'Wrong password');
    else {
      const known = this.organisation.users.find((one) => one.name === user);
      if (known && name === 'session.password') known.mustChangePassword = false;
      json(response, 200, this.#info(user));
    }
  }
  #info(user: string): unknown {
    const known = this.organisation.users.find((one) => one.name === user);
    const end = new Date(this.#options.now + 28_800_000).toISOString();
    return {
      user,
      displayName: known?.displayName ?? user,
      role: this.#roleOf(user),
      csrfToken: CSRF,
      mustChangePassword: known?.mustChangePassword ?? false,
      expiresAt: end,
      idleExpiresAt: end,
    };
  }
  #roleOf(user: string): (typeof ROLES)[number] {
    return user === MOCK_USER.user ? 'admin' : roleOf(this.organisation, user);
  }
  #may(user: string, route: RouteDefinition): boolean {
    const needed = ROLES.find((role) => role === route.access);
    return needed === undefined || roleAtLeast(this.#roleOf(user), needed);
  }
  #userOf(request: IncomingMessage): string | undefined {
    const id = /(?:^|; )keyward=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    return id === undefined ? undefined : this.#sessions.get(id);
  }
  #remove(params: Readonly<Record<string, string>>): void {
    const { users, tokens, now } = this.organisation;
    const user = users.findIndex((one) => one.name === params['name']);
    if (user >= 0) users.splice(user, 1);
    const token = tokens.find((one) => one.id === params['id']);
    if (token) token.revokedAt = new Date(now).toISOString();
  }
  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': open\n\n');
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
  }
}

interface Match {
  readonly name: RouteName;
  readonly route: RouteDefinition;
  readonly params: Readonly<Record<string, string>>;
}
function match(method: string, path: string): Match | undefined {
  const found = ROUTE_LIST.flatMap(([name, route]) => {
    const pattern = new RegExp(`^${route.path.replace(/:([a-zA-Z]+)/g, '(?<$1>[^/]+)')}$`);
    const groups = route.method === method ? pattern.exec(path) : null;
    if (!groups) return [];
    const params = Object.fromEntries(Object.entries(groups.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]));
    return [{ name, route, params }];
  });
  // `/v1/alerts/facets` before `/v1/alerts/:uid`.
  return found.sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length)[0];
}
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}
function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
function problem(response: ServerResponse, status: number, code: ErrorCode, title: string, detail?: string): void {
  response
    .writeHead(status, { 'content-type': PROBLEM_MEDIA_TYPE })
    .end(JSON.stringify({ type: `urn:keyward:problem:${code}`, title, status, code, detail, requestId: 'req-7f3a9c' }));
}
