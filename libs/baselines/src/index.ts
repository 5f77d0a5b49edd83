export * from './assessment.js';
export * from './profile.js';
