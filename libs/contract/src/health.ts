import { z } from 'zod';

export const Alive = z.object({ status: z.literal('ok') });
export type Alive = z.infer<typeof Alive>;
export const Readiness = z.object({
  status: z.enum(['ok', 'unavailable']),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
});
export type Readiness = z.infer<typeof Readiness>;
