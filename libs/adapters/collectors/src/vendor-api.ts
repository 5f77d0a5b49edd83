import { errorForStatus, type OutboundHttp, type OutboundRequest, type OutboundResponse } from '@keyward/outbound';
import { AppError, InvalidInputError, RateLimitedError, UnauthenticatedError, UnavailableError } from '@keyward/runtime';
import { RecordSplitter } from '@keyward/sources';
import { z } from 'zod';
import type { PollSession } from './feed.js';

/** An `http(s)` address without a slash at its end. */
export const Address = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

/** What goes into the `authorization` header. */
export interface Credentials {
  header(signal: AbortSignal): Promise<string>;
  /** The vendor said 401. @returns whether another one may help */
  refused(): boolean;
}

/** A token that is ours until somebody takes it away: there is no other. */
export const fixedCredentials = (header: string): Credentials => ({ header: () => Promise.resolve(header), refused: () => false });

export interface VendorApiOptions {
  /** Prefix of error codes. */
  readonly code: string;
  /** `https://example.okta.com`: no other origin gets our credentials, whatever a link says. */
  readonly origin: string;
  readonly http: OutboundHttp;
  readonly credentials: Credentials;
  readonly session: PollSession;
  /** Least pause between two requests, ms. */
  readonly spacingMs?: number;
}

/** Longest pause that is sat out inside a request; a longer one is for the poller, so that its state shows. */
const PATIENCE_MS = 60_000;
const MAX_LIMITED = 5;
/** Of the vendor's limit this share is left to other clients of the same organisation. */
const LEFT_TO_OTHERS = 0.1;

/** GET on a vendor's log interface: credentials, rate limit, errors in our words. */
export class VendorApi {
  readonly #options: VendorApiOptions;
  #notBefore = 0;

  constructor(options: VendorApiOptions) {
    this.#options = options;
  }

  /**
   * @param url below the origin
   * @throws AppError: ForbiddenError `<code>.foreign_link` for another origin, UnavailableError `<code>.unreadable` when the answer is no JSON
   */
  async get(url: string, signal: AbortSignal): Promise<VendorAnswer> {
    const { code, origin, session } = this.#options;
    if (!URL.canParse(url) || new URL(url).origin !== new URL(origin).origin) {
      throw new InvalidInputError(`${code}.foreign_link`, 'The vendor names a next page on another host: it is not followed.');
    }
    let retried = false;
    for (let limited = 0; ;) {
      const response = await this.#send(url, signal);
      if (response.status === 401 && !retried && this.#options.credentials.refused()) {
        retried = true;
        continue;
      }
      if (response.status === 429 && (limited += 1) < MAX_LIMITED) {
        // Without a word from the vendor the pause is the poller's.
        if (this.#notBefore > session.now()) continue;
      }
      const error = errorForStatus(response, { code, now: session.now() });
      if (error) throw error;
      return new VendorAnswer(code, response);
    }
  }

  async #send(url: string, signal: AbortSignal): Promise<OutboundResponse> {
    const { http, credentials, session, spacingMs = 0, code } = this.#options;
    const waitMs = this.#notBefore - session.now();
    if (waitMs > PATIENCE_MS) {
      throw new RateLimitedError(`${code}.rate_limited`, 'The limit of requests is reached.', { context: { retryAfterMs: waitMs } });
    }
    if (waitMs > 0) await session.sleep(waitMs, signal);
    const headers = { authorization: await credentials.header(signal), accept: 'application/json' };
    const response = await counted(session, http.send({ method: 'GET', url, headers, signal }));
    this.#notBefore = session.now() + Math.max(spacingMs, pauseAskedFor(response, session.now()));
    return response;
  }
}

async function counted(session: PollSession, request: Promise<OutboundResponse>): Promise<OutboundResponse> {
  try {
    const response = await request;
    session.answered(String(response.status));
    return response;
  } catch (error) {
    if (error instanceof AppError && error.code !== 'outbound.aborted') {
      session.answered(error.code === 'outbound.timeout' ? 'timeout' : 'unreachable');
    }
    throw error;
  }
}

/**
 * Pause in ms that an answer asks for: `Retry-After` where the request was refused, else the time until the limit is set back when little of it is left.
 * Okta writes `X-Rate-Limit-*`, Auth0 `X-RateLimit-*`; the reset is in epoch seconds of the vendor's clock.
 */
