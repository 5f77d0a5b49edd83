import { z } from 'zod';

const Origin = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

export const EntraPimSettings = z.strictObject({
  tenantId: z
    .string()
    .regex(/^[A-Za-z0-9.-]+$/)
    .describe('Directory id or verified domain'),
  clientId: z.string().min(1).describe('Application id'),
  clientSecretEnv: z.string().describe('NAME of the environment variable with the application secret'),
  graphUrl: Origin.default('https://graph.microsoft.com').describe('Another one in national clouds'),
  loginUrl: Origin.default('https://login.microsoftonline.com'),
  endSessions: z.boolean().default(true).describe('revokeSignInSessions after the removal'),
});
export type EntraPimSettings = z.infer<typeof EntraPimSettings>;
