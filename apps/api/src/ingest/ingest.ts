import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { INGEST_MAX_RECORD_BYTES, INGEST_MAX_RECORDS, type ProblemDetail } from '@keyward/contract';
import { deterministicUid } from '@keyward/events';
import {
  NotFoundError,
  RateLimitedError,
  rawTopic,
  UnavailableError,
  type Metrics,
  type OutRecord,
  type Publisher,
} from '@keyward/runtime';
import { sourceById, splitterFor, type Slice, type Source } from '@keyward/sources';
import { RequestProblem } from '../http/problem.js';
import { decompressed } from './decompressed.js';

export interface IngestOptions {
  readonly maxBodyBytes: number;
  readonly maxInFlightBytes: number;
  /** The bus has this long to take a body. */
  readonly publishTimeoutMs: number;
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
  readonly #publisher: Publisher;
  readonly #options: IngestOptions;
  readonly #records;
  #inFlightBytes = 0;

  constructor(publisher: Publisher, metrics: Metrics, options: IngestOptions) {
    this.#publisher = publisher;
    this.#options = options;
    this.#records = metrics.counter('keyward_api_ingest_records_total', 'Records taken or refused by POST /v1/ingest', [
      'source',
      'result',
    ]);
  }

  /**
   * @returns how many records the bus has now
   * @throws NotFoundError `source.unknown`; RequestProblem 400 with line numbers, 413, 415; RateLimitedError when too much is under way; UnavailableError when the bus does not take them
   */
  async accept(sourceId: string, request: { readonly body: unknown; readonly headers: IncomingHttpHeaders }): Promise<number> {
    const { body, headers } = request;
    const source = sourceById(sourceId);
    if (!source) {
      drain(body);
      throw new NotFoundError('source.unknown', 'There is no source of this name.');
    }
    if (!(body instanceof Readable)) throw new RequestProblem('request.invalid', 'The body is empty.');
    const reserved = this.#reserve(headers, body);
    try {
      const records = await this.#read(source, decompressed(body, headers['content-encoding'], this.#options.maxBodyBytes));
      await this.#publish(records);
      this.#records.inc({ source: source.id, result: 'accepted' }, records.length);
      return records.length;
    } finally {
      this.#inFlightBytes -= reserved;
      drain(body);
    }
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
      await Promise.race([this.#publisher.publish(records), timeout]);
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
