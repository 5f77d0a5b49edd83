import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
  type AppError,
  type ErrorContext,
} from '@keyward/runtime';
import type { OutboundResponse } from './outbound-http.js';

/** Longest pause that another side may ask of us: a day. */
const MAX_RETRY_AFTER_MS = 86_400_000;

/**
 * The error that an HTTP status means to us. 408, 425, 429 and 5xx: try again, after `retryAfterMs` where the other side said so; every other status
 * that is not 2xx is final, redirects too, since following one would leave the address that was checked.
 *
 * @param code prefix of the error's code, e.g. `entra_pim`
 * @param now epoch ms, to turn a date in Retry-After into a pause
 * @returns undefined for 2xx
 */
export function errorForStatus(
  response: Pick<OutboundResponse, 'status' | 'headers'>,
  { code, now, context = {} }: { readonly code: string; readonly now: number; readonly context?: ErrorContext },
): AppError | undefined {
  const { status } = response;
  if (status >= 200 && status < 300) return undefined;
  const retryAfterMs = retryAfter(response.headers['retry-after'], now);
  const options = { context: { ...context, status, retryAfterMs } };
  const message = `The other side answered ${status}.`;
  if (status === 401) return new UnauthenticatedError(`${code}.unauthenticated`, message, options);
  if (status === 403) return new ForbiddenError(`${code}.forbidden`, message, options);
  if (status === 404) return new NotFoundError(`${code}.not_found`, message, options);
  if (status === 409) return new ConflictError(`${code}.conflict`, message, options);
  if (status === 410) return new NotFoundError(`${code}.gone`, 'The other side says it is gone for good (410).', options);
  if (status === 429) return new RateLimitedError(`${code}.rate_limited`, message, options);
  if (status === 408 || status === 425 || status >= 500) return new UnavailableError(`${code}.unavailable`, message, options);
  if (status >= 300 && status < 400) return new InvalidInputError(`${code}.redirected`, 'Redirects are not followed.', options);
  return new InvalidInputError(`${code}.refused`, message, options);
}

/** @param value seconds or an HTTP date @returns milliseconds, in [0, a day]; undefined when it says nothing */
export function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  // Date.parse alone makes a year of `-5`.
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) - now : NaN;
  return Number.isNaN(ms) ? undefined : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms));
}
