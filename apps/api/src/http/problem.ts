import { HttpException } from '@nestjs/common';
import { ERROR_CODES, type ErrorCode, type Problem, type ProblemDetail } from '@keyward/contract';
import {
  AppError,
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
} from '@keyward/runtime';

/** A body or query that is wrong in places: names each. */
export class RequestProblem extends InvalidInputError {
  readonly errors: readonly ProblemDetail[];
  readonly status: 400 | 413 | 415;
  constructor(code: ErrorCode, message: string, errors: readonly ProblemDetail[] = [], status: 400 | 413 | 415 = 400) {
    super(code, message);
    this.errors = errors;
    this.status = status;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is not right',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Not possible here',
  408: 'It took too long',
  409: 'It does not fit what is there',
  413: 'Too large',
  414: 'The address is too long',
  415: 'This kind of content is not read here',
  429: 'Too much at once',
  500: 'Something went wrong here',
  503: 'Not available at the moment',
};
/** Stable code of a status, where the error brings none of the contract's. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'auth.required',
  403: 'auth.forbidden',
  404: 'not_found',
  408: 'service.timeout',
  409: 'conflict',
  413: 'request.too_large',
  415: 'request.unsupported_media_type',
  429: 'rate_limited',
  503: 'service.unavailable',
};

export interface ProblemAnswer {
  readonly problem: Problem;
  /** Seconds, when it makes sense to try again. */
  readonly retryAfter: number | undefined;
  /** True for what nobody expected: it is a bug, and logged as one. */
  readonly unexpected: boolean;
}

/** The one place that turns an error into a status. What it does not know becomes a bare 500: its text may hold anything. */
export function problemOf(error: unknown, requestId: string): ProblemAnswer {
  const status = statusOf(error);
  const known = error instanceof AppError || status < 500;
  const retryAfter = retryAfterOf(error, status);
  const problem: Problem = {
    type: `urn:keyward:problem:${codeOf(error, status)}`,
    title: TITLES[status] ?? 'Error',
    status,
    code: codeOf(error, status),
    requestId,
    ...(known && error instanceof Error ? { detail: detailOf(error) } : {}),
    ...(error instanceof RequestProblem && error.errors.length > 0 ? { errors: [...error.errors] } : {}),
  };
  return { problem, retryAfter, unexpected: !known };
}

function statusOf(error: unknown): number {
  if (error instanceof RequestProblem) return error.status;
  if (error instanceof InvalidInputError) return 400;
  if (error instanceof UnauthenticatedError) return 401;
  if (error instanceof ForbiddenError) return error.code.startsWith('clickhouse.') ? 503 : 403;
  if (error instanceof NotFoundError) return 404;
  if (error instanceof ConflictError) return error.code.startsWith('clickhouse.') ? 503 : 409;
  if (error instanceof RateLimitedError) return 429;
  if (error instanceof UnavailableError) return 503;
  if (error instanceof HttpException) return error.getStatus();
  // Fastify's own errors (a body too large, a broken request line) carry their status.
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode >= 400) {
    return error.statusCode;
  }
  return 500;
}

function codeOf(error: unknown, status: number): ErrorCode {
  if (error instanceof AppError) {
    const code = ERROR_CODES.find((known) => known === error.code);
    if (code) return code;
  }
  return CODE_OF_STATUS[status] ?? (status < 500 ? 'request.invalid' : 'internal');
}

/** An adapter's sentence is for the log: it names servers. */
function detailOf(error: Error): string {
  if (error instanceof UnavailableError && !ERROR_CODES.some((code) => code === error.code)) {
    return 'A part of Keyward does not answer. Try again in a moment.';
  }
  if (error instanceof AppError && error.code.startsWith('clickhouse.')) return 'The store refuses to work: see the log.';
  return error.message;
}

function retryAfterOf(error: unknown, status: number): number | undefined {
  const asked = error instanceof AppError ? error.context['retryAfterMs'] : undefined;
  if (typeof asked === 'number') return Math.max(1, Math.ceil(asked / 1_000));
  return status === 503 || status === 429 ? 5 : undefined;
}
