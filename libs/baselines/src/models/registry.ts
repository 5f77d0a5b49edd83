import { network } from './a1-network.js';
import { timeOfWeek } from './a3-time-of-week.js';
import type { Model } from './model.js';

/** All features, in the order in which they are evaluated. */
export const MODELS: readonly Model[] = [network, timeOfWeek];
