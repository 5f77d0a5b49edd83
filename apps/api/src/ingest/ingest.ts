import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { INGEST_MAX_RECORD_BYTES, INGEST_MAX_RECORDS, type ProblemDetail } from '@keyward/contract';
import { deterministicUid } from '@keyward/events';
import {
  NotFoundError,
  RateLimitedError,
  rawTopic,
  UnauthenticatedError,
  UnavailableError,
  type Clock,
  type Logger,
  type Metrics,
  type OutRecord,
  type Publisher,
  type Secret,
} from '@keyward/runtime';
import { headerOf, sourceById, splitterFor, type Slice, type Source } from '@keyward/sources';
import { readAll } from '../http/body.js';
import type { Caller } from '../http/caller.js';
import { RequestProblem } from '../http/problem.js';
import { decompressed } from './decompressed.js';

export interface IngestParts {
  readonly publisher: Publisher;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Source to the secret with which its vendor signs deliveries. */
  readonly secrets: ReadonlyMap<string, Secret>;
}
export interface IngestOptions {
  readonly maxBodyBytes: number;
  readonly maxInFlightBytes: number;
  /** The bus has this long to take a body. */
  readonly publishTimeoutMs: number;
}
export interface Accepted {
  /** Records that the bus has now. */
  readonly accepted: number;
  /** Instead of the route's own status, for vendors that take only this one as delivered. */
  readonly status: 200 | undefined;
}
interface Request {
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
}
/** Lines that an answer names; the sender corrects the first ones first. */
const MAX_ERRORS = 50;
/** A body without a declared length counts as this much until it is read. */
const UNKNOWN_LENGTH = 1024 * 1024;

/**
 * Takes vendor records from HTTP to `access.raw.<source>`, one record of the bus each. All or nothing: when one of them can't be read, none is
 * accepted. What can be read but is no access event is for INGEST to say.
 */
export class Ingest {
  readonly #parts: IngestParts;
  readonly #options: IngestOptions;
  readonly #records;
  #inFlightBytes = 0;

