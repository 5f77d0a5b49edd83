import { z } from 'zod';

/** What only `keyward start` reads. */
export const DemoConfig = z.object({
  KEYWARD_DEMO_DAYS: z.coerce.number().min(0).max(30).default(30).describe('Days of history that the demo organisation brings along'),
});
