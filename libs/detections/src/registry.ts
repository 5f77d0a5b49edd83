import type { Detection } from './detection.js';

/** Every detection, one line each. `test/architecture/registries.test.ts` compares this list with the folders. */
export const DETECTIONS: readonly Detection[] = [];
