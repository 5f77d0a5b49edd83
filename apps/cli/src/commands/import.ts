import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  ClickHouseConfig,
  IMPORT_FILES,
  OrganisationImporter,
  createClickHouse,
  type ImportFile,
  type ImportOptions,
  type ImportResult,
} from '@keyward/adapter-clickhouse';
import { LdapConfig, readDirectory } from '@keyward/adapter-directory';
import { parseMapping } from '@keyward/response';
import { InvalidInputError, Secret, loadConfig, systemClock } from '@keyward/runtime';
import { z } from 'zod';
import { runningOn } from '../start/data-folder.js';
import { EXIT, Progress, count, say } from '../terminal.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ImportArguments {
  readonly system?: string;
  readonly column?: readonly string[];
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly data: string;
  readonly json?: boolean;
}
export interface ImportLdapArguments extends Omit<ImportArguments, 'system' | 'column'> {
  readonly out?: string;
}

const PROBLEMS_SHOWN = 50;

/**
 * `keyward import <what> <file>`: replaces one list of the organisation, or nothing when a line of it is wrong.
 *
 * @returns the exit code
 * @throws InvalidInputError, ConflictError, UnavailableError
 */
export async function runImport(what: string, file: string, args: ImportArguments, environment: Environment): Promise<number> {
  const kind = IMPORT_FILES.find((one) => one === what);
  if (kind === undefined)
    throw new InvalidInputError('import.what', `keyward import takes ${IMPORT_FILES.join(', ')} or ldap, not ${what}.`);
  const text = textOf(file);
  const options: ImportOptions = {
    format: /\.(csv|tsv|txt)$/i.test(file) ? 'csv' : 'ndjson',
    ...(args.system === undefined ? {} : { system: args.system }),
    columns: Object.fromEntries((args.column ?? []).map(columnOf)),
    dryRun: args.dryRun ?? false,
    force: args.force ?? false,
  };
  return withImporter(args.data, environment, async (importer) =>
    told([{ kind, result: await importer.import(kind, text, options) }], args, file),
  );
}

/** `keyward import ldap <config>`: people and groups of a directory, into the running service or a context folder. @returns the exit code */
export async function runImportLdap(file: string, args: ImportLdapArguments, environment: Environment): Promise<number> {
  const config = ldapConfigOf(file);
  const password = environment[config.passwordVariable];
  if (!password)
    throw new InvalidInputError('ldap.password', `${config.passwordVariable} is not set: it holds the password of ${config.bindDn}.`);
  const ca = config.caFile === undefined ? {} : { ca: textOf(config.caFile) };
  const progress = new Progress();
  const { accounts, groups, warnings, settings } = await readDirectory(config, { password: new Secret(password), ...ca }, (entries) => {
    progress.update(`${count(entries)} entries read`);
  });
  progress.done();
  for (const warning of warnings.slice(0, PROBLEMS_SHOWN)) say(`warning: ${warning}`);
  say(`${count(accounts.length)} accounts and ${count(groups.length)} groups of ${settings.system}`);
  const lines = { accounts: linesOf(accounts), groups: linesOf(groups) };
  if (args.out !== undefined) {
    mkdirSync(args.out, { recursive: true });
    for (const [name, text] of Object.entries(lines)) writeFileSync(join(args.out, `${name}.ndjson`), text);
    say(`${args.out} written: a context folder for keyward replay`);
    return EXIT.ok;
  }
  const options = { system: settings.system, dryRun: args.dryRun ?? false, force: args.force ?? false };
  return withImporter(args.data, environment, async (importer) => {
    // Both are looked at before either is changed; groups first, since an account without its group is worse than a group without accounts.
    for (const kind of ['groups', 'accounts'] as const) await importer.import(kind, lines[kind], { ...options, dryRun: true });
    const results: Done[] = [];
    for (const kind of ['groups', 'accounts'] as const) results.push({ kind, result: await importer.import(kind, lines[kind], options) });
    return told(results, args, file);
  });
}

interface Done {
  readonly kind: ImportFile;
  readonly result: ImportResult;
}

async function withImporter(
  data: string,
  environment: Environment,
  work: (importer: OrganisationImporter) => Promise<number>,
): Promise<number> {
  const env = { ...runningOn(resolve(data))?.environment, ...environment };
  const clickhouse = createClickHouse(loadConfig(ClickHouseConfig, env));
  try {
    return await work(new OrganisationImporter(clickhouse, systemClock));
  } finally {
    await clickhouse.close();
  }
}

function told(results: readonly Done[], { json, dryRun }: Pick<ImportArguments, 'json' | 'dryRun'>, file: string): number {
  const isDone = results.every(({ result }) => result.kind === 'imported');
  if (json === true) process.stdout.write(`${JSON.stringify({ ok: isDone, dryRun: dryRun ?? false, results })}\n`);
  for (const { kind, result } of results) {
    if (result.kind === 'problems') {
      for (const { line, message } of result.problems.slice(0, PROBLEMS_SHOWN)) say(`${file}:${line}: ${message}`);
      say(`${count(result.problems.length)} problems; nothing was imported.`);
      continue;
    }
    const { added, changed, removed, unchanged, examples } = result.plan;
    const words = `${kind}: ${count(added)} new, ${count(changed)} changed, ${count(removed)} gone, ${count(unchanged)} as they were`;
    say(dryRun === true ? `${words} (nothing was changed)` : words);
    if (dryRun === true)
      for (const { id, change, fields } of examples) say(`  ${change} ${id}${fields.length > 0 ? `: ${fields.join(', ')}` : ''}`);
  }
  return isDone ? EXIT.ok : EXIT.usage;
}

function ldapConfigOf(file: string): LdapConfig {
  const read = parseMapping(textOf(file));
  if (!read.ok) throw new InvalidInputError('ldap.config', `${file}: ${read.message}`);
  const parsed = LdapConfig.safeParse(read.mapping);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError('ldap.config', `${file} can't be used:\n${z.prettifyError(parsed.error)}`);
}

function columnOf(argument: string): readonly [string, string] {
  const equals = argument.lastIndexOf('=');
  if (equals < 1) throw new InvalidInputError('import.column', `--column takes <header>=<field>, not ${argument}`);
  return [argument.slice(0, equals), argument.slice(equals + 1)];
}

const linesOf = (records: readonly object[]): string => records.map((record) => `${JSON.stringify(record)}\n`).join('');

function textOf(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file === '-' ? 0 : file));
  } catch (error) {
    throw new InvalidInputError('import.file', `${file} can't be read as UTF-8.`, { cause: error });
  }
}
