import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { InvalidInputError } from '@keyward/runtime';
import { LineJoiner } from '../line-joiner.js';
import { textOf } from '../text-of.js';
import type { Listener, ListenerDeps } from './listener.js';

/** What the system may hold while we are busy; it gives less where its own limit is lower (`net.core.rmem_max`). */
const RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024;
/** Senders whose records over several lines are waited for at a time. */
const MAX_WAITING = 1_000;

interface Sender {
  readonly joiner: LineJoiner;
  quiet: NodeJS.Timeout | undefined;
}

/** Syslog over UDP (RFC 5426): a message a datagram. Nobody can be told to wait, so what comes while the queue is full is dropped, and counted. */
export class DatagramListener implements Listener {
  readonly #deps: ListenerDeps;
  readonly #socket: Socket;
  readonly #senders = new Map<string, Sender>();
  readonly #spansLines: boolean;

  constructor(deps: ListenerDeps) {
    this.#deps = deps;
    this.#spansLines = deps.source.endOfRecord !== undefined || deps.source.continuation !== undefined;
    this.#socket = createSocket({ type: isIPv6(deps.settings.host) ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    this.#socket.on('message', (bytes, from) => {
      this.#take(bytes, from);
    });
  }

  listen(): Promise<number> {
    const { name, settings } = this.#deps;
    return new Promise((resolve, reject) => {
      this.#socket.once('error', (error) => {
        reject(
          new InvalidInputError(
            'collector.cannot_listen',
            `${name} can't listen at ${settings.host}, port ${settings.port}: ${error.message}`,
          ),
        );
      });
      this.#socket.bind({ address: settings.host, port: settings.port }, () => {
        this.#socket.on('error', () => undefined); // of single datagrams, which the system reports late
        resolve(this.#socket.address().port);
      });
    });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#socket.close(() => {
        resolve();
      });
    });
    for (const key of [...this.#senders.keys()]) this.#flush(key);
  }

  #take(bytes: Buffer, from: RemoteInfo): void {
    const { settings, allowed, queue, metrics } = this.#deps;
    if (!allowed.has(from.address)) {
      metrics.refused('peer');
      return;
    }
    if (queue.isFull) {
      metrics.message('dropped');
      return;
    }
    const isCut = bytes.length > settings.maxRecordBytes;
    const text = textOf(bytes.subarray(0, settings.maxRecordBytes), isCut);
    if (text === '') return;
    metrics.message('received');
    if (isCut) metrics.message('cut');
    if (this.#spansLines) this.#join(text, `${from.address} ${from.port}`);
    else queue.push([text]);
  }

  #join(text: string, key: string): void {
    const { settings, source, queue } = this.#deps;
    const sender: Sender = this.#senders.get(key) ?? { joiner: new LineJoiner(source, settings.maxRecordBytes), quiet: undefined };
    clearTimeout(sender.quiet);
    queue.push(sender.joiner.push(text));
    if (!sender.joiner.isWaiting) {
      this.#senders.delete(key);
      return;
    }
    const [oldest] = this.#senders.keys();
    if (this.#senders.size >= MAX_WAITING && oldest !== undefined) this.#flush(oldest);
    this.#senders.set(key, sender);
    sender.quiet = setTimeout(() => {
      this.#flush(key);
    }, settings.quietMs);
  }

  #flush(key: string): void {
    const sender = this.#senders.get(key);
    if (!sender) return;
    clearTimeout(sender.quiet);
    this.#senders.delete(key);
    this.#deps.queue.push(sender.joiner.flush());
  }
}
