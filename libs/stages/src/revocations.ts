import { HOUR_MS, MINUTE_MS } from '@keyward/events';
import type { Grant } from '@keyward/identity';
import { AppError, describeError, retry, sleep, type Clock, type Logger, type Metrics } from '@keyward/runtime';
import { nextStep, type Effect, type GrantRevoker } from '@keyward/response';
import type { DecisionWriter } from './decision-writer.js';
import { persist } from './persist.js';
import type { ResponseStore } from './ports.js';

export interface RevocationsDeps {
  readonly store: ResponseStore;
  readonly log: DecisionWriter;
  /** By connector id of the policy. */
  readonly revokers: ReadonlyMap<string, GrantRevoker>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

/** One call of a vendor's API: longer than any of them takes, shorter than an analyst's patience. */
const CALL_TIMEOUT_MS = 15_000;
/** While a batch waits. What is still unavailable then is tried again by `resume`, without holding up other alerts. */
const AT_ONCE = { attempts: 3, firstDelayMs: 250, maxDelayMs: 3_000 };
/** A directory needs a moment to agree with itself. */
const VERIFY_DELAYS_MS = [0, 500, 2_000];
/** A system that has not answered for this long needs a person. */
const GIVE_UP_AFTER_MS = HOUR_MS;
/** What still stands after this long is taken back once more; a directory needs minutes, never more. */
const AGAIN_AFTER_MS = 10 * MINUTE_MS;
/** First pause between tries of an effect that waits; it doubles, up to five minutes. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 5 * MINUTE_MS;

/**
 * Whether it is time to go on with an effect that waits for its system. Pure.
 *
 * @param tickMs how often this is asked
 */
export function isDue(history: readonly Effect[], now: number, tickMs: number): boolean {
  const last = history.at(-1);
  if (!last) return false;
  const waitedMs = now - last.at;
  if (last.state === 'not_verified') {
    // Looking leaves no step, so the pauses double with the age of the one there is: at 5, 10, 20, 40 ... seconds, for an hour.
    const looks = (ageMs: number): number => Math.floor(Math.log2(Math.max(FIRST_PAUSE_MS / 2, ageMs) / FIRST_PAUSE_MS));
    return waitedMs >= GIVE_UP_AFTER_MS || looks(waitedMs) > looks(waitedMs - tickMs);
  }
  const tries = history.filter(({ state }) => state === last.state).length;
  return waitedMs >= Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1));
}

const noConnector = ({ connector }: Effect): string => `the policy names no connector ${connector} any more`;

/** Carries revocations out: revoke, then look. Every step is in the decision log before the next one begins. */
export class Revocations {
  readonly #deps: RevocationsDeps;
  constructor(deps: RevocationsDeps) {
    this.#deps = deps;
  }

  /**
   * Goes on from wherever the effect stands until it is verified, failed, or has to wait for the system.
   * @param history all its steps, oldest first; the last one says `revoking`, `revoked`, `already_absent` or `not_verified`
   * @returns its last step now; `revoking` where the system is away
   */
  async carryOut(history: readonly Effect[], grant: Grant, chain: string): Promise<Effect | undefined> {
    let last = history.at(-1);
    if (!last) return undefined;
    const revoker = this.#deps.revokers.get(last.connector);
    if (last.state === 'revoking') {
      if (!revoker) return this.#step(last, chain, { state: 'failed', detail: noConnector(last) });
      last = await this.#revoke(last, history, revoker, grant, chain);
      if (last.state === 'revoking' || last.state === 'failed') return last;
    }
    return this.#verify(last, history, revoker, grant, chain);
  }

  async #revoke(last: Effect, history: readonly Effect[], revoker: GrantRevoker, grant: Grant, chain: string): Promise<Effect> {
    try {
      const result = await retry(
        () =>
          revoker.revoke(grant, {
            reason: last.reason,
            dryRun: false,
            idempotencyKey: last.uid,
            signal: AbortSignal.any([this.#deps.signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]),
          }),
        { policy: AT_ONCE, signal: this.#deps.signal },
      );
      const detail =
        result.kind === 'revoked'
          ? `${result.sessionsEnded} sessions ended${result.reference ? `, reference ${result.reference}` : ''}`
          : result.kind;
      return await this.#step(last, chain, { state: result.kind === 'already_absent' ? 'already_absent' : 'revoked', detail });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const began = history.find(({ state }) => state === 'revoking')?.at ?? last.at;
      const mayStillWork = error.disposition === 'retry' && this.#deps.clock.now() - began < GIVE_UP_AFTER_MS;
      this.#deps.logger.warn({ effect: last.uid, connector: last.connector }, `not revoked yet: ${describeError(error)}`);
      return this.#step(last, chain, { state: mayStillWork ? 'revoking' : 'failed', detail: `${error.code}: ${error.message}` });
    }
  }

  async #verify(last: Effect, history: readonly Effect[], revoker: GrantRevoker | undefined, grant: Grant, chain: string): Promise<Effect> {
    const standing = revoker ? await this.#whatStands(revoker, grant) : [noConnector(last)];
    const isGone = standing.length === 0;
    if (!isGone && last.state === 'not_verified') {
      if (this.#deps.clock.now() - last.at >= GIVE_UP_AFTER_MS) {
        return this.#step(last, chain, { state: 'failed', detail: `Still there: ${standing.join('; ')}.` });
      }
      const first = history.findIndex(({ state }) => state === 'not_verified');
      const wasTakenAgain = history.slice(first).some(({ state }) => state === 'revoking');
      if (wasTakenAgain || this.#deps.clock.now() - (history[first] ?? last).at < AGAIN_AFTER_MS) return last;
      return this.#step(last, chain, { state: 'revoking', detail: `Still there: ${standing.join('; ')}. Taking it back again.` });
    }
    const step = await this.#step(last, chain, {
      state: isGone ? 'verified' : 'not_verified',
      ...(isGone ? {} : { detail: standing.join('; ') }),
    });
    if (!isGone) return step;
    const now = this.#deps.clock.now();
    await this.#persist(() => this.#deps.store.upsertGrants([{ grant: { ...grant, state: 'revoked', endedAt: now }, version: now }]));
    return step;
  }

  async #whatStands(revoker: GrantRevoker, grant: Grant): Promise<readonly string[]> {
    let standing: readonly string[] = [];
    for (const delayMs of VERIFY_DELAYS_MS) {
      await sleep(delayMs, this.#deps.signal);
      try {
        standing = await revoker.verify(grant, AbortSignal.any([this.#deps.signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]));
        if (standing.length === 0) return [];
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        standing = [`could not look: ${error.message}`];
      }
    }
    return standing;
  }

  #step(last: Effect, chain: string, step: { readonly state: Effect['state']; readonly detail?: string }): Promise<Effect> {
    const steps = this.#deps.metrics.counter('keyward_respond_effects_total', 'Steps of the decision log, by state', ['state']);
    steps.inc({ state: step.state });
    return this.#deps.log.append(nextStep(last, { ...step, chain, at: this.#deps.clock.now() }));
  }

  #persist<T>(work: () => Promise<T>): Promise<T> {
    return persist(work, 'respond', this.#deps);
  }
}
