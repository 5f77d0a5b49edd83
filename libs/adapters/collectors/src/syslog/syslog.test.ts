import { execFile, execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { promisify } from 'node:util';
import { OutboundHttp } from '@keyward/outbound';
import { Metrics, UnavailableError, silentLogger, sleep } from '@keyward/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Intake } from '../collector.js';
import { syslog } from './syslog.collector.js';

const folder = mkdtempSync(join(tmpdir(), 'keyward-syslog-'));
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Remembers what it was given; can be made to wait, or to fail. */
class Bus implements Intake {
  readonly records: string[] = [];
  puts = 0;
  gate: Promise<void> = Promise.resolve();
  failure: Error | undefined;
  async put(_: string, __: string, records: readonly string[]): Promise<void> {
    this.puts += 1;
    await this.gate;
    if (this.failure) throw this.failure;
    this.records.push(...records);
  }
  cursor(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function listening(settings: Readonly<Record<string, unknown>> = {}, bus = new Bus()) {
  const port = await freePort();
  const collector = syslog.create('gate', { source: 'linux', port, ...settings }, { http: new OutboundHttp(), env: {} });
  const stop = new AbortController();
  const metrics = new Metrics();
  const ended = collector.run({ intake: bus, logger: silentLogger, metrics, now: () => Date.now() }, stop.signal);
  ended.catch(() => undefined);
  const close = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  open.push(() => close().catch(() => undefined));
  const metric = async (sample: string): Promise<number> => {
    const line = (await metrics.registry.metrics()).split('\n').find((one) => one.startsWith(sample));
    return Number(line?.split(' ').at(-1) ?? 0);
  };
  const failures: unknown[] = [];
  ended.catch((error: unknown) => failures.push(error));
  while (failures.length === 0 && !(await metrics.registry.metrics()).includes('keyward_syslog_connections{')) await sleep(2);
  return { bus, port, close, ended, metric };
}

/** However it ends: a connection that is reset has an error first. */
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.on('close', () => {
      resolve();
    });
  });

async function tcp(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host });
  socket.on('error', () => undefined);
  open.push(() => Promise.resolve(void socket.destroy()));
  await once(socket, 'connect');
  return socket;
}
const line = (n: number): string => `<86>1 2026-11-23T09:00:00Z host.example.com sshd ${n} - - Accepted publickey for u${n} from 192.0.2.1`;
const lines = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, index) => line(from + index));

