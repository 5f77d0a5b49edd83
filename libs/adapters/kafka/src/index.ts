export * from './config.js';
export * from './event-time-merge.js';
export { createForeignTopics } from './foreign-topics.js';
export { groupMembers } from './group-members.js';
export * from './kafka-bus.js';
export { createLocalBus } from './local-bus.js';
