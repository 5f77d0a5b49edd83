import { z } from 'zod';

/** Placeholders of the mapping: what a grant says. */
const PLACEHOLDERS = [
  'entitlement.name',
  'entitlement.kind',
  'entitlement.system',
  'entitlementId',
  'principal',
  'principal.local',
  'principalId',
] as const;

const Template = z
  .string()
  .min(1)
  .refine((text) => [...text.matchAll(/\{([^}]*)\}/g)].every(([, name]) => PLACEHOLDERS.some((known) => known === name)), {
    message: `may hold only these placeholders: ${PLACEHOLDERS.map((name) => `{${name}}`).join(', ')}`,
  });

export const PostgresqlSettings = z.strictObject({
  urlEnv: z
    .string()
    .describe('NAME of the environment variable with the connection string of a role that may administer the granted roles'),
  role: Template.default('{entitlement.name}').describe('Role that was granted'),
  member: Template.default('{principal.local}').describe('Role that it was granted to'),
  roles: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('Role by entitlement, where the name differs; asked before the template'),
  members: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('Role by account name, where the name differs; asked before the template'),
  endSessions: z
    .enum(['of_member', 'none'])
    .default('of_member')
    .describe('See README: a session keeps what it has taken on with SET ROLE'),
  timeoutMs: z.number().int().min(100).max(60_000).default(10_000).describe('For connecting and for each statement'),
  poolSize: z.number().int().min(1).max(10).default(2),
});
export type PostgresqlSettings = z.infer<typeof PostgresqlSettings>;
