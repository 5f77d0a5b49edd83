export * from './organisation-records.js';
export * from './facts.js';
export * from './organisation.js';
