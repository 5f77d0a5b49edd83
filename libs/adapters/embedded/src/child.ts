import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { UnavailableError } from '@keyward/runtime';

export interface ChildOptions {
  /** As errors name it: `ClickHouse`. */
  readonly name: string;
  /** Command and arguments. */
  readonly args: readonly string[];
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
}

const GUARD = fileURLToPath(new URL('../child/guard.mjs', import.meta.url));

/**
 * A server that runs as our child, behind a guard that ends it when we are gone, however we went.
 * Both are a process group of their own, so that Ctrl-C in a terminal reaches only us and everything stops in order.
 */
export class GuardedChild {
  readonly #process: ChildProcess;
  readonly #options: ChildOptions;
  #exit: string | undefined;
  readonly #ended: Promise<void>;

  constructor(options: ChildOptions) {
    this.#options = options;
    const log = createWriteStream(options.logFile, { flags: 'a', mode: 0o600 });
    this.#process = spawn(process.execPath, [GUARD, ...options.args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, ...options.env },
    });
    log.on('error', () => undefined); // a full disk takes the log; the server itself says what it misses
    this.#process.stdout?.pipe(log);
    this.#process.stderr?.pipe(log);
    this.#process.stdin?.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#process.once('error', (error) => {
        this.#exit = error.message;
        resolve();
      });
      this.#process.once('exit', (code, signal) => {
        this.#exit ??= signal ?? `exit code ${code ?? 0}`;
        resolve();
      });
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }
  get running(): boolean {
    return this.#exit === undefined;
  }
  /** Resolves when the process has ended, for whatever reason. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /**
   * Waits until `probe` says yes.
   * @throws UnavailableError `embedded.did_not_start` with the last lines that the server wrote, when it ends or the time is over
   */
  async ready(probe: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (this.#exit === undefined && performance.now() < deadline) {
      if (await probe().catch(() => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const why = this.#exit === undefined ? `did not answer within ${Math.round(timeoutMs / 1000)} s` : `ended (${this.#exit})`;
    await this.kill();
    throw new UnavailableError('embedded.did_not_start', `${this.#options.name} ${why}. ${this.#hint()}`, {
      context: { server: this.#options.name },
    });
  }

  /** Asks first, then insists. */
  async stop(graceMs: number): Promise<void> {
    if (this.#exit !== undefined) return;
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => {
      this.#killGroup();
    }, graceMs);
    await this.#ended;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    this.#killGroup();
    await this.#ended;
  }

  /** The guard and its server: a guard that is killed alone could not end the server. */
  #killGroup(): void {
    if (this.#exit !== undefined || this.#process.pid === undefined) return;
    try {
      process.kill(-this.#process.pid, 'SIGKILL');
    } catch {
      // It ended in this very moment.
    }
  }

  #hint(): string {
    const text = tail(this.#options.logFile);
    if (/No space left on device/i.test(text)) return 'The disk is full: free some space and start again.';
    if (/Address already in use/i.test(text)) return 'Its port is in use by another program: stop that one, or name another port.';
    if (/Cannot lock file|already locked|another server instance/i.test(text))
      return 'Another Keyward is already running on this data directory: stop it first.';
    return `Its last words, from ${this.#options.logFile}:\n${text}`;
  }
}

function tail(file: string): string {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(-12).join('\n');
  } catch {
    return '(it wrote nothing)';
  }
}

/** A TCP port that is free on loopback right now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
