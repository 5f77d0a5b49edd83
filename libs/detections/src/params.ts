import type { Detection, Json } from './detection.js';

/** A detection with its params checked and its initial state made once. */
export interface CompiledDetection {
  readonly detection: Detection;
  readonly params: unknown;
  readonly initial: Json;
}

export type CompiledDetections =
  | { readonly kind: 'compiled'; readonly detections: readonly CompiledDetection[] }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** @param written detection id -> params as an operator wrote them */
export function compileDetections(detections: readonly Detection[], written: Readonly<Record<string, unknown>>): CompiledDetections {
  const ids = detections.map(({ id }) => id);
  const problems = Object.keys(written)
    .filter((id) => !ids.includes(id))
    .map((id) => `${id}: no such detection; there are ${ids.toSorted().join(', ')}`);
  const compiled: CompiledDetection[] = [];
  for (const detection of detections) {
    const parsed = detection.params.safeParse(written[detection.id] ?? {});
    if (!parsed.success) {
      problems.push(...parsed.error.issues.map((issue) => [detection.id, ...issue.path].join('.') + `: ${issue.message}`));
      continue;
    }
    compiled.push({ detection, params: parsed.data, initial: detection.initial() });
  }
  return problems.length === 0 ? { kind: 'compiled', detections: compiled } : { kind: 'invalid', problems };
}
