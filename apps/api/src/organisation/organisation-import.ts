import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { ImportTimes, OrganisationStore, StoredOrganisationSource } from '@keyward/adapter-clickhouse';
import { ORGANISATION_FILES, type OrganisationFile, type OrganisationImported, type OrganisationSummary } from '@keyward/contract';
import { parseOrganisationFiles } from '@keyward/identity';
import { SodPolicy } from '@keyward/sod';
import { readAll } from '../http/body.js';
import { RequestProblem } from '../http/problem.js';
import { decompressed } from '../ingest/decompressed.js';

/** A hundred thousand people are about 50 MB. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_ERRORS = 50;
/** Kind of the records of each file, as the store calls it. */
const KIND_OF = { identities: 'identity', assets: 'asset', groups: 'group', roles: 'role', tickets: 'ticket', sod: 'sod' } as const;

/** Replaces one file of the context, or nothing when a line of it is wrong. */
export class OrganisationImport {
  readonly #store: OrganisationStore;
  readonly #source: StoredOrganisationSource;
  readonly #times: ImportTimes;

  constructor(store: OrganisationStore, source: StoredOrganisationSource, times: ImportTimes) {
    this.#store = store;
    this.#source = source;
    this.#times = times;
  }

  async summary(): Promise<OrganisationSummary> {
    await this.#source.refresh();
    const [{ records, sod }, imported] = await Promise.all([this.#store.load(), this.#times.byKind()]);
    const count = (file: OrganisationFile): number => (file === 'sod' ? sod.rules.length : records[file].length);
    return {
      files: ORGANISATION_FILES.map((file) => ({ file, records: count(file), importedAt: imported.get(KIND_OF[file]) ?? null })),
      version: this.#source.current().organisation.version,
    };
  }

  /** @throws RequestProblem 400 naming each line that is wrong; 413; 415 */
  async replace(
    file: OrganisationFile,
    request: { readonly body: unknown; readonly headers: IncomingHttpHeaders },
  ): Promise<OrganisationImported> {
    if (!(request.body instanceof Readable)) throw new RequestProblem('request.invalid', 'The body is empty.');
    const text = utf8(await readAll(decompressed(request.body, request.headers['content-encoding'], MAX_BYTES), MAX_BYTES));
    const { records, sod } = await this.#store.load();
    if (file === 'sod') {
      const policy = parseSod(text);
      await this.#store.save({ ...records, sod: policy }, { replace: true });
      return this.#imported(file, policy.rules.length);
    }
    const parsed = parseOrganisationFiles([{ name: `${file}.ndjson`, text }]);
    if (parsed.problems.length > 0) {
      const errors = parsed.problems.slice(0, MAX_ERRORS).map(({ line, message }) => ({ ...(line > 0 ? { line } : {}), message }));
      throw new RequestProblem('request.unreadable_records', 'Some lines can not be used; nothing was changed.', errors);
    }
    await this.#store.save({ ...records, [file]: parsed.records[file], sod }, { replace: true });
    return this.#imported(file, parsed.records[file].length);
  }

  async #imported(file: OrganisationFile, records: number): Promise<OrganisationImported> {
    await this.#source.refresh();
    return { file, records, version: this.#source.current().organisation.version };
  }
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RequestProblem('request.invalid', 'The body is not UTF-8.');
  }
}

function parseSod(text: string): SodPolicy {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RequestProblem('request.invalid', 'sod is one JSON value.');
  }
  const parsed = SodPolicy.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RequestProblem(
    'request.invalid',
    'The policy can not be used; nothing was changed.',
    parsed.error.issues.slice(0, MAX_ERRORS).map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  );
}
