import { describeError, retry, type Logger, type Metrics } from '@keyward/runtime';

/** A store that is away for minutes is met again within seconds of its return. */
const FOR_EVER = { attempts: Infinity, firstDelayMs: 100, maxDelayMs: 5_000 };

export interface PersistDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

/**
 * Stores what has been computed, however long the store is away. The fold has already advanced in memory, so giving up halfway and
 * computing again would meet a state that contains its own event; waiting here is what keeps "evaluate before advance" true.
 *
 * @param stage whose metrics say that it waits
 * @throws the signal's reason when the process stops meanwhile: nothing was committed, and the same entries come again
 */
export async function persist<T>(
  work: () => Promise<T>,
  stage: 'assess' | 'alert' | 'respond',
  { logger, metrics, signal }: PersistDeps,
): Promise<T> {
  const waiting = metrics.gauge('keyward_line_store_waiting', 'Reads and writes of a stage that wait for the store or the bus', ['stage']);
  const retries = metrics.counter('keyward_line_store_retries_total', 'Tries again of what waits for the store or the bus', ['stage']);
  let waits = 0;
  try {
    return await retry(work, {
      policy: FOR_EVER,
      signal,
      onRetry: (error, attempt, delayMs) => {
        logger.warn({ attempt, delayMs }, `waiting for the store: ${describeError(error)}`);
        retries.inc({ stage });
        if (waits === 0) waiting.inc({ stage });
        waits += 1;
      },
    });
  } finally {
    if (waits > 0) waiting.dec({ stage });
  }
}
