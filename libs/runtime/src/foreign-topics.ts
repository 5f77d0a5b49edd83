import type { Secret } from './config.js';
import type { Logger } from './logger.js';

/** A Kafka cluster that is not the line's own: nothing is written there. */
export interface ForeignCluster {
  /** `host:port` of one or more brokers. */
  readonly brokers: readonly string[];
  /** How the brokers name us in their logs and quotas. */
  readonly clientId: string;
  /** Absent: without TLS. `ca`: PEM of the authority, when it is not a public one. */
  readonly tls?: { readonly ca?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: Secret;
  };
}

export interface ForeignPosition {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the first record that was not read yet. */
  readonly nextOffset: number;
}

/** Records of one partition, in order. */
export interface ForeignBatch extends ForeignPosition {
  /** Values as UTF-8 text; undefined for a record without one. */
  readonly values: readonly (string | undefined)[];
  /** Records of the partition that are not read yet, this batch's not counted. */
  readonly behind: number;
}

/** A place that the cluster does not have any more: what was between it and the one where reading goes on was not read. */
export interface ForeignGap {
  readonly topic: string;
  readonly partition: number;
  /** `expired`: retention was faster than we. `recreated`: the offsets begin anew. */
  readonly kind: 'expired' | 'recreated';
  readonly from: number;
  readonly to: number;
}

export interface ForeignRead {
  /** Consumer group, which nobody else may be in: two readers of one group get half of the partitions each. No offset of it is kept or believed. */
  readonly group: string;
  readonly topics: readonly string[];
  /** Where to go on, whatever the cluster's own groups say. */
  readonly positions: readonly ForeignPosition[];
  /** Where to begin in partitions that are there at the start and not in `positions`. One that appears later is read from its beginning. */
  readonly from: 'earliest' | 'latest';
  readonly logger: Logger;
  /** Told once, before any batch, where each partition is read from. */
  onStart(positions: readonly ForeignPosition[]): Promise<void>;
  /** One at a time; nothing more is handed over before it resolves. */
  onBatch(batch: ForeignBatch): Promise<void>;
  onGap(gap: ForeignGap): void;
}

/** Reads topics of another Kafka cluster. */
export interface ForeignTopics {
  /**
   * Reads until aborted, and resolves then, with no batch in hand.
   * @throws UnavailableError `foreign_kafka.unavailable` when the cluster does not answer for long; ForbiddenError `foreign_kafka.forbidden` when it
   *   refuses us; what the callbacks throw
   */
  read(cluster: ForeignCluster, read: ForeignRead, signal: AbortSignal): Promise<void>;
}
