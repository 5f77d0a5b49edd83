export * from './config.js';
export * from './event-time-merge.js';
export * from './kafka-bus.js';
export { createLocalBus } from './local-bus.js';
