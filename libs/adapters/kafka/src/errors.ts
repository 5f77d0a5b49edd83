import { AppError, ConflictError, ForbiddenError, InvalidInputError, UnavailableError, type ErrorContext } from '@keyward/runtime';
import kafkajs from 'kafkajs';

/** Another producer has taken over the transactional id: this one must not write any more. */
const FENCED = new Set(['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH']);
const FORBIDDEN = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
]);
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
/** kafkajs marks these as final since it has given up; to us they say that the broker can't be reached. */
const PASSING = new Set([
  'KafkaJSNumberOfRetriesExceeded',
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSTimeout',
  'KafkaJSLockTimeout',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
]);

/**
 * Says by the vendor's type and name, never by its text, what a failure means.
 * @returns an AppError; anything that is not the broker's doing unchanged: a bug
 */
export function translateKafkaError(error: unknown, context: ErrorContext = {}): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const cause = rootCause(error);
  const type = 'type' in cause && typeof cause.type === 'string' ? cause.type : undefined;
  const more = { cause: error, context: type === undefined ? context : { ...context, kafkaType: type } };
  if (type !== undefined && FENCED.has(type)) {
    return new ConflictError('bus.fenced', 'Another worker with the same transactional id has taken over: this one must end', more);
  }
  if (error.name === 'KafkaJSSASLAuthenticationError' || (type !== undefined && FORBIDDEN.has(type))) {
    return new ForbiddenError('bus.forbidden', 'Kafka refuses this client', more);
  }
  if (type !== undefined && TOO_LARGE.has(type))
    return new InvalidInputError('bus.record_too_large', 'The record is too large for its topic', more);
  if (PASSING.has(error.name) || PASSING.has(cause.name) || isRetriable(error) || isRetriable(cause)) {
    return new UnavailableError('bus.unavailable', 'Kafka does not answer', more);
  }
  return error;
}

function rootCause(error: Error): Error {
  const inner = error instanceof kafkajs.KafkaJSAggregateError ? error.errors[0] : error.cause;
  return inner instanceof Error && inner !== error ? rootCause(inner) : error;
}
const isRetriable = (error: Error): boolean => 'retriable' in error && error.retriable === true;

/** Runs work against the broker. @throws translated errors */
export async function translated<V>(work: () => Promise<V>, context?: ErrorContext): Promise<V> {
  try {
    return await work();
  } catch (error) {
    throw translateKafkaError(error, context);
  }
}
