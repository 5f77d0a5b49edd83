import { z } from 'zod';

export const OutboundConfig = z.object({
  KEYWARD_OUTBOUND_ALLOWED_HOSTS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((host) => host.trim())
        .filter((host) => host !== ''),
    )
    .describe(
      'Hosts (name, or name:port), comma separated, that webhooks and connectors may reach although they are private, and without TLS',
    ),
  KEYWARD_OUTBOUND_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(120_000)
    .default(10_000)
    .describe('For one request to the outside, name look-up included'),
});
export type OutboundConfig = z.infer<typeof OutboundConfig>;