describe('a syslog listener for TCP', () => {
  it('keeps the messages of several senders, each in the order of its sender', async () => {
    const { bus, port, metric } = await listening();
    const senders = await Promise.all([tcp(port), tcp(port), tcp(port)]);
    await expect.poll(() => metric('keyward_syslog_connections')).toBe(3);
    senders.forEach((socket, index) => socket.end(`${lines(index * 1_000, index * 1_000 + 1_000).join('\n')}\n`));
    await expect.poll(() => bus.records.length).toBe(3_000);
    for (const from of [0, 1_000, 2_000]) {
      const own = new Set(lines(from, from + 1_000));
      expect(bus.records.filter((record) => own.has(record))).toEqual([...own]);
    }
    await expect.poll(() => metric('keyward_syslog_connections')).toBe(0);
    expect(await metric('keyward_syslog_messages_total{collector="gate",result="received"}')).toBe(3_000);
  });

  it('puts a record over several lines together, and waits for it no longer than it was told to', async () => {
    const { bus, port } = await listening({ source: 'windows', quietMs: 60 });
    const socket = await tcp(port);
    socket.write('<34>1 2026-01-05T09:00:00Z dc1 - - - - <Event>\n<System/>\n');
    socket.write('</Event>\n<34>1 2026-01-05T09:00:00Z dc1 - - - - <Event>\n<System>');
    socket.write('\n');
    await expect.poll(() => bus.records.map((record) => record.split('\n').length)).toEqual([3, 2]);
  });

  it('does not read on while the bus is slow, so that senders wait, and loses nothing', async () => {
    const bus = new Bus();
    let letGo: () => void = () => undefined;
    bus.gate = new Promise((resolve) => (letGo = resolve));
    const { port } = await listening({}, bus);
    const socket = await tcp(port);
    const text = `${lines(0, 1_000).join('\n')}\n`;
    let sent = 0;
    let rounds = 0;
    const flow = (): void => {
      while (rounds < 300) {
        rounds += 1;
        sent += text.length;
        if (!socket.write(text)) return;
      }
    };
    socket.on('drain', flow);
    flow();
    // Until it has stopped.
    let taken = -1;
    for (let now = 0; now !== taken; now = sent - socket.writableLength) {
      taken = now;
      await sleep(400);
    }
    expect(taken).toBeLessThan(0.9 * 300 * text.length); // what fills the queue and the system's own buffers
    letGo();
    await expect.poll(() => bus.records.length, { timeout: 20_000 }).toBe(300_000);
  }, 40_000);

  it('gives what it has read to the bus when it is stopped', async () => {
    const { bus, port, close } = await listening();
    const socket = await tcp(port);
    socket.write(`${lines(0, 5_000).join('\n')}\n${line(5_000)}`);
    await expect.poll(() => bus.records.length).toBe(5_000);
    await close();
    expect(bus.records.at(-1)).toBe(line(5_000)); // the last one had no end yet
    await expect(tcp(port)).rejects.toThrow('ECONNREFUSED');
  });

  it('ends with the error of the bus when that takes no more', async () => {
    const bus = new Bus();
    bus.failure = new UnavailableError('collector.stopped', 'the worker stops');
    const { port, ended } = await listening({}, bus);
    (await tcp(port)).write(`${line(1)}\n`);
    await expect(ended).rejects.toMatchObject({ code: 'collector.stopped' });
  });

  it('never listens to a stranger, and closes what is one connection too many', async () => {
    const others = Object.values(networkInterfaces()).flatMap((known) => known ?? []);
    const own = others.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
    const { bus, port, metric } = await listening({ host: '0.0.0.0', maxConnections: 2 });
    if (own !== undefined) {
      const stranger = await tcp(port, own);
      stranger.write(`${line(666)}\n`);
      await closed(stranger);
      expect(await metric('keyward_syslog_refused_total{collector="gate",reason="peer"}')).toBe(1);
    }
    const [first] = await Promise.all([tcp(port), tcp(port)]);
    const third = await tcp(port);
    await closed(third);
    expect(await metric('keyward_syslog_refused_total{collector="gate",reason="connections"}')).toBe(1);
    first.write(`${line(1)}\n`);
    await expect.poll(() => bus.records).toEqual([line(1)]);
  });

  it('closes a connection that has said nothing for too long', async () => {
    const { port, metric } = await listening({ idleSeconds: 1 });
    const socket = await tcp(port);
    await closed(socket);
    expect(await metric('keyward_syslog_refused_total{collector="gate",reason="idle"}')).toBe(1);
  });

  it('cuts off what is too long, and says how often', async () => {
    const { bus, port, metric } = await listening({ maxRecordBytes: 1_024 });
    (await tcp(port)).write(`${'x'.repeat(5_000)}\n${line(1)}\n`);
    await expect.poll(() => bus.records.map((record) => record.length)).toEqual([1_024, line(1).length]);
    expect(await metric('keyward_syslog_messages_total{collector="gate",result="cut"}')).toBe(1);
  });

  it('can not listen where somebody else does, and says where', async () => {
    const { port } = await listening();
    const { ended } = await listening({ port });
    await expect(ended).rejects.toMatchObject({
      code: 'collector.cannot_listen',
      message: expect.stringContaining(`port ${port}`) as string,
    });
  });
});

