export * from './address.js';
export * from './config.js';
export * from './outbound-http.js';
export * from './secrets.js';
export * from './standard-webhooks.js';
export * from './status.js';