  constructor(parts: IngestParts, options: IngestOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#records = parts.metrics.counter('keyward_api_ingest_records_total', 'Records taken or refused by POST /v1/ingest', [
      'source',
      'result',
    ]);
  }

  /**
   * @param caller a `signer` has shown nothing yet: its signature is verified over the whole body before a byte of it is read as records
   * @throws NotFoundError `source.unknown`; UnauthenticatedError for a signature that is wrong or too old; RequestProblem 400 with line numbers, 413, 415; RateLimitedError when too much is under way; UnavailableError when the bus does not take them
   */
  async accept(sourceId: string, request: Request, caller: Caller): Promise<Accepted> {
    const { body, headers } = request;
    const source = sourceById(sourceId);
    if (!source) {
      drain(body);
      throw new NotFoundError('source.unknown', 'There is no source of this name.');
    }
    if (!(body instanceof Readable)) throw new RequestProblem('request.invalid', 'The body is empty.');
    const reserved = this.#reserve(headers, body);
    try {
      const genuine = await this.#verified(source, body, headers, caller);
      const records = await this.#read(source, decompressed(genuine, headers['content-encoding'], this.#options.maxBodyBytes));
      const first = String(records[0]?.value ?? '');
      const status = source.push?.deliveredStatus?.(headers, first);
      const notice = source.push?.notice?.(headers, first);
      if (notice !== undefined) {
        this.#parts.logger.warn({ source: source.id }, notice);
        return { accepted: 0, status };
      }
      await this.#publish(records);
      this.#records.inc({ source: source.id, result: 'accepted' }, records.length);
      return { accepted: records.length, status };
    } finally {
      this.#inFlightBytes -= reserved;
      drain(body);
    }
  }

  /** @throws NotFoundError `source.unknown`; RequestProblem 400 when the request is no test that the source's vendor makes */
  handshake(sourceId: string, headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
    const source = sourceById(sourceId);
    if (!source) throw new NotFoundError('source.unknown', 'There is no source of this name.');
    const answer = source.push?.handshake?.(headers);
    if (!answer) throw new RequestProblem('request.invalid', `Records are sent with POST. ${source.id} sends no such test.`);
    return { ...answer };
  }

  /** The body, read and verified when the vendor signs it; as it is otherwise. */
  async #verified(source: Source, body: Readable, headers: IncomingHttpHeaders, caller: Caller): Promise<Readable> {
    const signature = source.push?.signature;
    const secret = this.#parts.secrets.get(source.id);
    const signed = signature !== undefined && secret !== undefined && headerOf(headers, signature.header) !== undefined;
    if (!signed) {
      if (caller.kind === 'signer') throw new UnauthenticatedError('auth.required', 'The delivery is not signed.');
      return body;
    }
    const bytes = await readAll(body, this.#options.maxBodyBytes);
    const verdict = signature.verify({ headers, body: bytes }, secret.reveal(), this.#parts.clock.now());
    if (verdict === 'valid') return Readable.from([bytes]);
    this.#records.inc({ source: source.id, result: 'refused' });
    throw new UnauthenticatedError(
      'auth.required',
      verdict === 'stale' ? 'The delivery was signed too long ago.' : 'The signature is not that of this body.',
    );
  }

  #reserve(headers: IncomingHttpHeaders, body: Readable): number {
    const declared = Number(headers['content-length'] ?? UNKNOWN_LENGTH);
    if (declared > this.#options.maxBodyBytes) {
      drain(body);
      throw new RequestProblem('request.too_large', `A body has at most ${Math.floor(this.#options.maxBodyBytes / 1024)} KiB.`, [], 413);
    }
    // Packed text is about ten times as large in memory.
    const bytes = Math.min(this.#options.maxBodyBytes, headers['content-encoding'] === undefined ? declared : declared * 10);
    if (this.#inFlightBytes > 0 && this.#inFlightBytes + bytes > this.#options.maxInFlightBytes) {
      drain(body);
      throw new RateLimitedError('rate_limited', 'Too many records are under way. Send them again in a moment.', {
        context: { retryAfterMs: 1_000 },
      });
    }
    this.#inFlightBytes += bytes;
    return bytes;
  }

  async #read(source: Source, body: Readable): Promise<OutRecord[]> {
    const splitter = splitterFor(source, INGEST_MAX_RECORD_BYTES);
    const records: OutRecord[] = [];
    const errors: ProblemDetail[] = [];
    const take = (slices: readonly Slice[]): void => {
      for (const slice of slices) {
        const problem = slice.kind === 'broken' ? slice.message : unreadable(source, slice.text);
        if (problem !== undefined && errors.length < MAX_ERRORS) errors.push({ line: slice.line, message: problem });
        if (problem !== undefined || slice.kind === 'broken') continue;
        if (records.length >= INGEST_MAX_RECORDS) throw tooMany();
        records.push({ topic: rawTopic(source.id), key: deterministicUid('raw', slice.text), value: slice.text });
      }
    };
    for await (const chunk of body) if (Buffer.isBuffer(chunk)) take(splitter.push(chunk));
    take(splitter.end());
    if (errors.length > 0) {
      this.#records.inc({ source: source.id, result: 'refused' }, errors.length);
      throw new RequestProblem('request.unreadable_records', 'Some records can not be read; none was accepted.', errors);
    }
    if (records.length === 0) throw new RequestProblem('request.invalid', 'The body has no records.');
    return records;
  }

  async #publish(records: readonly OutRecord[]): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          new UnavailableError('service.unavailable', 'The bus does not answer: send the same body again.', {
            context: { retryAfterMs: 5_000 },
          }),
        );
      }, this.#options.publishTimeoutMs);
    });
    try {
      await Promise.race([this.#parts.publisher.publish(records), timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Why a piece of text can't be a record of the source at all; undefined when it can. */
function unreadable(source: Source, text: string): string | undefined {
  const first = text.charCodeAt(0);
  if (first === 0x7b || first === 0x5b) {
    try {
      JSON.parse(text);
      return undefined;
    } catch {
      // A log line may also begin with a bracket.
      if (!source.readLine || first === 0x7b) return 'not valid JSON';
    }
  }
  if (!source.readLine) return 'not JSON';
  return source.readLine(text) === undefined ? `none of the forms of ${source.id}` : undefined;
}

const tooMany = (): RequestProblem => new RequestProblem('request.too_large', `A body has at most ${INGEST_MAX_RECORDS} records.`, [], 413);

/** Lets a client finish sending what nobody wants, so that it reads the answer. */
function drain(body: unknown): void {
  if (body instanceof Readable && !body.readableEnded && !body.destroyed) body.resume();
}