describe('a syslog listener for UDP', () => {
  it('keeps each datagram as one message', async () => {
    const { bus, port } = await listening({ transport: 'udp' });
    const socket = createSocket('udp4');
    for (const text of [line(1), `\ufeff${line(2)}\n`, `${line(3)}\0`, '\n']) socket.send(text, port, '127.0.0.1');
    await expect.poll(() => bus.records.length).toBe(3);
    expect(bus.records).toEqual([line(1), line(2), line(3)]);
    socket.close();
  });

  it('drops what comes while the bus is slow, and counts it', async () => {
    const bus = new Bus();
    let letGo: () => void = () => undefined;
    bus.gate = new Promise((resolve) => (letGo = resolve));
    const { port, metric } = await listening({ transport: 'udp' }, bus);
    const socket = createSocket('udp4');
    const large = `<86>1 ${'x'.repeat(60_000)}`;
    const count = (result: string): Promise<number> => metric(`keyward_syslog_messages_total{collector="gate",result="${result}"}`);
    while ((await count('dropped')) === 0) {
      for (let times = 0; times < 10; times += 1) socket.send(large, port, '127.0.0.1');
      await sleep(5);
    }
    letGo();
    const received = await count('received');
    expect(received).toBeGreaterThan(100);
    await expect.poll(() => bus.records.length).toBeGreaterThanOrEqual(received);
    socket.close();
  });

  it('puts the datagrams of a record over several lines together, for each sender', async () => {
    const { bus, port } = await listening({ transport: 'udp', source: 'windows', quietMs: 60 });
    const [one, two] = [createSocket('udp4'), createSocket('udp4')];
    for (const socket of [one, two]) {
      socket.send('<34>1 2026-01-05T09:00:00Z dc1 - - - - <Event>', port, '127.0.0.1');
      await sleep(5);
    }
    for (const socket of [one, two]) socket.send('</Event>', port, '127.0.0.1');
    await expect.poll(() => bus.records.map((record) => record.endsWith('<Event>\n</Event>'))).toEqual([true, true]);
    one.close();
    two.close();
  });
});

/** A certificate that signs itself, and a client's that an authority of its own signed; by the machine's openssl. */
const openssl = (...args: string[]): void => {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
};
const has = (program: string): boolean => (process.env['PATH'] ?? '').split(':').some((at) => existsSync(join(at, program)));

describe.skipIf(!has('openssl'))('a syslog listener for TLS (needs openssl)', () => {
  beforeAll(() => {
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    );
    openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Senders');
    openssl('req', ...newKey, '-keyout', 'client.key', '-out', 'client.csr', '-subj', '/CN=host.example.com');
    openssl(
      'x509',
      '-req',
      '-in',
      'client.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      'client.pem',
      '-days',
      '2',
    );
  });
  const file = (name: string): string => join(folder, name);
  const ours = () => ({ certFile: file('cert.pem'), keyFile: file('key.pem') });
  async function tls(port: number, more: ConnectionOptions = {}) {
    const socket = connectTls({ port, host: '127.0.0.1', ca: readFileSync(file('cert.pem')), ...more });
    open.push(() => Promise.resolve(void socket.destroy()));
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  }

  it('keeps messages that come encrypted, counted by octets', async () => {
    const { bus, port } = await listening({ transport: 'tls', tls: ours() });
    const socket = await tls(port);
    for (const text of lines(0, 100)) socket.write(`${Buffer.byteLength(text)} ${text}`);
    await expect.poll(() => bus.records).toEqual(lines(0, 100));
  });

  it('refuses who has no certificate of its authority, and keeps what the others say', async () => {
    const { bus, port, metric } = await listening({ transport: 'tls', tls: { ...ours(), clientCaFile: file('ca.pem') } });
    const stranger = await tls(port);
    stranger.write(`${line(666)}\n`);
    await closed(stranger);
    const known = await tls(port, { cert: readFileSync(file('client.pem')), key: readFileSync(file('client.key')) });
    known.write(`${line(1)}\n`);
    await expect.poll(() => bus.records).toEqual([line(1)]);
    expect(await metric('keyward_syslog_refused_total{collector="gate",reason="tls"}')).toBe(1);
  });

  it('shows a certificate that was renewed to who connects after that, without a restart', async () => {
    copyFileSync(file('cert.pem'), file('renewed.pem'));
    copyFileSync(file('key.pem'), file('renewed.key'));
    const { port } = await listening({
      transport: 'tls',
      tls: { certFile: file('renewed.pem'), keyFile: file('renewed.key'), renewSeconds: 1 },
    });
    const subject = async (): Promise<unknown> => (await tls(port, { rejectUnauthorized: false })).getPeerCertificate().subject.CN;
    expect(await subject()).toBe('localhost');
    writeFileSync(file('renewed.pem'), 'half written');
    await sleep(1_100);
    expect(await subject()).toBe('localhost');
    copyFileSync(file('ca.pem'), file('renewed.pem'));
    copyFileSync(file('ca.key'), file('renewed.key'));
    await expect.poll(subject, { timeout: 10_000 }).toBe('Senders');
  });

  it('keeps nothing of what comes in the clear', async () => {
    const { bus, port } = await listening({ transport: 'tls', tls: ours() });
    const socket = await tcp(port);
    socket.write(`${line(666)}\n`);
    await closed(socket);
    expect(bus.records).toEqual([]);
  });

  it('does not start without its certificate, and names the file', async () => {
    const { ended } = await listening({ transport: 'tls', tls: { ...ours(), certFile: file('none.pem') } });
    await expect(ended).rejects.toMatchObject({
      code: 'collector.bad_certificate',
      message: expect.stringContaining('none.pem') as string,
    });
    const swapped = await listening({ transport: 'tls', tls: { certFile: file('key.pem'), keyFile: file('cert.pem') } });
    await expect(swapped.ended).rejects.toMatchObject({ code: 'collector.bad_certificate' });
  });
});

