export * from './collector.js';
export { CURSORS, CursorLog, partitionOf } from './cursor-log.js';
export { CursorIntake, PlainIntake, publisherOf } from './intake.js';
export * from './registry.js';
