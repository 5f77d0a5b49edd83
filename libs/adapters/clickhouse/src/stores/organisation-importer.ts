import {
  CSV_FILES,
  groupName,
  ndjsonOfCsv,
  ownIdentityOf,
  parseOrganisationFiles,
  planAccounts,
  planImport,
  type AccountRecord,
  type ImportPlan,
} from '@keyward/identity';
import { ConflictError, InvalidInputError, type Clock } from '@keyward/runtime';
import type { ClickHouse } from '../client.js';
import { DirectoryStore } from './directory-store.js';
import { OrganisationStore } from './organisation-store.js';

/** Kinds of records that a list of text holds; `sod` is one document and has a way of its own. */
export const IMPORT_FILES = CSV_FILES;
export type ImportFile = (typeof IMPORT_FILES)[number];

export interface ImportOptions {
  readonly format?: 'ndjson' | 'csv';
  /** Of accounts and groups: only those of this system are replaced, and records without one are of it. */
  readonly system?: string;
  /** Of CSV: header to field. */
  readonly columns?: Readonly<Record<string, string>>;
  /** Says what would change; changes nothing. */
  readonly dryRun?: boolean;
  /** Also when most of what is there would go. */
  readonly force?: boolean;
}
export interface ImportProblem {
  /** From 1; 0: of the whole. */
  readonly line: number;
  readonly message: string;
}
export type ImportResult =
  | { readonly kind: 'problems'; readonly problems: readonly ImportProblem[] }
  | { readonly kind: 'imported'; readonly records: number; readonly plan: ImportPlan };

/** Fewer may go without asking. */
const FEW = 10;

/** Replaces one list of the organisation by another, or, when a line of it is wrong, nothing at all. @throws UnavailableError */
export class OrganisationImporter {
  readonly #organisation: OrganisationStore;
  readonly #directory: DirectoryStore;
  readonly #clock: Clock;

  constructor(clickhouse: ClickHouse, clock: Clock) {
    this.#organisation = new OrganisationStore(clickhouse);
    this.#directory = new DirectoryStore(clickhouse);
    this.#clock = clock;
  }

  /**
   * @returns what has changed, or what is wrong with which line
   * @throws InvalidInputError for options that do not go together; ConflictError `import.most_would_go` when more than half of the records would be
   *   removed, which an empty answer of a directory looks like
   */
  async import(file: ImportFile, text: string, options: ImportOptions = {}): Promise<ImportResult> {
    const { system, format = 'ndjson', columns, dryRun = false, force = false } = options;
    const isOfSystem = file === 'accounts' || file === 'groups';
    if (system !== undefined && !isOfSystem) throw new InvalidInputError('request.invalid', 'Only accounts and groups are of a system.');
    const table = format === 'csv' ? ndjsonOfCsv(file, text, columns) : { text, problems: [] };
    const lines = system !== undefined && isOfSystem ? ofSystem(table.text, system, file) : { text: table.text, problems: [] };
    const { records, problems } = parseOrganisationFiles([{ name: `${file}.ndjson`, text: lines.text }]);
    const all = [...table.problems, ...lines.problems, ...problems].toSorted((a, b) => a.line - b.line);
    if (all.length > 0) return { kind: 'problems', problems: all.map(({ line, message }) => ({ line, message })) };
    return file === 'accounts'
      ? this.#accounts(records.accounts, system, { dryRun, force })
      : this.#records(file, records, system, { dryRun, force });
  }

  async #accounts(
    accounts: readonly AccountRecord[],
    system: string | undefined,
    how: { readonly dryRun: boolean; readonly force: boolean },
  ): Promise<ImportResult> {
    const now = this.#clock.now();
    const stored = (await this.#directory.load()).accounts.filter(
      ({ account, deleted }) => !deleted && (system === undefined || account.system === system.toLowerCase()),
    );
    const before = stored.map(({ account }) => account);
    const { plan, records } = planAccounts(before, accounts, now);
    if (!how.force) refuseEmptying(plan, before.length);
    const versions = new Map(stored.map(({ account, version }) => [ownIdentityOf(account), version]));
    const rows = records.map((account) => ({ account, version: (versions.get(ownIdentityOf(account)) ?? 0) + 1, deleted: false }));
    if (!how.dryRun) await this.#directory.saveAccounts(rows, now);
    return { kind: 'imported', records: accounts.length, plan };
  }

  async #records(
    file: Exclude<ImportFile, 'accounts'>,
    parsed: ReturnType<typeof parseOrganisationFiles>['records'],
    system: string | undefined,
    how: { readonly dryRun: boolean; readonly force: boolean },
  ): Promise<ImportResult> {
    const { records, sod } = await this.#organisation.load();
    const others = system === undefined ? [] : records.groups.filter((group) => group['system'] !== system);
    const plans = {
      identities: () => planImport(records.identities, parsed.identities, ({ id }) => id),
      assets: () => planImport(records.assets, parsed.assets, ({ id }) => id),
      groups: () =>
        planImport(
          system === undefined ? records.groups : records.groups.filter((group) => group['system'] === system),
          parsed.groups,
          ({ group }) => group,
        ),
      roles: () => planImport(records.roles, parsed.roles, ({ role }) => role),
      tickets: () => planImport(records.tickets, parsed.tickets, ({ id }) => id),
    };
    const plan = plans[file]();
    // A file is replaced on purpose; a directory's answer may be empty by mistake.
    if (system !== undefined && !how.force) refuseEmptying(plan, plan.removed + plan.changed + plan.unchanged);
    const after = file === 'groups' ? [...others, ...parsed.groups] : parsed[file];
    if (!how.dryRun) await this.#organisation.save({ ...records, [file]: after, sod }, { replace: true });
    return { kind: 'imported', records: parsed[file].length, plan };
  }
}

function refuseEmptying({ removed }: ImportPlan, before: number): void {
  if (removed <= FEW || removed * 2 <= before) return;
  throw new ConflictError('import.most_would_go', `${removed} of ${before} would go. If that is right, import with force.`);
}

/** Lines of one system: those that name none are of it, those of another are wrong. Groups are called by what they give. */
function ofSystem(
  text: string,
  system: string,
  file: 'accounts' | 'groups',
): { readonly text: string; readonly problems: readonly ImportProblem[] } {
  const problems: ImportProblem[] = [];
  const lines = text.split('\n').map((content, index) => {
    const record = objectOf(content);
    if (!record) return content; // what is wrong with it is said when it is read
    const own = record['system'] ?? system;
    if (typeof own !== 'string' || own.toLowerCase() !== system.toLowerCase())
      problems.push({ line: index + 1, message: `system: is ${JSON.stringify(own)}, and "${system}" is imported` });
    const named = (name: unknown): unknown => (typeof name === 'string' ? groupName(system, name) : name);
    const groups =
      file === 'groups'
        ? { group: named(record['group']), ...(Array.isArray(record['memberOf']) ? { memberOf: record['memberOf'].map(named) } : {}) }
        : {};
    return JSON.stringify({ ...record, ...groups, system });
  });
  return { text: lines.join('\n'), problems };
}

function objectOf(line: string): Readonly<Record<string, unknown>> | undefined {
  if (line.trim() === '') return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