describe.skipIf(!has('logger'))("util-linux' logger as a sender (needs logger)", () => {
  it.each([
    ['TCP with octet counting, RFC 5424', 'tcp', ['--tcp', '--octet-count', '--rfc5424', '--sd-id', 'zoo@123', '--sd-param', 'tiger="1"']],
    ['TCP with lines, RFC 5424', 'tcp', ['--tcp', '--rfc5424']],
    ['TCP with lines, RFC 3164', 'tcp', ['--tcp', '--rfc3164']],
    ['UDP, RFC 5424', 'udp', ['--udp', '--rfc5424']],
    ['UDP, RFC 3164', 'udp', ['--udp', '--rfc3164']],
  ])('is understood: %s', async (_, transport, args) => {
    const { bus, port } = await listening({ transport });
    const text = 'Accepted publickey for carol from 192.0.2.7 port 50022 ssh2';
    const send = promisify(execFile);
    await send('logger', [
      '--server',
      '127.0.0.1',
      '--port',
      String(port),
      '--tag',
      'sshd',
      '--priority',
      'authpriv.info',
      ...args,
      '--',
      text,
    ]);
    await expect.poll(() => bus.records.length).toBe(1);
    expect(bus.records[0]).toMatch(/^<86>.*sshd.*Accepted publickey for carol from 192\.0\.2\.7 port 50022 ssh2$/);
  });
});

describe('settings of a syslog listener', () => {
  it.each([
    ['a source that there is not', { source: 'abacus', port: 514 }, 'settings.source'],
    ['a port that is none', { source: 'linux', port: 70_000 }, 'settings.port'],
    ['a network that is none', { source: 'linux', port: 514, allow: ['10.0.0.0/33'] }, 'settings.allow.0'],
    ['TLS without certificate', { source: 'linux', port: 6514, transport: 'tls' }, 'settings.tls'],
    ['a certificate without TLS', { source: 'linux', port: 6514, tls: { certFile: 'a', keyFile: 'b' } }, 'settings.tls'],
    ['a key that is none', { source: 'linux', port: 514, prot: 'tcp' }, 'prot'],
  ])('are refused by name: %s', (_, settings, message) => {
    expect(() => syslog.create('gate', settings, { http: new OutboundHttp(), env: {} })).toThrow(message);
  });
});
