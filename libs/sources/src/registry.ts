import type { Source } from './source.js';

/** Every source, one line each. `test/architecture/registries.test.ts` compares this list with the folders. */
export const SOURCES: readonly Source[] = [];
