export { GuardedChild, freePort, type ChildOptions } from './child.js';
export * from './clickhouse-server.js';
export * from './kafka-broker.js';
