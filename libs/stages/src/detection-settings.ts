import { DEFAULT_BUDGET } from '@keyward/baselines';
import { createDetectionEngine, type DetectionEngine } from '@keyward/detections';
import { z } from 'zod';
import { UNUSUAL_BEHAVIOUR } from './behaviour-finding.js';

/** What an operator may set of the alarm on behaviour; beside the detections, under `unusual_behaviour`. */
export const BehaviourSettings = z.strictObject({
  alertsPerThousand: z
    .number()
    .positive()
    .max(1_000)
    .default(DEFAULT_BUDGET)
    .describe('Budget: alerts on behaviour alone per 1000 identities and day'),
});

/** How ASSESS decides what becomes a finding: all that `KEYWARD_DETECTIONS_FILE` may say. */
export type DetectionSettings =
  | { readonly kind: 'settings'; readonly engine: DetectionEngine; readonly alertsPerThousand: number }
  /** What an operator has to correct: `impossible_travel.minDistanceKm: expected number`. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** @param written detection id (or `unusual_behaviour`) -> its parameters; what is missing has its default */
export function compileDetectionSettings(written: Readonly<Record<string, unknown>>): DetectionSettings {
  const { [UNUSUAL_BEHAVIOUR]: behaviour = {}, ...params } = written;
  const created = createDetectionEngine({ params });
  const parsed = BehaviourSettings.safeParse(behaviour);
  const problems = [
    ...(created.kind === 'invalid' ? created.problems : []),
    ...(parsed.error?.issues ?? []).map((issue) => `${[UNUSUAL_BEHAVIOUR, ...issue.path].join('.')}: ${issue.message}`),
  ];
  if (created.kind === 'invalid' || !parsed.success) return { kind: 'invalid', problems };
  return { kind: 'settings', engine: created.engine, alertsPerThousand: parsed.data.alertsPerThousand };
}
