export { refuseReplacedBus } from './check-offsets.js';
export * from './config.js';
export * from './line.js';
export { startPipeline, type RunningPipeline } from './start-pipeline.js';
