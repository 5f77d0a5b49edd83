import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, kafkaObstacle } from '@keyward/adapter-embedded';
import { CSRF_HEADER } from '@keyward/contract';
import { BIN, ROOT, cleanEnvironment, descendants, isAlive } from './keyward.js';

/** The broker's jars, fetched once by `npm test` or `npm start`. */
const KAFKA_LIB = join(ROOT, '.keyward', 'kafka', 'lib');
const obstacle = await kafkaObstacle(KAFKA_LIB);
/** Whether the local Kafka can run here. With KEYWARD_REQUIRE_REAL=1 its absence is a failure, not a skip. */
export function kafkaAvailable(): boolean {
  if (obstacle !== undefined && process.env['KEYWARD_REQUIRE_REAL'] === '1') throw new Error(obstacle);
  return obstacle === undefined;
}

export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 60_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

export interface StartOptions {
  readonly data: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly port?: number;
}

/** `keyward start` as a person runs it: a process, its words, a signal. */
export class RunningKeyward {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  #said = '';
  #isOver = false;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
    child.stderr?.on('data', (chunk: Buffer) => (this.#said += chunk.toString('utf8')));
    this.#exit = new Promise((resolve) =>
      child.once('close', (code) => {
        this.#isOver = true;
        resolve(code);
      }),
    );
  }
  static async spawn({ data, env = {}, port }: StartOptions): Promise<RunningKeyward> {
    mkdirSync(join(data, 'kafka'), { recursive: true });
    try {
      if (kafkaAvailable()) symlinkSync(KAFKA_LIB, join(data, 'kafka', 'lib'));
    } catch {
      // An earlier start on this folder has made it.
    }
    const chosen = port ?? (await freePort());
    const child = spawn(process.execPath, [BIN, 'start', '--data', data], {
      env: { ...cleanEnvironment(), KEYWARD_HTTP_PORT: String(chosen), KEYWARD_DEMO_DAYS: '3', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return new RunningKeyward(chosen, child);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }
  get said(): string {
    return this.#said;
  }
  /** The first login as it is printed; undefined when it was not. */
  get password(): string | undefined {
    return /Sign in {2}admin {2}(\S+) /.exec(this.#said)?.[1];
  }
  /** Its children and theirs. */
  get children(): readonly number[] {
    return this.#child.pid === undefined ? [] : descendants(this.#child.pid);
  }
  async ready(timeoutMs = 170_000): Promise<void> {
    await until('"Keyward is running"', () => this.#isOver || this.#said.includes('Keyward is running after'), timeoutMs);
    if (this.#isOver) throw new Error(`keyward start has ended:\n${this.#said}`);
  }
  /** @returns its exit code, and whatever is still alive of what it had started */
  async end(signal: NodeJS.Signals): Promise<{ readonly code: number | null; readonly left: readonly number[] }> {
    const children = this.children;
    this.#child.kill(signal);
    const code = await this.#exit;
    const gone = (): boolean => children.every((pid) => !isAlive(pid));
    await until('its children to end', gone, 10_000).catch(() => undefined);
    return { code, left: children.filter(isAlive) };
  }
  exit(): Promise<number | null> {
    return this.#exit;
  }

  async signIn(password: string): Promise<Session> {
    const answer = await fetch(`${this.url}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'admin', password }),
    });
    if (answer.status !== 200) throw new Error(`signing in: ${answer.status} ${await answer.text()}`);
    const { csrfToken } = (await answer.json()) as { csrfToken: string };
    return new Session(this.url, answer.headers.getSetCookie()[0]?.split(';')[0] ?? '', csrfToken);
  }
}

export class Session {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  constructor(url: string, cookie: string, csrf: string) {
    this.#url = url;
    this.#headers = { cookie, [CSRF_HEADER]: csrf, 'content-type': 'application/json' };
  }
  async get<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.#url}${path}`, { headers: this.#headers });
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
  /** Sends vendor records as a forwarder would, with a token of its own. Answers once the bus has them. */
  async ingest(source: string, records: readonly unknown[]): Promise<void> {
    const made = await fetch(`${this.#url}/v1/tokens`, {
      method: 'POST',
      headers: this.#headers,
      body: JSON.stringify({ name: `forwarder-${source}`, scopes: ['ingest:*'] }),
    });
    const { token } = (await made.json()) as { token: string };
    const answer = await fetch(`${this.#url}/v1/ingest/${source}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
      body: records.map((record) => `${JSON.stringify(record)}\n`).join(''),
    });
    if (answer.status !== 202) throw new Error(`ingest: ${answer.status} ${await answer.text()}`);
  }
}
