import { Flag, SecretString } from '@keyward/runtime';
import { z } from 'zod';

/** Where Kafka is. Without `KAFKA_BROKERS` the app starts a local broker, or falls back to the in-process bus. */
export const KafkaConfig = z
  .object({
    KAFKA_BROKERS: z
      .string()
      .transform((list) =>
        list
          .split(',')
          .map((broker) => broker.trim())
          .filter((broker) => broker !== ''),
      )
      .refine((brokers) => brokers.length > 0, 'name at least one broker')
      .describe('host:port of one or more brokers, separated by commas'),
    KAFKA_CLIENT_ID: z.string().min(1).default('keyward').describe('How the brokers name this client in their logs and quotas'),
    KAFKA_TLS: Flag.default(false).describe('Connect with TLS'),
    KAFKA_TLS_CA: z
      .string()
      .optional()
      .describe("PEM text of the authority that signed the brokers' certificates, when it is not a public one"),
    KAFKA_TLS_CERT: z.string().optional().describe('PEM text of the client certificate, for mutual TLS'),
    KAFKA_TLS_KEY: SecretString.optional().describe("PEM text of the client certificate's key"),
    KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional().describe('How to log in; absent: not at all'),
    KAFKA_SASL_USERNAME: z.string().optional().describe('User of KAFKA_SASL_MECHANISM'),
    KAFKA_SASL_PASSWORD: SecretString.optional().describe('Password of KAFKA_SASL_USERNAME'),
    KAFKA_TOPIC_PARTITIONS: z.coerce
      .number()
      .int()
      .min(1)
      .max(1_000)
      .default(4)
      .describe('Partitions of topics that Keyward makes: at most so many workers share one'),
    KAFKA_TOPIC_REPLICATION: z.coerce
      .number()
      .int()
      .min(1)
      .max(9)
      .default(1)
      .describe('Copies of each partition of topics that Keyward makes; 3 on a cluster'),
    KAFKA_MAX_RECORD_BYTES: z.coerce
      .number()
      .int()
      .min(64 * 1024)
      .max(100 * 1024 * 1024)
      .default(16 * 1024 * 1024)
      .describe('Largest record that the topics take; a larger one is refused when it is produced'),
  })
  .refine(
    (config) =>
      config.KAFKA_SASL_MECHANISM === undefined || (config.KAFKA_SASL_USERNAME !== undefined && config.KAFKA_SASL_PASSWORD !== undefined),
    {
      path: ['KAFKA_SASL_MECHANISM'],
      message: 'needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD',
    },
  );
export type KafkaConfig = z.output<typeof KafkaConfig>;
