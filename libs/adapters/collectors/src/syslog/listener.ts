import type { Metrics } from '@keyward/runtime';
import type { SpanningLines } from '../line-joiner.js';
import type { RecordQueue } from '../record-queue.js';
import type { AllowedPeers } from './allowed-peers.js';
import type { SyslogSettings } from './settings.js';

/** What waits at an address and fills the queue. */
export interface Listener {
  /** @returns the port @throws InvalidInputError `collector.cannot_listen` */
  listen(): Promise<number>;
  /** Takes nothing new, lets senders finish their message for a moment, and puts all that came into the queue. */
  close(): Promise<void>;
}

export interface ListenerDeps {
  readonly name: string;
  readonly settings: SyslogSettings;
  readonly source: SpanningLines;
  readonly allowed: AllowedPeers;
  readonly queue: RecordQueue;
  readonly metrics: SyslogMetrics;
}

export type SyslogMetrics = ReturnType<typeof syslogMetrics>;
export function syslogMetrics(metrics: Metrics, collector: string) {
  const messages = metrics.counter('keyward_syslog_messages_total', 'Syslog messages by what became of them: received, cut, dropped', [
    'collector',
    'result',
  ]);
  const refused = metrics.counter(
    'keyward_syslog_refused_total',
    'Senders of syslog that were not listened to: peer, connections, tls, idle',
    ['collector', 'reason'],
  );
  const connections = metrics.gauge('keyward_syslog_connections', 'Senders that are connected to a syslog listener', ['collector']);
  return {
    /** `cut` ones are received as well; `dropped` ones, of UDP only, are not. */
    message: (result: 'received' | 'cut' | 'dropped', count = 1): void => {
      messages.inc({ collector, result }, count);
    },
    refused: (reason: 'peer' | 'connections' | 'tls' | 'idle'): void => {
      refused.inc({ collector, reason });
    },
    connections: (count: number): void => {
      connections.set({ collector }, count);
    },
  };
}
