import { z } from 'zod';
import { Severity } from '@keyward/events';

const Activity = z.object({ source: z.string().default('*'), action: z.string().default('*'), object: z.string().default('*') });

/** `sod.json`: duties that one identity must not have, hold at once, or exercise together. `*` matches any run of characters. */
export const SodPolicy = z.object({
  functions: z
    .record(z.string(), z.looseObject({ entitlements: z.array(z.string()).default([]), activities: z.array(Activity).default([]) }))
    .default({}),
  rules: z
    .array(
      z.looseObject({
        id: z.string().min(1),
        name: z.string().optional(),
        severity: Severity.default('high'),
        functions: z.array(z.string()).min(2),
        when: z.enum(['assigned', 'overlapping', 'exercised']).default('assigned'),
        sameObject: z.boolean().default(false),
        windowHours: z.number().positive().default(24),
      }),
    )
    .default([]),
  mitigations: z
    .array(
      z.looseObject({
        rule: z.string(),
        identity: z.string().optional(),
        group: z.string().optional(),
        control: z.string().optional(),
        owner: z.string().optional(),
        from: z.string().optional(),
        to: z.string().optional(),
      }),
    )
    .default([]),
});
export type SodPolicy = z.infer<typeof SodPolicy>;
