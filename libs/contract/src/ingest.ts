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

export const ORGANISATION_FILES = ['identities', 'assets', 'groups', 'roles', 'tickets', 'accounts', 'sod'] as const;
export const OrganisationFile = z.enum(ORGANISATION_FILES);
export type OrganisationFile = z.infer<typeof OrganisationFile>;
/** The file replaces what was there. Takes effect within a minute, for events after that. */
export const OrganisationImported = z.object({
  file: OrganisationFile,
  records: z.number().int(),
  version: z.string(),
  dryRun: z.boolean().describe('True: nothing was changed, this is what would be'),
  added: z.number().int(),
  changed: z.number().int(),
  removed: z.number().int().describe('Of accounts: closed now, since their directory does not list them any more'),
  unchanged: z.number().int(),
  examples: z
    .array(z.object({ id: z.string(), change: z.enum(['added', 'changed', 'removed']), fields: z.array(z.string()) }))
    .describe('By id, at most 50'),
});
export type OrganisationImported = z.infer<typeof OrganisationImported>;
export const OrganisationImportQuery = z.object({
  dryRun: z.stringbool().default(false).describe('Say what would change, and change nothing'),
  system: z.string().max(100).optional().describe('Of accounts and groups: replaces only those of this system'),
  force: z.stringbool().default(false).describe('Also when more than half of the accounts would be closed'),
  columns: z
    .string()
    .max(4_000)
    .optional()
    .transform((text, context) => {
      if (text === undefined) return undefined;
      const parsed = z.record(z.string(), z.string()).safeParse(jsonOf(text));
      if (parsed.success) return parsed.data;
      context.addIssue({ code: 'custom', message: 'A JSON object, header to field' });
      return z.NEVER;
    })
    .describe('Of CSV: a JSON object, header to field; an empty field leaves the column out'),
});
export type OrganisationImportQuery = z.infer<typeof OrganisationImportQuery>;
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
export const OrganisationSummary = z.object({
  files: z.array(z.object({ file: OrganisationFile, records: z.number().int(), importedAt: Instant.nullable() })),
  version: z.string(),
});
export type OrganisationSummary = z.infer<typeof OrganisationSummary>;
