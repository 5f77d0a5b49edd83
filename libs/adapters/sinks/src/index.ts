export * from './registry.js';
export * from './sink.js';
