import type { Comparator } from './comparator.js';
import { firstSeen } from './first-seen.js';

/** All comparators; each call makes one that knows nothing yet. */
export const COMPARATORS: readonly (() => Comparator)[] = [firstSeen];
