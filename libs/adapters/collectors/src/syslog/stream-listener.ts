import { readFileSync, statSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer, type TlsOptions } from 'node:tls';
import { InvalidInputError } from '@keyward/runtime';
import { LineJoiner } from '../line-joiner.js';
import { SyslogFramer, type Frame } from './framer.js';
import type { Listener, ListenerDeps } from './listener.js';
import type { SyslogSettings } from './settings.js';

/** A sender that was told that we leave has so long to finish what it is saying. */
const LEAVE_MS = 1_000;
/** A sender whose machine is gone says nothing, for ever: the system asks it. */
const KEEP_ALIVE_MS = 60_000;
const HANDSHAKE_MS = 10_000;

/** Syslog over TCP (RFC 6587) and TLS (RFC 5425). While the queue is full no socket is read, so that senders wait. */
export class StreamListener implements Listener {
  readonly #deps: ListenerDeps;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #renewal: NodeJS.Timeout | undefined;

  /** @throws InvalidInputError `collector.bad_certificate` */
  constructor(deps: ListenerDeps) {
    this.#deps = deps;
    const { settings, metrics, allowed, queue } = deps;
    const accept = (socket: Socket): void => {
      this.#accept(socket);
    };
    if (settings.tls) {
      const server = makeTlsServer(settings.tls, accept);
      this.#server = server;
      this.#renewal = renewing(server, settings.tls);
    } else this.#server = createServer(accept);
    this.#server.maxConnections = settings.maxConnections;
    this.#server.on('drop', () => {
      metrics.refused('connections');
    });
    // With TLS this is the connection before its handshake: a stranger gets none.
    this.#server.on('connection', (socket: Socket) => {
      if (allowed.has(socket.remoteAddress)) return;
      metrics.refused('peer');
      socket.destroy();
    });
    this.#server.on('tlsClientError', (_: Error, socket: Socket) => {
      if (allowed.has(socket.remoteAddress)) metrics.refused('tls');
      socket.destroy();
    });
    queue.onDrained = () => {
      for (const connection of this.#connections) connection.resume();
    };
  }

  listen(): Promise<number> {
    const { name, settings } = this.#deps;
    return new Promise((resolve, reject) => {
      this.#server.on('error', (error) => {
        reject(
          new InvalidInputError(
            'collector.cannot_listen',
            `${name} can't listen at ${settings.host}, port ${settings.port}: ${error.message}`,
          ),
        );
      });
      this.#server.listen({ host: settings.host, port: settings.port }, () => {
        resolve(portOf(this.#server.address()));
      });
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#renewal);
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    for (const connection of this.#connections) connection.leave();
    const timer = setTimeout(() => {
      for (const connection of this.#connections) connection.drop();
    }, LEAVE_MS);
    await Promise.all([closed, ...[...this.#connections].map((connection) => connection.closed)]);
    clearTimeout(timer);
  }

  #accept(socket: Socket): void {
    if (!this.#deps.allowed.has(socket.remoteAddress)) return;
    const connection = new Connection(socket, this.#deps);
    this.#connections.add(connection);
    this.#deps.metrics.connections(this.#connections.size);
    void connection.closed.then(() => {
      this.#connections.delete(connection);
      this.#deps.metrics.connections(this.#connections.size);
    });
  }
}

/** One sender. */
class Connection {
  readonly #socket: Socket;
  readonly #deps: ListenerDeps;
  readonly #framer: SyslogFramer;
  readonly #joiner: LineJoiner;
  #quiet: NodeJS.Timeout | undefined;
  /** Resolves when all that it has said is in the queue. */
  readonly closed: Promise<void>;

  constructor(socket: Socket, deps: ListenerDeps) {
    const { settings, source, metrics } = deps;
    this.#socket = socket;
    this.#deps = deps;
    this.#framer = new SyslogFramer(settings.framing, settings.maxRecordBytes);
    this.#joiner = new LineJoiner(source, settings.maxRecordBytes);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setTimeout(settings.idleSeconds * 1_000);
    socket.on('timeout', () => {
      // Nothing was read because we do not read.
      if (socket.isPaused()) return;
      metrics.refused('idle');
      socket.end();
      socket.destroySoon();
    });
    socket.on('data', (chunk) => {
      if (Buffer.isBuffer(chunk)) this.#take(this.#framer.push(chunk));
    });
    // A connection that breaks ends its message as one that closes does; nothing more can be known.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#take(this.#framer.end());
        clearTimeout(this.#quiet);
        deps.queue.push(this.#joiner.flush());
        resolve();
      });
    });
  }

  resume(): void {
    this.#socket.resume();
  }
  /** Says that we leave, and reads what is on its way. */
  leave(): void {
    this.#socket.end();
    this.#socket.resume();
  }
  drop(): void {
    this.#socket.destroy();
  }

  #take(frames: readonly Frame[]): void {
    const { queue, metrics, settings } = this.#deps;
    if (frames.length === 0) return;
    metrics.message('received', frames.length);
    for (const { text, isCut } of frames) {
      if (isCut) metrics.message('cut');
      queue.push(this.#joiner.push(text));
    }
    clearTimeout(this.#quiet);
    if (this.#joiner.isWaiting) {
      this.#quiet = setTimeout(() => {
        queue.push(this.#joiner.flush());
      }, settings.quietMs);
    }
    if (queue.isFull) this.#socket.pause();
  }
}

type Tls = NonNullable<SyslogSettings['tls']>;

const credentials = (tls: Tls): Pick<TlsOptions, 'cert' | 'key' | 'ca' | 'minVersion'> => ({
  cert: read(tls.certFile),
  key: read(tls.keyFile),
  minVersion: 'TLSv1.2',
  ...(tls.clientCaFile !== undefined && { ca: read(tls.clientCaFile) }),
});

/** New connections get what stands in the files by now; files that can't be used, as while they are being written, change nothing. */
function renewing(server: TlsServer, tls: Tls): NodeJS.Timeout {
  const writtenAt = (): string =>
    [tls.certFile, tls.keyFile, tls.clientCaFile ?? tls.certFile].map((file) => statSync(file).mtimeMs).join();
  let known = writtenAt();
  return setInterval(() => {
    try {
      const now = writtenAt();
      if (now === known) return;
      server.setSecureContext(credentials(tls));
      known = now;
    } catch {
      // it is looked again
    }
  }, tls.renewSeconds * 1_000).unref();
}

function makeTlsServer(tls: Tls, accept: (socket: Socket) => void): TlsServer {
  const options: TlsOptions = {
    ...credentials(tls),
    handshakeTimeout: HANDSHAKE_MS,
    ...(tls.clientCaFile !== undefined && { requestCert: true, rejectUnauthorized: true }),
  };
  try {
    return createTlsServer(options, accept);
  } catch (error) {
    throw badCertificate(`${tls.certFile} and ${tls.keyFile} are no certificate and key`, error);
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw badCertificate(`${file} can't be read`, error);
  }
}

const badCertificate = (message: string, cause: unknown): InvalidInputError =>
  new InvalidInputError('collector.bad_certificate', message, { cause });

const portOf = (address: AddressInfo | string | null): number => (typeof address === 'object' ? (address?.port ?? 0) : 0);
