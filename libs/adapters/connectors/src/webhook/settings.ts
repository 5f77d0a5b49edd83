import { z } from 'zod';

export const WebhookConnectorSettings = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Receives the order to revoke; https unless the operator allow-lists the host'),
  verifyUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Asked afterwards what still stands; without it nothing is ever verified'),
  secretEnvs: z
    .array(z.string())
    .min(1)
    .max(4)
    .describe('NAMES of the environment variables with the signing secrets (whsec_...), newest first'),
});
export type WebhookConnectorSettings = z.infer<typeof WebhookConnectorSettings>;
