export * from './contracts/bus.js';
export * from './contracts/alert-sink.contract.js';
export * from './contracts/grant-revoker.contract.js';
export * from './graph-server.js';
export * from './http-listener.js';
export * from './postgres.js';
export * from './receiver.js';
export * from './response-builders.js';
