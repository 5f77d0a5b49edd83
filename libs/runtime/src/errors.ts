/** Identifiers only: a context is logged and dead-lettered. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | undefined>>;

export interface AppErrorOptions extends ErrorOptions {
  readonly context?: ErrorContext;
}

/** Every failure this system expects. Anything else is a bug and ends the process. */
export abstract class AppError extends Error {
  /** What to do with the input that met it: dead-letter it, or try it again later. */
  abstract readonly disposition: 'reject' | 'retry';
  /** Dotted and stable, `clickhouse.unavailable`: part of the API. */
  readonly code: string;
  readonly context: ErrorContext;

  constructor(code: string, message: string, { context = {}, ...options }: AppErrorOptions = {}) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.context = context;
  }
}

export class InvalidInputError extends AppError {
  override readonly disposition = 'reject';
}
export class NotFoundError extends AppError {
  override readonly disposition = 'reject';
}
export class ConflictError extends AppError {
  override readonly disposition = 'reject';
}
export class ForbiddenError extends AppError {
  override readonly disposition = 'reject';
}
export class UnauthenticatedError extends AppError {
  override readonly disposition = 'reject';
}
export class UnavailableError extends AppError {
  override readonly disposition = 'retry';
}
/** `context.retryAfterMs` says how long the other side wants to be left alone, where it said so. */
export class RateLimitedError extends AppError {
  override readonly disposition = 'retry';
}

/** The error's own sentence and its causes', for one log line or a terminal. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = error instanceof AppError ? `${error.code}: ` : '';
  const cause = error.cause === undefined ? '' : ` (${describeError(error.cause)})`;
  return `${code}${error.message}${cause}`;
}
