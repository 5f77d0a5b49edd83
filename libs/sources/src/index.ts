export * from './registry.js';
export * from './source.js';
