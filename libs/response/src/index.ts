export * from './alert-sink.js';
export * from './effect.js';
export * from './grant-revoker.js';
