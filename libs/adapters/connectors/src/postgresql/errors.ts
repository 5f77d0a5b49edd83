import {
  AppError,
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
} from '@keyward/runtime';
import pg from 'pg';

/** SQLSTATE classes that pass by themselves: connection, transaction rollback, resources, operator intervention, system. */
const PASSING = ['08', '25', '40', '55', '57', '58', 'XX'];

/**
 * Translates by SQLSTATE, never by text. The server's message stays out: it may quote the connection string's user or a statement.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function toAppError(error: unknown, connector: string): AppError {
  if (error instanceof AppError) return error;
  const code = error instanceof pg.DatabaseError ? (error.code ?? 'unknown') : nodeCode(error);
  const options = { context: { connector, sqlstate: code } };
  if (!(error instanceof pg.DatabaseError))
    return new UnavailableError('postgresql.unavailable', `The server can't be reached (${code}).`, options);
  if (code.startsWith('28'))
    return new UnauthenticatedError('postgresql.unauthenticated', 'The server refuses the credentials of the connector.', options);
  if (code === '42501')
    return new ForbiddenError('postgresql.forbidden', "The connector's role lacks a privilege; the README lists them.", options);
  if (code === '2BP01')
    return new ConflictError('postgresql.dependent_grants', 'The member has given the role on to others: a person must decide.', options);
  if (code === '53300') return new RateLimitedError('postgresql.too_many_connections', 'The server has no connection left.', options);
  if (code.startsWith('53') || PASSING.includes(code.slice(0, 2))) {
    return new UnavailableError('postgresql.unavailable', `The server can't do it now (${code}).`, options);
  }
  return new InvalidInputError('postgresql.refused', `The server refuses it (${code}).`, options);
}

const nodeCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no answer';
