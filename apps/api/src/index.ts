export { createApi, type Api } from './api.js';
export { ensureFirstAdmin, type FirstAdmin } from './auth/first-admin.js';
export { LINE_CONSUMERS } from './consumers.js';
export { ApiConfig } from './config.js';
export { buildOpenApi, type OpenApiDocument } from './openapi/build-openapi.js';
export type { ApiDependencies, ConsumerGroup } from './parts.js';
