export * from './config.js';
export * from './line.js';
export { startPipeline, type RunningPipeline } from './start-pipeline.js';
