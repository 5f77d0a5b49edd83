export * from './finding.js';
export * from './detection.js';
export * from './registry.js';
