import { AppError } from './errors.js';

export interface RetryPolicy {
  /** Tries in all; `Infinity` for what must succeed before the line may go on. */
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/** Full jitter: a crowd of workers does not come back at the same instant. `random` in [0, 1). */
export function backoffMs(policy: RetryPolicy, attempt: number, random: () => number = Math.random): number {
  return Math.round(Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (attempt - 1)) * (0.5 + random() / 2));
}

/** @throws the signal's reason when it aborts */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortReason(signal));
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      if (signal) reject(abortReason(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
const abortReason = (signal: AbortSignal): Error => (signal.reason instanceof Error ? signal.reason : new Error('stopped'));

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly signal?: AbortSignal;
  readonly onRetry?: (error: AppError, attempt: number, delayMs: number) => void;
}

/**
 * Runs `work` again while it fails with an error that says `retry`; waits at least as long as `retryAfterMs` asks.
 * @throws what `work` threw last; at once when it says `reject` or is no AppError
 */
export async function retry<T>(work: (attempt: number) => Promise<T>, { policy, signal, onRetry }: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!(error instanceof AppError) || error.disposition !== 'retry' || attempt >= policy.attempts) throw error;
      const asked = typeof error.context['retryAfterMs'] === 'number' ? error.context['retryAfterMs'] : 0;
      const delayMs = Math.max(asked, backoffMs(policy, attempt));
      onRetry?.(error, attempt, delayMs);
      await sleep(delayMs, signal);
    }
  }
}
