export * from './contracts/bus.js';
