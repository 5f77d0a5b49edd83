import { SourceId } from '@keyward/events';
import { DEFAULT_MAX_RECORD_BYTES } from '@keyward/sources';
import { z } from 'zod';

const Broker = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):[0-9]{1,5}$/, 'must be host:port');

const Sasl = z
  .strictObject({
    mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
    username: z.string().min(1).optional().describe('Or usernameEnv'),
    usernameEnv: z.string().min(1).optional().describe('NAME of the variable with the user'),
    passwordEnv: z.string().min(1).describe('NAME of the variable with the password'),
  })
  .refine(({ username, usernameEnv }) => (username === undefined) !== (usernameEnv === undefined), {
    path: ['username'],
    message: 'either username or usernameEnv',
  });

/** Topics of another cluster, all of one source. */
export const KafkaSettings = z
  .strictObject({
    source: SourceId.describe('Whose format the records have'),
    brokers: z.array(Broker).min(1).describe('host:port'),
    topics: z
      .array(z.string().regex(/^[a-zA-Z0-9._-]{1,249}$/, 'letters, digits, dot, dash, underscore; at most 249'))
      .min(1)
      .refine((topics) => new Set(topics).size === topics.length, 'a topic stands there twice')
      .describe('Names; no patterns'),
    clientId: z.string().min(1).max(200).optional().describe('How the brokers name us; our consumer group begins with it'),
    tls: z
      .union([z.boolean(), z.strictObject({ caFile: z.string().min(1).describe('PEM: authorities, where they are not public ones') })])
      .default(false),
    sasl: Sasl.optional(),
    from: z.enum(['earliest', 'latest']).default('earliest').describe('Where the very first run begins'),
    maxRecordBytes: z
      .number()
      .int()
      .min(1_024)
      .max(64 * 1024 * 1024)
      .default(8 * DEFAULT_MAX_RECORD_BYTES)
      .describe('A larger record is cut off, and so rejected'),
  })
  .refine(({ tls, sasl }) => tls !== false || sasl?.mechanism !== 'plain', {
    path: ['tls'],
    message: 'plain shows the password to everybody on the way: it needs tls',
  });
export type KafkaSettings = z.output<typeof KafkaSettings>;
