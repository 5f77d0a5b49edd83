import type { Logger } from '@keyward/runtime';
import kafkajs, { type Kafka as KafkaClient, type KafkaConfig as ClientConfig, type SASLOptions, type logCreator } from 'kafkajs';
import { registerCodecs } from './codecs.js';
import type { KafkaConfig } from './config.js';

/** How long one try to reach the broker goes on before the caller hears of it; the caller decides whether to try again. */
export const CLIENT_RETRY = { initialRetryTime: 100, maxRetryTime: 2_000, retries: 6 };
/** Of transactions: the broker asks to wait a few milliseconds whenever one follows the last at once. */
export const TRANSACTION_RETRY = { initialRetryTime: 10, maxRetryTime: 1_000, retries: 10 };

export function createKafkaClient(config: KafkaConfig, logger: Logger): KafkaClient {
  const ssl = tlsOf(config);
  const sasl = saslOf(config);
  return connectedBy({
    clientId: config.KAFKA_CLIENT_ID,
    brokers: config.KAFKA_BROKERS,
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    retry: CLIENT_RETRY,
    logCreator: bridgeTo(logger),
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
  });
}

/** A client that reads every codec. */
export function connectedBy(options: ClientConfig): KafkaClient {
  registerCodecs();
  return new kafkajs.Kafka({ enforceRequestTimeout: true, ...options });
}

function tlsOf(config: KafkaConfig): ClientConfig['ssl'] | undefined {
  if (!config.KAFKA_TLS) return undefined;
  return {
    ...(config.KAFKA_TLS_CA === undefined ? {} : { ca: [config.KAFKA_TLS_CA] }),
    ...(config.KAFKA_TLS_CERT === undefined ? {} : { cert: config.KAFKA_TLS_CERT }),
    ...(config.KAFKA_TLS_KEY === undefined ? {} : { key: config.KAFKA_TLS_KEY.reveal() }),
  };
}

function saslOf(config: KafkaConfig): ClientConfig['sasl'] | undefined {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  if (mechanism === undefined || username === undefined || password === undefined) return undefined;
  return saslBy(mechanism, { username, password: password.reveal() });
}

export function saslBy(
  mechanism: NonNullable<KafkaConfig['KAFKA_SASL_MECHANISM']>,
  login: { readonly username: string; readonly password: string },
): SASLOptions {
  switch (mechanism) {
    case 'plain':
      return { mechanism, ...login };
    case 'scram-sha-256':
      return { mechanism, ...login };
    case 'scram-sha-512':
      return { mechanism, ...login };
  }
}

/** The client tells of every reconnect as an error; to us these are details: what matters is thrown, and logged by whoever catches it. */
export const bridgeTo =
  (logger: Logger): logCreator =>
  () =>
  ({ namespace, log }) => {
    logger.debug({ kafka: namespace }, log.message);
  };
