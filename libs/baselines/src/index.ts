export * from './alarm.js';
export * from './assessment.js';
export { createBehaviourModel } from './behaviour-model.js';
export type { DayCounts } from './day-tally.js';
export { BehaviourParameters } from './parameters.js';
export * from './profile.js';
export * from './sentence.js';
export * from './session-score.js';
export { countsOf, mergeCounts } from './snapshot-builder.js';
