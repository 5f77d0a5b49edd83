import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { AppError, ForbiddenError, InvalidInputError, UnavailableError } from '@keyward/runtime';
import { Agent, request } from 'undici';
import { isForbiddenAddress } from './address.js';

export interface OutboundOptions {
  /** Hosts (`pam.example.com` or `127.0.0.1:8443`) that the operator says may be private, and may be spoken to without TLS. */
  readonly allowedHosts?: readonly string[];
  /** For the whole exchange, name look-up included. Ten seconds: longer than a slow receiver, shorter than a batch. */
  readonly timeoutMs?: number;
  /** Bytes of an answer that are read; the rest is dropped with the connection. */
  readonly maxResponseBytes?: number;
  /** Name look-up; the system's unless a test brings another. */
  readonly lookup?: (host: string) => Promise<readonly LookupAddress[]>;
}

export interface OutboundRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface OutboundResponse {
  readonly status: number;
  /** Names in lower case; of several values the first, but all of `link`, which is one list however many lines it comes in (RFC 8288). */
  readonly headers: Readonly<Record<string, string>>;
  /** At most `maxResponseBytes`, as UTF-8. */
  readonly body: string;
}

const DEFAULTS = { timeoutMs: 10_000, maxResponseBytes: 256 * 1024 };

/**
 * HTTP to addresses that stand in a configuration. Follows no redirect, reads a bounded answer, ends in time, and connects only to the very address
 * it has checked, so that a name that changes between check and connect (DNS rebinding) gains nothing.
 *
 * Errors name the host, never path, query, headers or body: those may hold secrets.
 */
export class OutboundHttp {
  readonly #allowed: ReadonlySet<string>;
  readonly #timeoutMs: number;
  readonly #maxResponseBytes: number;
  readonly #guarded: Agent;
  readonly #trusted: Agent;

  constructor(options: OutboundOptions = {}) {
    this.#allowed = new Set((options.allowedHosts ?? []).map((host) => host.toLowerCase()));
    this.#timeoutMs = options.timeoutMs ?? DEFAULTS.timeoutMs;
    this.#maxResponseBytes = options.maxResponseBytes ?? DEFAULTS.maxResponseBytes;
    const common = { connections: 16, pipelining: 1, headersTimeout: this.#timeoutMs, bodyTimeout: this.#timeoutMs };
    const timeout = this.#timeoutMs;
    this.#guarded = new Agent({ ...common, connect: { timeout, lookup: checkedLookup(options.lookup ?? lookupAll) } });
    this.#trusted = new Agent({ ...common, connect: { timeout } });
  }

  /**
   * @returns the answer, whatever its status
   * @throws ForbiddenError `outbound.address_refused`; InvalidInputError `outbound.bad_url`; UnavailableError `outbound.timeout`, `outbound.aborted`, `outbound.unreachable`
   */
  async send({ method, url, headers = {}, body, signal }: OutboundRequest): Promise<OutboundResponse> {
    const { target, trusted } = this.#check(url);
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    const context = { host: target.host };
    try {
      const answer = await request(target, {
        method,
        headers: { ...headers },
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.any([signal, deadline]),
        dispatcher: trusted ? this.#trusted : this.#guarded,
      });
      return { status: answer.statusCode, headers: flat(answer.headers), body: await bounded(answer.body, this.#maxResponseBytes) };
    } catch (error) {
      const known = appErrorIn(error);
      if (known) throw known;
      if (signal.aborted) throw new UnavailableError('outbound.aborted', 'The request was broken off.', { context });
      const cause = causeOf(error);
      if (deadline.aborted || cause.includes('TIMEOUT')) {
        throw new UnavailableError('outbound.timeout', `No answer within ${this.#timeoutMs} ms.`, { context });
      }
      throw new UnavailableError('outbound.unreachable', `The host can't be reached (${cause}).`, { context });
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#guarded.destroy(), this.#trusted.destroy()]);
  }

  #check(url: string): { readonly target: URL; readonly trusted: boolean } {
    const target = URL.canParse(url) ? new URL(url) : undefined;
    if (!target || (target.protocol !== 'https:' && target.protocol !== 'http:') || target.username !== '' || target.password !== '') {
      throw new InvalidInputError('outbound.bad_url', 'An address must be an http or https URL without user name and password.');
    }
    const trusted = this.#allowed.has(target.hostname.toLowerCase()) || this.#allowed.has(target.host.toLowerCase());
    const context = { host: target.host };
    if (!trusted && target.protocol === 'http:') {
      throw new ForbiddenError('outbound.address_refused', 'Only https is spoken to hosts that are not on the allow-list.', { context });
    }
    const literal = target.hostname.replace(/^\[|\]$/g, '');
    if (!trusted && isIP(literal) !== 0 && isForbiddenAddress(literal)) throw refused(target.host);
    return { target, trusted };
  }
}

const refused = (host: string): ForbiddenError =>
  new ForbiddenError('outbound.address_refused', 'The host is a private, local or reserved address and not on the allow-list.', {
    context: { host },
  });

const lookupAll = (host: string): Promise<readonly LookupAddress[]> =>
  new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, addresses) => {
      if (error) reject(error);
      else resolve(addresses);
    });
  });

/** Gives the socket only addresses that were checked; one forbidden address among them refuses the name. */
function checkedLookup(resolveAll: (host: string) => Promise<readonly LookupAddress[]>): LookupFunction {
  return (host, options, callback) => {
    resolveAll(host).then(
      (addresses) => {
        const [first] = addresses;
        if (!first) callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '', 4);
        else if (addresses.some(({ address }) => isForbiddenAddress(address))) callback(refused(host), '', 4);
        else if (options.all) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => {
        callback(error instanceof Error ? error : new Error(String(error)), '', 4);
      },
    );
  };
}

async function bounded(body: AsyncIterable<Buffer | string> & { destroy(): unknown }, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes.subarray(0, maxBytes - size));
    size += bytes.length;
    if (size >= maxBytes) {
      body.destroy();
      break;
    }
  }
  return Buffer.concat(chunks).toString('utf8');
}

const flat = (headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const lower = name.toLowerCase();
      const text = Array.isArray(value) ? (lower === 'link' ? value.join(', ') : value[0]) : value;
      return text === undefined ? [] : [[lower, text]];
    }),
  );

/** Our own error, wherever undici has wrapped it. */
function appErrorIn(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  return error instanceof Error && error.cause !== undefined ? appErrorIn(error.cause) : undefined;
}
/** A code such as ECONNREFUSED or UND_ERR_SOCKET: never the message, which may quote the request. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === undefined ? error.name : causeOf(error.cause);
}
