export * from './client.js';
export * from './config.js';
export * from './errors.js';
export * from './migrate.js';
export * from './query.js';
