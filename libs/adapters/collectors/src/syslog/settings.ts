import { SourceId } from '@keyward/events';
import { DEFAULT_MAX_RECORD_BYTES } from '@keyward/sources';
import { z } from 'zod';
import { isNetwork } from './allowed-peers.js';

const Network = z.string().refine(isNetwork, 'must be an address or a network, e.g. 10.0.0.0/8');

/** A listener: one address, one source. */
export const SyslogSettings = z
  .strictObject({
    source: SourceId.describe('Whose format the messages have'),
    transport: z.enum(['tcp', 'tls', 'udp']).default('tcp'),
    host: z.string().default('127.0.0.1').describe('Address to listen at; 0.0.0.0 and :: are every address of the machine'),
    port: z.number().int().min(0).max(65_535).describe('By custom 514, with TLS 6514; 0 takes a free one'),
    allow: z
      .array(Network)
      .min(1)
      .default(['127.0.0.0/8', '::1'])
      .describe('Senders that are listened to: addresses and networks. Default: this machine'),
    framing: z.enum(['auto', 'octet', 'line']).default('auto').describe('How messages stand in a stream (RFC 6587)'),
    tls: z
      .strictObject({
        certFile: z.string().describe('PEM: our certificate, with those that lead to its authority'),
        keyFile: z.string().describe('PEM: its key'),
        clientCaFile: z.string().optional().describe('PEM: authorities; senders must show a certificate of one of them'),
        renewSeconds: z.number().min(1).max(86_400).default(60).describe('How often it is looked whether the files were renewed'),
      })
      .optional(),
    maxRecordBytes: z
      .number()
      .int()
      .min(1_024)
      .max(DEFAULT_MAX_RECORD_BYTES)
      .default(DEFAULT_MAX_RECORD_BYTES)
      .describe('A longer message is cut off'),
    maxConnections: z.number().int().min(1).max(10_000).default(256),
    idleSeconds: z
      .number()
      .min(1)
      .max(7 * 86_400)
      .default(86_400)
      .describe('A connection that says nothing for so long is closed'),
    quietMs: z.number().int().min(50).max(60_000).default(1_000).describe('A record over several lines waits so long for its next line'),
  })
  .refine(({ transport, tls }) => (transport === 'tls') === (tls !== undefined), {
    path: ['tls'],
    message: 'belongs to the transport tls, which needs it',
  });
export type SyslogSettings = z.output<typeof SyslogSettings>;
