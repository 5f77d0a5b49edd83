import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApi, ApiConfig, type Api } from '@keyward/api';
import {
  connectToServer,
  createAccountStores,
  createClickHouse,
  createDatabase,
  migrate,
  type AccountStores,
  type ClickHouse,
} from '@keyward/adapter-clickhouse';
import { startEmbeddedClickHouse } from '@keyward/adapter-embedded';
import { createLocalBus } from '@keyward/adapter-kafka';
import { CSRF_HEADER, ROUTES, type ResponseOf, type Role, type RouteDefinition, type RouteName } from '@keyward/contract';
import {
  createLogger,
  Metrics,
  Secret,
  silentLogger,
  systemClock,
  UnavailableError,
  type Clock,
  type MessageBus,
  type OutRecord,
  type Publisher,
} from '@keyward/runtime';

/** The clock of the API: real, and movable. */
export class TestClock implements Clock {
  #offset = 0;
  now(): number {
    return systemClock.now() + this.#offset;
  }
  advance(ms: number): void {
    this.#offset += ms;
  }
}

/** The in-process bus of the product, with a publisher that notes what went through it, and can be out of order. */
export class ObservedBus {
  readonly bus: MessageBus;
  readonly published: OutRecord[] = [];
  down = false;

  constructor() {
    const inner = createLocalBus({ logger: silentLogger, metrics: new Metrics() });
    const publisher: Publisher = {
      publish: async (records) => {
        if (this.down) throw new UnavailableError('kafka.unavailable', 'broker-1.internal:9092 does not answer');
        await inner.publisher().publish(records);
        this.published.push(...records);
      },
    };
    this.bus = {
      description: inner.description,
      ensureTopics: (topics) =>
        this.down ? Promise.reject(new UnavailableError('kafka.unavailable', 'down')) : inner.ensureTopics(topics),
      publisher: () => publisher,
      exactlyOncePublisher: (options) => inner.exactlyOncePublisher(options),
      runStage: (run) => inner.runStage(run),
      lagOf: (group, topics) => inner.lagOf(group, topics),
      endOffsets: (topics) => inner.endOffsets(topics),
      close: () => inner.close(),
    };
  }
}

/** The body of an answer, held against the contract. */
export async function answerOf<Name extends RouteName>(name: Name, answer: Response): Promise<ResponseOf<Name>> {
  const body: unknown = await answer.json();
  if (!answer.ok) throw new Error(`${name}: ${answer.status} ${JSON.stringify(body)}`);
  const route: RouteDefinition = ROUTES[name];
  return route.response?.parse(body) as ResponseOf<Name>;
}

/** A client of one person or program: keeps its cookie, sends the CSRF token. */
export class Client {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  cookie = '';
  csrf = '';

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#url = url;
    this.#headers = headers;
  }

  async login(user: string, password: string): Promise<Response> {
    const answer = await this.send('POST', '/v1/session', { user, password });
    if (answer.ok) this.csrf = (await answerOf('session.login', answer.clone())).csrfToken;
    return answer;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.send('GET', path, undefined, headers);
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }),
        ...(this.cookie === '' ? {} : { cookie: this.cookie }),
        ...(this.csrf === '' ? {} : { [CSRF_HEADER]: this.csrf }),
        ...this.#headers,
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    const set = answer.headers.getSetCookie().find((cookie) => cookie.includes('keyward_session='));
    if (set !== undefined) this.cookie = set.split(';')[0] ?? '';
    return answer;
  }
}

export interface TestApi {
  readonly url: string;
  readonly api: Api;
  readonly clickhouse: ClickHouse;
  readonly accounts: AccountStores;
  readonly bus: ObservedBus;
  readonly clock: TestClock;
  readonly adminPassword: string;
  client(headers?: Record<string, string>): Client;
  admin(): Promise<Client>;
  /** A new user of that role, signed in. */
  as(role: Role): Promise<Client>;
  token(...scopes: string[]): Promise<string>;
  bearer(...scopes: string[]): Promise<Client>;
  close(): Promise<void>;
}

/** The API on a real ClickHouse of its own. */
export async function startTestApi(environment: Record<string, string> = {}): Promise<TestApi> {
  const directory = await mkdtemp(join(tmpdir(), 'keyward-api-'));
  const server = await startEmbeddedClickHouse({ directory, memoryBytes: 1024 ** 3 });
  const connection = {
    CLICKHOUSE_URL: server.url,
    CLICKHOUSE_USER: server.username,
    CLICKHOUSE_PASSWORD: new Secret(server.password),
    CLICKHOUSE_DATABASE: 'keyward_api_test',
  };
  const outside = connectToServer(connection);
  await createDatabase(outside, connection.CLICKHOUSE_DATABASE);
  await outside.close();
  const clickhouse = createClickHouse(connection);
  await migrate(clickhouse);
  const bus = new ObservedBus();
  const clock = new TestClock();
  const config = ApiConfig.parse({
    KEYWARD_HTTP_PORT: '0',
    KEYWARD_STRICT_ANSWERS: 'true',
    KEYWARD_LOG_LEVEL: process.env['KEYWARD_LOG_LEVEL'] ?? 'silent',
    ...environment,
  });
  // KEYWARD_LOG_LEVEL=error shows what stands behind a 500.
  const logger = createLogger({ name: 'api-test', level: config.KEYWARD_LOG_LEVEL });
  const api = await createApi({ config, clickhouse, bus: bus.bus, logger, metrics: new Metrics(), clock });
  const { port } = await api.listen();
  const url = `http://127.0.0.1:${port}`;
  const adminPassword = api.firstAdmin?.password ?? '';
  const client = (headers?: Record<string, string>): Client => new Client(url, headers);
  const admin = async (): Promise<Client> => {
    const made = client();
    const answer = await made.login('admin', adminPassword);
    if (!answer.ok) throw new Error(`the administrator can't sign in: ${answer.status}`);
    return made;
  };
  const token = async (...scopes: string[]): Promise<string> => {
    const boss = await admin();
    const answer = await boss.send('POST', '/v1/tokens', { name: 'test', scopes });
    return (await answerOf('tokens.create', answer)).token;
  };
  return {
    url,
    api,
    clickhouse,
    accounts: createAccountStores(clickhouse),
    bus,
    clock,
    adminPassword,
    client,
    admin,
    as: async (role) => {
      const boss = await admin();
      const name = `${role}-${randomBytes(3).toString('hex')}`;
      const password = `Correct horse ${randomBytes(6).toString('hex')}`;
      await boss.send('POST', '/v1/users', { name, role, password });
      const made = client();
      const answer = await made.login(name, password);
      if (!answer.ok) throw new Error(`${name} can't sign in: ${answer.status} ${await answer.text()}`);
      return made;
    },
    token,
    bearer: async (...scopes) => client({ authorization: `Bearer ${await token(...scopes)}` }),
    close: async () => {
      await api.close();
      await bus.bus.close();
      await clickhouse.close();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
