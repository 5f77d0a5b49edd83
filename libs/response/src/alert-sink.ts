import type { Alert } from '@keyward/alerts';

export interface Delivery {
  /** Stable: the same alert version has the same id on every try, so a receiver can drop a repeat. */
  readonly id: string;
  readonly alert: Alert;
  /** Where a person can read more; absent when no public address is configured. */
  readonly link?: string;
}

/** Delivers alerts to one receiver. One implementation per kind, under `libs/adapters/sinks/src/<sink>/`. */
export interface AlertSink {
  readonly id: string;
  readonly product: string;
  /**
   * Sends once; the caller retries.
   * @throws UnavailableError, RateLimitedError (with `retryAfterMs` in the context): try again; InvalidInputError, ForbiddenError: the receiver will never take it
   */
  deliver(delivery: Delivery, signal: AbortSignal): Promise<void>;
}