function pauseAskedFor({ status, headers }: OutboundResponse, now: number): number {
  const refused = status === 429 || status === 503;
  const after = Number(headers['retry-after']);
  if (refused && Number.isFinite(after)) return Math.max(0, after * 1000);
  const of = (name: string): number => Number(headers[`x-rate-limit-${name}`] ?? headers[`x-ratelimit-${name}`]);
  const [limit, remaining, reset] = [of('limit'), of('remaining'), of('reset')];
  if (!Number.isFinite(reset)) return 0;
  const exhausted = Number.isFinite(remaining) && remaining < Math.max(1, Number.isFinite(limit) ? limit * LEFT_TO_OTHERS : 1);
  if (status !== 429 && !exhausted) return 0;
  const vendorNow = Date.parse(headers['date'] ?? '');
  // The vendor's clock tells whole seconds: one more, so that we are not early.
  return Math.max(0, reset * 1000 - (Number.isNaN(vendorNow) ? now : vendorNow)) + 1_000;
}

/** A JSON answer. */
export class VendorAnswer {
  readonly json: unknown;
  readonly #code: string;
  readonly #response: OutboundResponse;

  constructor(code: string, response: OutboundResponse) {
    this.#code = code;
    this.#response = response;
    this.json = this.#parse(response.body);
  }

  /** Address in the `Link` header with the relation `next`. */
  get nextLink(): string | undefined {
    return /<([^<>]*)>[^<,]*;\s*rel="?next"?/i.exec(this.#response.headers['link'] ?? '')?.[1];
  }

  /**
   * The records of the answer, each as the vendor wrote it: numbers that JavaScript can't hold stay what they are.
   *
   * @param list member that holds them; absent: the answer is the list
   * @throws UnavailableError `<code>.unreadable`
   */
  records(list?: string): readonly { readonly text: string; readonly value: Readonly<Record<string, unknown>> }[] {
    const values = list === undefined ? this.json : isObject(this.json) ? this.json[list] : undefined;
    if (!Array.isArray(values)) throw this.#unreadable();
    const splitter = new RecordSplitter({
      maxBytes: this.#response.body.length * 4 + 1,
      ...(list !== undefined && { envelopeKeys: [list] }),
    });
    const slices = [...splitter.push(Buffer.from(this.#response.body)), ...splitter.end()].flatMap((slice) =>
      slice.kind === 'text' ? [slice.text] : [],
    );
    const exact = slices.length === values.length;
    return values.map((value: unknown, index) => ({
      value: isObject(value) ? value : {},
      text: (exact ? slices[index] : undefined) ?? JSON.stringify(value),
    }));
  }

  #parse(body: string): unknown {
    try {
      return JSON.parse(body);
    } catch {
      throw this.#unreadable();
    }
  }
  #unreadable(): UnavailableError {
    return new UnavailableError(`${this.#code}.unreadable`, 'The answer has another form than its documentation says.');
  }
}
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const Token = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive().default(300) });
/** A token is given up this long before it ends, so that none ends on its way. */
const TOKEN_MARGIN_MS = 30_000;

export interface TokenOptions {
  readonly code: string;
  readonly http: OutboundHttp;
  readonly session: PollSession;
  /** The token request; made anew each time, since an assertion is good for once. */
  readonly request: () => Pick<OutboundRequest, 'url' | 'headers' | 'body'>;
}

/** OAuth 2.0 client credentials: one token for all requests, another when it ends or is refused. */
export class TokenCredentials implements Credentials {
  readonly #options: TokenOptions;
  #token: { readonly value: string; readonly until: number } | undefined;

  constructor(options: TokenOptions) {
    this.#options = options;
  }

  refused(): boolean {
    this.#token = undefined;
    return true;
  }

  /** @throws UnauthenticatedError `<code>.credentials_refused`; UnavailableError, RateLimitedError */
  async header(signal: AbortSignal): Promise<string> {
    const { code, http, session, request } = this.#options;
    const now = session.now();
    if (!this.#token || this.#token.until <= now) {
      const response = await counted(session, http.send({ method: 'POST', signal, ...request() }));
      if (response.status === 400 || response.status === 401 || response.status === 403) {
        throw new UnauthenticatedError(
          `${code}.credentials_refused`,
          'The token endpoint refuses the application: id, secret or key is wrong.',
        );
      }
      const error = errorForStatus(response, { code, now });
      if (error) throw error;
      const token = Token.safeParse(jsonOf(response.body));
      if (!token.success) throw new UnavailableError(`${code}.no_token`, 'The token endpoint answered without a token.');
      const lifeMs = token.data.expires_in * 1000;
      this.#token = { value: token.data.access_token, until: now + lifeMs - Math.min(TOKEN_MARGIN_MS, lifeMs / 2) };
    }
    return `Bearer ${this.#token.value}`;
  }
}
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
