import type { Comparator } from './comparator.js';
import { firstSeen } from './first-seen.js';
import { freeman } from './freeman.js';
import { impossibleTravelRule } from './impossible-travel.js';
import { isolationForest } from './isolation-forest.js';
import { naiveBayesCommands } from './naive-bayes-commands.js';
import { zScore } from './z-score.js';

/** All comparators; each call makes one that knows nothing yet. */
export const COMPARATORS: readonly (() => Comparator)[] = [
  firstSeen,
  zScore,
  impossibleTravelRule,
  freeman,
  naiveBayesCommands,
  isolationForest,
];
