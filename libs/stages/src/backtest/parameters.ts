import { DETECTIONS } from '@keyward/detections';
import { z } from 'zod';
import { UNUSUAL_BEHAVIOUR } from '../behaviour-finding.js';
import { BehaviourSettings } from '../detection-settings.js';

/** One value of `KEYWARD_DETECTIONS_FILE`: how it is set, and what it may be. */
export type SettableParameter =
  | {
      readonly kind: 'number';
      readonly name: string;
      readonly value: number;
      readonly default: number;
      readonly minimum: number | null;
      readonly isMinimumExcluded: boolean;
      readonly maximum: number | null;
      readonly isWhole: boolean;
    }
  | { readonly kind: 'list'; readonly name: string; readonly value: readonly string[]; readonly default: readonly string[] }
  /** Anything else. */
  | { readonly kind: 'json'; readonly name: string; readonly value: unknown; readonly default: unknown };

export interface SettableDetection {
  readonly id: string;
  readonly title: string;
  readonly parameters: readonly SettableParameter[];
}

/**
 * Everything that a change of detections may touch, the alert budget first.
 *
 * @param written what is in force, as `compileDetectionSettings` takes it; what it refuses shows its default
 */
export function listParameters(written: Readonly<Record<string, unknown>>): SettableDetection[] {
  const behaviour = { id: UNUSUAL_BEHAVIOUR, title: 'Unusual behaviour', params: BehaviourSettings };
  return [behaviour, ...DETECTIONS].map(({ id, title, params }) => {
    const defaults = recordOf(params.parse({}));
    const parsed = params.safeParse(written[id] ?? {});
    const inForce = parsed.success ? recordOf(parsed.data) : defaults;
    const { properties = {} } = Shape.parse(z.toJSONSchema(params, { io: 'input' }));
    const parameters = Object.entries(properties).map(([name, bounds]) => parameterOf(name, inForce[name], defaults[name], bounds));
    return { id, title, parameters };
  });
}

/** As much of a JSON Schema as tells what a field takes. */
const Bounds = z.object({
  type: z.unknown(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
});
const Shape = z.object({ properties: z.record(z.string(), Bounds).optional() });
const Words = z.array(z.string());

function parameterOf(name: string, value: unknown, standard: unknown, bounds: z.infer<typeof Bounds>): SettableParameter {
  if (typeof value === 'number' && typeof standard === 'number') {
    const minimum = bounds.exclusiveMinimum ?? bounds.minimum;
    return {
      kind: 'number',
      name,
      value,
      default: standard,
      minimum: boundOf(minimum),
      isMinimumExcluded: bounds.exclusiveMinimum !== undefined,
      maximum: boundOf(bounds.maximum),
      isWhole: bounds.type === 'integer',
    };
  }
  const [words, standardWords] = [Words.safeParse(value), Words.safeParse(standard)];
  if (words.success && standardWords.success) return { kind: 'list', name, value: words.data, default: standardWords.data };
  return { kind: 'json', name, value, default: standard };
}

/** What is a whole number is bounded by what a double can count to: that is no bound of anybody's. */
const boundOf = (bound: number | undefined): number | null =>
  bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? null : bound;

const recordOf = (params: unknown): Record<string, unknown> => (typeof params === 'object' && params !== null ? { ...params } : {});
