export * from './alarm.js';
export * from './assessment.js';
export { createBehaviourModel } from './behaviour-model.js';
export { BehaviourParameters } from './parameters.js';
export * from './profile.js';
export * from './sentence.js';
export * from './session-score.js';
