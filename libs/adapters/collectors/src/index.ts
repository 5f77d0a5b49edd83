export * from './collector.js';
export * from './registry.js';
