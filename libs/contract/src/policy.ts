import { z } from 'zod';
import { Severity } from '@keyward/events/schema';
import { FindingView } from './findings.js';
import { LinkedCount } from './primitives.js';

/** Segregation-of-duties rules and who breaks them now. */
export const SodOverview = z.object({
  functions: z.array(z.object({ id: z.string(), entitlements: z.array(z.string()), activities: z.number().int() })),
  rules: z.array(
    z.object({
      id: z.string(),
      name: z.string().nullable(),
      severity: Severity,
      functions: z.array(z.string()),
      when: z.enum(['assigned', 'overlapping', 'exercised']),
      sameObject: z.boolean(),
      windowHours: z.number(),
      mitigations: z.number().int(),
      conflicts: LinkedCount.describe('Identities with a finding of this rule in the last 90 days'),
    }),
  ),
  conflicts: z.array(FindingView).describe('Findings of the last 90 days, newest first, at most 200'),
});
export type SodOverview = z.infer<typeof SodOverview>;

/** The response policy in force, as its file says it. */
export const PolicyView = z.object({ policy: z.record(z.string(), z.unknown()), source: z.string().describe('Where it was read from') });
export type PolicyView = z.infer<typeof PolicyView>;
