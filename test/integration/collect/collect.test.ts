import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, type GuardedChild } from '@keyward/adapter-embedded';
import { rawTopic } from '@keyward/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Ground, Servers, kafkaAvailable, pause, requireBuild, startWorker, until } from '../line/harness.js';

const available = kafkaAvailable();

/** A login of its own, in the form of RFC 5424. */
const login = (who: string, n: number, at: Date): string =>
  `<86>1 ${at.toISOString()} host.example.com sshd ${1_000 + n} - - Accepted publickey for ${who}${n % 50} from 192.0.2.${1 + (n % 250)} port ${10_000 + n} ssh2`;

/** Sends lines over TCP for as long as it takes; repeats the last ones when its connection breaks, since no answer tells it what has arrived. */
class Sender {
  readonly #port: number;
  readonly #lines: readonly string[];
  readonly #repeats: number;
  #socket: Socket | undefined;
  sent = 0;
  constructor(port: number, lines: readonly string[], repeats: number) {
    this.#port = port;
    this.#lines = lines;
    this.#repeats = repeats;
  }
  async sendTo(count: number): Promise<void> {
    while (this.sent < count) {
      const socket = await this.#connected();
      const line = this.#lines[this.sent] ?? '';
      this.sent += 1;
      if (!socket.write(`${Buffer.byteLength(line)} ${line}`))
        await Promise.race([once(socket, 'drain').catch(() => undefined), pause(500)]);
      if (this.sent % 20 === 0) await pause(5);
    }
  }
  close(): void {
    this.#socket?.end();
  }
  async #connected(): Promise<Socket> {
    if (this.#socket?.writable) return this.#socket;
    const isFirst = this.#socket === undefined;
    const connected = await until('the listener to answer', async () => {
      const socket = connect({ port: this.#port, host: '127.0.0.1' });
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    });
    // A listener that leaves says so: what is said after that would be lost.
    connected.on('end', () => connected.end());
    connected.resume();
    if (!isFirst) this.sent = Math.max(0, this.sent - this.#repeats);
    this.#socket = connected;
    return connected;
  }
}

describe.skipIf(!available)('the role collect (needs Apache Kafka)', () => {
  let servers: Servers;
  let ground: Ground;
  beforeAll(async () => {
    requireBuild();
    servers = await Servers.start();
    ground = await Ground.prepare(servers, { env: { KEYWARD_COLLECTORS_FILE: join(servers.directory, 'collectors.yaml') } });
  });
  afterAll(async () => {
    await ground.close();
    await servers.close();
  });
  const running = new Set<GuardedChild>();
  // They share one broker: a worker that is left over would take the records of the next test.
  afterEach(async () => {
    for (const worker of running) await worker.kill();
    running.clear();
  });
  const aWorker = async (name?: string): Promise<GuardedChild> => {
    const worker = await startWorker(ground, name);
    running.add(worker);
    return worker;
  };

  const collect = (...entries: readonly string[]): void => {
    writeFileSync(
      join(servers.directory, 'collectors.yaml'),
      `version: 1\ncollectors:\n${entries.map((entry) => `  - ${entry}\n`).join('')}`,
    );
  };
  const syslogAt = (port: number): string => `{ name: hosts-${port}, kind: syslog, settings: { source: linux, port: ${port} } }`;
  const listens = (port: number): Promise<true> =>
    until('the listener', async () => {
      const socket = connect({ port, host: '127.0.0.1' });
      await once(socket, 'connect');
      socket.destroy();
      return true;
    });
  const recordsWith = async (source: string, lines: readonly string[]): Promise<string[]> => {
    const own = new Set(lines);
    return (await servers.read(rawTopic(source))).map(({ value }) => value).filter((value) => own.has(value));
  };
  const rowsOf = (who: string): Promise<number> => ground.count('access_events', `match(actor_name, '^${who}[0-9]+')`);
  const hasRows = (who: string, least: number, most = least): Promise<true> =>
    until(
      `rows of ${who}`,
      async () => {
        const rows = await rowsOf(who);
        if (rows < least || rows > most) throw new Error(`${rows} rows in place of ${least}`);
        return true;
      },
      60_000,
    );

  it('makes one row of each syslog line over kills of the worker, when the sender repeats what it can not know to have arrived', async () => {
    const port = await freePort();
    collect(syslogAt(port));
    const at = Date.now() - 600_000;
    const lines = Array.from({ length: 6_000 }, (_, n) => login('k', n, new Date(at + n * 50)));
    let worker = await aWorker();
    const sender = new Sender(port, lines, 2_000);
    for (const killAt of [2_000, 4_000]) {
      await sender.sendTo(killAt);
      await hasRows('k', killAt - 500, killAt);
      await sender.sendTo(killAt + 500);
      await worker.kill();
      worker = await aWorker();
    }
    await sender.sendTo(lines.length);
    sender.close();
    await hasRows('k', lines.length);
    expect(new Set(await recordsWith('linux', lines)).size).toBe(lines.length);
    await worker.stop(20_000);
    expect(await rowsOf('k')).toBe(lines.length);
  }, 240_000);

  it('loses and repeats no syslog line when the worker is stopped in order, though nobody repeats anything', async () => {
    const port = await freePort();
    collect(syslogAt(port));
    const at = Date.now() - 600_000;
    const lines = Array.from({ length: 4_000 }, (_, n) => login('s', 10_000 + n, new Date(at + n * 50)));
    let worker = await aWorker();
    const sender = new Sender(port, lines, 0);
    const sending = sender.sendTo(lines.length);
    await until('the first thousand', () => Promise.resolve(sender.sent > 1_000));
    await worker.stop(20_000);
    worker = await aWorker();
    await sending;
    sender.close();
    await hasRows('s', lines.length);
    expect((await recordsWith('linux', lines)).toSorted()).toEqual(lines.toSorted());
    await worker.stop(20_000);
  }, 240_000);

  it('brings each line of a rotated file to its topic once, over kills of the two workers that share it', async () => {
    const file = join(servers.directory, 'auth.log');
    writeFileSync(file, '');
    collect(`{ name: auth-log, kind: tail, settings: { source: linux, paths: ['${file}*'], everyMs: 100 } }`);
    const at = Date.now() - 600_000;
    const lines = Array.from({ length: 6_000 }, (_, n) => login('t', 20_000 + n, new Date(at + n * 50)));
    const workers = new Map([
      ['worker-1', await aWorker('worker-1')],
      ['worker-2', await aWorker('worker-2')],
    ]);
    let written = 0;
    const writing = (async () => {
      while (written < lines.length) {
        appendFileSync(file, `${lines.slice(written, written + 10).join('\n')}\n`);
        written += 10;
        if (written % 1_000 === 0) renameSync(file, `${file}.${written / 1_000}`);
        await pause(60);
      }
    })();
    for (const [name, upTo] of [
      ['worker-1', 1_500],
      ['worker-2', 3_500],
    ] as const) {
      await until(`${upTo} lines`, () => Promise.resolve(written >= upTo));
      await workers.get(name)?.kill();
      workers.set(name, await aWorker(name));
    }
    await writing;
    await hasRows('t', lines.length);
    expect((await recordsWith('linux', lines)).toSorted()).toEqual(lines.toSorted());
    for (const worker of workers.values()) await worker.stop(20_000);
  }, 300_000);

  it("understands util-linux' logger, and says why a line is no record of the source", async () => {
    const port = await freePort();
    collect(syslogAt(port));
    const worker = await aWorker();
    await listens(port);
    const send = promisify(execFile);
    const to = ['--server', '127.0.0.1', '--port', String(port), '--tcp', '--octet-count', '--rfc5424', '--priority', 'authpriv.info'];
    await send('logger', [...to, '--tag', 'sshd', '--id=4711', '--', 'Failed password for carol from 192.0.2.7 port 50022 ssh2']);
    const broken = connect({ port, host: '127.0.0.1' });
    broken.end('what is this?\n');
    await until('the row', async () => (await ground.count('access_events', `startsWith(actor_name, 'carol')`)) === 1);
    const [row] = await ground.rows<{ outcome: string }>(`SELECT outcome FROM access_events FINAL WHERE startsWith(actor_name, 'carol')`);
    expect(row?.outcome).toBe('failure');
    await until('the dead letter', async () => (await ground.count('dead_letters', `source = 'linux'`)) === 1);
    await worker.stop(20_000);
  }, 120_000);
});
