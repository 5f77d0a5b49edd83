export * from './finding.js';
export * from './detection.js';
export * from './registry.js';
export {
  createDetectionEngine,
  type CreatedEngine,
  type DetectionEngine,
  type DetectionStates,
  type EngineInput,
  type EngineOptions,
  type EngineOutput,
} from './engine.js';
