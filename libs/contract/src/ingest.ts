import { z } from 'zod';
import { Instant } from './primitives.js';

/** Size limits of `POST /v1/ingest/{source}`, bytes after decompression. */
export const INGEST_MAX_BODY_BYTES = 16 * 1024 * 1024;
export const INGEST_MAX_RECORD_BYTES = 1024 * 1024;
export const INGEST_MAX_RECORDS = 50_000;

/**
 * 202: the bus has every record (acks=all). All or nothing: when one line can't be read (not UTF-8, not JSON where the body is JSON, a record
 * over the size limit) the answer is 400 with line numbers and nothing was accepted. A record that can be read but is no access event is
 * accepted here and ignored or rejected by INGEST, where the pulse counts it. Sending the same body again is harmless.
 */
export const IngestAccepted = z.object({ source: z.string(), accepted: z.number().int() });
export type IngestAccepted = z.infer<typeof IngestAccepted>;

/** What a vendor that asks first wants to hear: the challenge of its request. */
export const IngestHandshake = z.record(z.string(), z.string());
export type IngestHandshake = z.infer<typeof IngestHandshake>;

export const ORGANISATION_FILES = ['identities', 'assets', 'groups', 'roles', 'tickets', 'sod'] as const;
export const OrganisationFile = z.enum(ORGANISATION_FILES);
export type OrganisationFile = z.infer<typeof OrganisationFile>;
/** The file replaces what was there. Takes effect within a minute, for events after that. */
export const OrganisationImported = z.object({ file: OrganisationFile, records: z.number().int(), version: z.string() });
export type OrganisationImported = z.infer<typeof OrganisationImported>;
export const OrganisationSummary = z.object({
  files: z.array(z.object({ file: OrganisationFile, records: z.number().int(), importedAt: Instant.nullable() })),
  version: z.string(),
});
export type OrganisationSummary = z.infer<typeof OrganisationSummary>;
