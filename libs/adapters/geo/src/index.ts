export * from './geo-lookup.js';
