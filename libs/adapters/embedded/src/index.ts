export * from './clickhouse-server.js';
export * from './kafka-broker.js';
