import { ClickHouseError } from '@clickhouse/client';
import { AppError, ConflictError, ForbiddenError, UnavailableError, type ErrorContext } from '@keyward/runtime';

/**
 * Codes that pass by themselves: the same request may succeed a moment later. Everything else the server says is a bug of ours.
 * @see https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp
 */
const PASSING: ReadonlyMap<string, string> = new Map([
  ['159', 'timeout_exceeded'],
  ['164', 'readonly'], // a replica that is only being started
  ['202', 'too_many_simultaneous_queries'],
  ['209', 'socket_timeout'],
  ['210', 'network_error'],
  ['236', 'aborted'],
  ['241', 'memory_limit_exceeded'],
  ['242', 'table_is_read_only'],
  ['243', 'not_enough_space'],
  ['252', 'too_many_parts'],
  ['279', 'all_connection_tries_failed'],
  ['285', 'too_few_live_replicas'],
  ['319', 'unknown_status_of_insert'],
  ['394', 'query_was_cancelled'],
  ['439', 'cannot_schedule_task'],
  ['999', 'keeper_exception'],
]);
/** Wrong user or password, right missing: somebody must act. */
const FORBIDDEN = new Set(['192', '193', '194', '497', '516']);
/** No such database or table: `keyward migrate` has not been run. */
const MISSING = new Set(['60', '81']);

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNABORTED',
  'ERR_STREAM_PREMATURE_CLOSE',
]);
/** Node's HTTP parser: whoever listens there does not speak HTTP. */
const HTTP_PARSER_CODES = /^HPE_/;
/** Errors that Node and the client raise without a code. */
const NETWORK_MESSAGES = [/^Timeout error/, /socket hang up/, /Premature close/, /stream has been aborted/, /^aborted$/];

/** Of an answer that is not ClickHouse's: enough to see whose page it is. */
const SHOWN_CHARACTERS = 200;

/**
 * Says by the vendor's code, never by its text, what a failed request means.
 * What the client can't read as ClickHouse's own error (it then throws a plain Error of the answer's text), or its rows as JSON, came from something
 * in between: a proxy's 502, 503 or 504, a load balancer without a server, a sign-in page. That passes.
 *
 * @param error what the client threw; not what reading a row by its schema threw
 * @returns UnavailableError for what passes, ForbiddenError and ConflictError for what somebody must act on; anything else unchanged: a bug
 */
export function translateClickHouseError(error: unknown, context: ErrorContext = {}): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof ClickHouseError) return ofServer(error, context);
  if (!(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const isNetwork = code !== undefined && (NETWORK_CODES.has(code) || HTTP_PARSER_CODES.test(code));
  if (isNetwork || NETWORK_MESSAGES.some((message) => message.test(error.message))) {
    return new UnavailableError('clickhouse.unavailable', 'ClickHouse does not answer', { cause: error, context });
  }
  // An AggregateError of a refused connection on both address families carries its code on the inner errors.
  if (error instanceof AggregateError && error.errors.length > 0) return translateClickHouseError(error.errors[0], context);
  if (code === undefined && (error.constructor === Error || error instanceof SyntaxError)) {
    const cause = new Error(error.message.slice(0, SHOWN_CHARACTERS).replaceAll(/\s+/g, ' '));
    return new UnavailableError('clickhouse.foreign_answer', "What answers at ClickHouse's address is not ClickHouse", { cause, context });
  }
  return error;
}

function ofServer(error: ClickHouseError, context: ErrorContext): unknown {
  const more = { cause: error, context: { ...context, clickhouseCode: error.code } };
  const passing = PASSING.get(error.code);
  if (passing !== undefined) return new UnavailableError(`clickhouse.${passing}`, 'ClickHouse can not do this at the moment', more);
  if (FORBIDDEN.has(error.code)) return new ForbiddenError('clickhouse.forbidden', 'ClickHouse refuses this user', more);
  if (MISSING.has(error.code)) {
    return new ConflictError('clickhouse.not_migrated', 'ClickHouse has no such database or table: run `keyward migrate`', more);
  }
  return error;
}
