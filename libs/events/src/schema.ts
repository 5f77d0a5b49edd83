/** The words without the hashing: what a browser can load (`@keyward/events/schema`). */
export * from './access-event.js';
export * from './severity.js';
export * from './source-id.js';
export * from './time.js';
