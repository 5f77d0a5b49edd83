import { Alive, Readiness } from './health.js';
import { IngestAccepted, IngestHandshake, OrganisationImported, OrganisationImportQuery, OrganisationSummary } from './ingest.js';
import { route } from './route.js';

/** What other programs call. */
export const serviceRoutes = {
  'ingest.send': route({
    method: 'POST',
    path: '/v1/ingest/:source',
    tag: 'ingest',
    access: 'ingest',
    status: 202,
    summary:
      "Vendor records: NDJSON, a JSON array, the vendor's envelope, syslog lines, or the vendor's own push; gzip allowed. 200 instead of 202 where the vendor takes nothing else",
    consumes: ['application/x-ndjson', 'application/json', 'text/plain', 'application/x-www-form-urlencoded'],
    response: IngestAccepted,
  }),
  'ingest.handshake': route({
    method: 'GET',
    path: '/v1/ingest/:source',
    tag: 'ingest',
    access: 'ingest',
    status: 200,
    summary: "A vendor's test of the address before it delivers (Okta event hook)",
    response: IngestHandshake,
  }),
  'organisation.show': route({
    method: 'GET',
    path: '/v1/organisation',
    tag: 'organisation',
    access: 'viewer',
    status: 200,
    summary: 'What is known of the organisation',
    response: OrganisationSummary,
  }),
  'organisation.import': route({
    method: 'PUT',
    path: '/v1/organisation/:file',
    tag: 'organisation',
    access: 'admin',
    status: 200,
    summary: 'Replace one file of the context: NDJSON or CSV, or JSON for sod',
    consumes: ['application/x-ndjson', 'application/json', 'text/csv'],
    query: OrganisationImportQuery,
    response: OrganisationImported,
  }),
  'openapi.show': route({
    method: 'GET',
    path: '/v1/openapi.json',
    tag: 'service',
    access: 'viewer',
    status: 200,
    summary: 'This description',
    produces: 'application/json',
  }),
  'health.alive': route({
    method: 'GET',
    path: '/healthz',
    tag: 'service',
    access: 'public',
    status: 200,
    summary: 'The process answers',
    response: Alive,
  }),
  'health.ready': route({
    method: 'GET',
    path: '/readyz',
    tag: 'service',
    access: 'local',
    status: 200,
    summary: 'Store and bus answer; 503 when one does not',
    response: Readiness,
  }),
  'metrics.show': route({
    method: 'GET',
    path: '/metrics',
    tag: 'service',
    access: 'local',
    status: 200,
    summary: 'Prometheus metrics',
    produces: 'text/plain',
  }),
} as const;
