import type { LoginFailures } from '@keyward/adapter-clickhouse';
import { MINUTE_MS, SECOND_MS } from '@keyward/events';

/** Failures older than this are forgotten: nobody is locked out for ever. */
export const FAILURE_WINDOW_MS = 15 * MINUTE_MS;

interface Rule {
  /** Failures within the window that cost nothing: people mistype. */
  readonly free: number;
  readonly maxDelayMs: number;
}
/** One user from one address. */
const PAIR: Rule = { free: 5, maxDelayMs: 5 * MINUTE_MS };
/** One address, whatever the user: a spray. More than a pair, since an office shares one address. */
const ADDRESS: Rule = { free: 20, maxDelayMs: 5 * MINUTE_MS };
/** One user from all addresses: a botnet. A short wait: it also meets the user himself on a new network. */
const USER: Rule = { free: 20, maxDelayMs: 30 * SECOND_MS };

/**
 * How long the next attempt has to wait: doubling with each failure, from one second.
 *
 * @param known the user has signed in from this address before: what strangers fail elsewhere does not keep him out
 * @param now epoch ms
 * @returns ms from now, 0 when it may be made at once
 */
export function loginDelayMs(failures: LoginFailures, known: boolean, now: number): number {
  const until = Math.max(
    waitUntil(PAIR, failures.ofPair, failures.lastOfPair),
    waitUntil(ADDRESS, failures.ofAddress, failures.lastOfAddress),
    known ? 0 : waitUntil(USER, failures.ofUser, failures.lastOfUser),
  );
  return Math.max(0, until - now);
}

function waitUntil({ free, maxDelayMs }: Rule, count: number, last: number): number {
  if (count < free) return 0;
  return last + Math.min(maxDelayMs, SECOND_MS * 2 ** Math.min(20, count - free));
}
