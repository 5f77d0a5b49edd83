export * from './organisation-records.js';
export * from './facts.js';
export * from './organisation.js';
export * from './build-organisation.js';
export * from './parse-files.js';
export * from './advance-facts.js';
export { ENDED_GRANT_DAYS, grantEndedAt, grantStateAt } from './grants.js';
export * from './route.js';
