import { NotFoundError, type Logger } from '@keyward/runtime';
import { sourceById } from '@keyward/sources';
import { defineCollector, type Collector, type CollectorContext } from '../collector.js';
import { RecordQueue } from '../record-queue.js';
import { AllowedPeers } from './allowed-peers.js';
import { DatagramListener } from './datagram-listener.js';
import { syslogMetrics, type Listener, type ListenerDeps } from './listener.js';
import { SyslogSettings } from './settings.js';
import { StreamListener } from './stream-listener.js';

/** Waits for senders of syslog at one address, and brings their messages to one source. Each worker that has it listens. */
class SyslogCollector implements Collector {
  readonly name: string;
  readonly source: string;
  readonly runsOn = 'every';
  readonly #settings: SyslogSettings;
  readonly #allowed: AllowedPeers;

  constructor(name: string, settings: SyslogSettings) {
    this.name = name;
    this.source = settings.source;
    this.#settings = settings;
    this.#allowed = new AllowedPeers(settings.allow);
  }

  async run({ intake, logger, metrics }: CollectorContext, signal: AbortSignal): Promise<void> {
    const source = sourceById(this.source);
    if (!source) throw new NotFoundError('source.unknown', `There is no source ${this.source}`);
    const queue = new RecordQueue();
    const measured = syslogMetrics(metrics, this.name);
    const listener = this.#listenerFor({
      ...{ name: this.name, settings: this.#settings, allowed: this.#allowed },
      ...{ source, queue, metrics: measured },
    });
    const port = await listener.listen();
    measured.connections(0);
    const { host, transport } = this.#settings;
    logger.info({ collector: this.name, host, port, transport }, 'listening for syslog');
    const pump = (async () => {
      for (;;) {
        const records = await queue.take();
        if (records.length === 0) return;
        await intake.put(this.name, this.source, records);
      }
    })();
    await Promise.race([aborted(signal), pump]).catch(() => undefined);
    await listener.close();
    queue.close();
    await pump.catch((error: unknown) => {
      this.#tellLost(queue.size, logger);
      throw error;
    });
  }

  #listenerFor(deps: ListenerDeps): Listener {
    return this.#settings.transport === 'udp' ? new DatagramListener(deps) : new StreamListener(deps);
  }

  /** Syslog has no answers: what its sender has sent and the bus has not taken is gone. */
  #tellLost(waiting: number, logger: Logger): void {
    logger.error({ collector: this.name, atLeast: waiting }, 'syslog messages were lost, since the bus did not take them');
  }
}

export const syslog = defineCollector({
  kind: 'syslog',
  settings: SyslogSettings,
  create: (name, settings) => new SyslogCollector(name, settings),
});

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
