import { describeError, retry, type Logger } from '@keyward/runtime';

/** A store that is away for minutes is met again within seconds of its return. */
const FOR_EVER = { attempts: Infinity, firstDelayMs: 100, maxDelayMs: 5_000 };

/**
 * Stores what has been computed, however long the store is away. The fold has already advanced in memory, so giving up halfway and
 * computing again would meet a state that contains its own event; waiting here is what keeps "evaluate before advance" true.
 *
 * @throws the signal's reason when the process stops meanwhile: nothing was committed, and the same entries come again
 */
export function persist<T>(work: () => Promise<T>, logger: Logger, signal: AbortSignal): Promise<T> {
  return retry(work, {
    policy: FOR_EVER,
    signal,
    onRetry: (error, attempt, delayMs) => {
      logger.warn({ attempt, delayMs }, `waiting for the store: ${describeError(error)}`);
    },
  });
}
