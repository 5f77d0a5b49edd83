import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { ImportTimes, OrganisationImporter, OrganisationStore, StoredOrganisationSource } from '@keyward/adapter-clickhouse';
import {
  ORGANISATION_FILES,
  type OrganisationFile,
  type OrganisationImported,
  type OrganisationImportQuery,
  type OrganisationSummary,
} from '@keyward/contract';
import { planImport, type ImportPlan } from '@keyward/identity';
import { SodPolicy } from '@keyward/sod';
import { readAll } from '../http/body.js';
import { RequestProblem } from '../http/problem.js';
import { decompressed } from '../ingest/decompressed.js';

/** A hundred thousand people are about 50 MB. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_ERRORS = 50;
/** Kind of the records of each file, as the store calls it. */
const KIND_OF = {
  identities: 'identity',
  assets: 'asset',
  groups: 'group',
  roles: 'role',
  tickets: 'ticket',
  accounts: 'account',
  sod: 'sod',
} as const;

/** Replaces one file of the context, or nothing when a line of it is wrong. */
export class OrganisationImport {
  readonly #store: OrganisationStore;
  readonly #importer: OrganisationImporter;
  readonly #source: StoredOrganisationSource;
  readonly #times: ImportTimes;

  constructor(store: OrganisationStore, importer: OrganisationImporter, source: StoredOrganisationSource, times: ImportTimes) {
    this.#store = store;
    this.#importer = importer;
    this.#source = source;
    this.#times = times;
  }

  async summary(): Promise<OrganisationSummary> {
    await this.#source.refresh();
    const [{ records, sod, accounts, scim }, imported] = await Promise.all([this.#store.load(), this.#times.byKind()]);
    const count = (file: OrganisationFile): number => {
      if (file === 'sod') return sod.rules.length;
      return file === 'accounts'
        ? accounts.length + scim.filter(({ kind, deleted }) => kind === 'user' && !deleted).length
        : records[file].length;
    };
    return {
      files: ORGANISATION_FILES.map((file) => ({ file, records: count(file), importedAt: imported.get(KIND_OF[file]) ?? null })),
      version: this.#source.current().organisation.version,
    };
  }

  /** @throws RequestProblem 400 naming each line that is wrong; 413; 415; ConflictError when most accounts of a directory would go */
  async replace(
    file: OrganisationFile,
    request: { readonly body: unknown; readonly headers: IncomingHttpHeaders },
    { dryRun, system, force, columns }: OrganisationImportQuery,
  ): Promise<OrganisationImported> {
    if (!(request.body instanceof Readable)) throw new RequestProblem('request.invalid', 'The body is empty.');
    const text = utf8(await readAll(decompressed(request.body, request.headers['content-encoding'], MAX_BYTES), MAX_BYTES));
    if (file === 'sod') return this.#replaceSod(text, dryRun);
    const isCsv = /^text\/csv\b/i.test(request.headers['content-type'] ?? '');
    const done = await this.#importer.import(file, text, {
      format: isCsv ? 'csv' : 'ndjson',
      dryRun,
      force,
      ...(system === undefined ? {} : { system }),
      ...(columns === undefined ? {} : { columns }),
    });
    if (done.kind === 'problems') {
      const errors = done.problems.slice(0, MAX_ERRORS).map(({ line, message }) => ({ ...(line > 0 ? { line } : {}), message }));
      throw new RequestProblem('request.unreadable_records', 'Some lines can not be used; nothing was changed.', errors);
    }
    return this.#imported(file, done.records, dryRun, done.plan);
  }

  async #replaceSod(text: string, dryRun: boolean): Promise<OrganisationImported> {
    const policy = parseSod(text);
    const { records, sod } = await this.#store.load();
    if (!dryRun) await this.#store.save({ ...records, sod: policy }, { replace: true });
    return this.#imported(
      'sod',
      policy.rules.length,
      dryRun,
      planImport(sod.rules, policy.rules, ({ id }) => id),
    );
  }

  async #imported(file: OrganisationFile, records: number, dryRun: boolean, plan: ImportPlan): Promise<OrganisationImported> {
    await this.#source.refresh();
    const examples = plan.examples.map(({ id, change, fields }) => ({ id, change, fields: [...fields] }));
    return { file, records, version: this.#source.current().organisation.version, dryRun, ...plan, examples };
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
