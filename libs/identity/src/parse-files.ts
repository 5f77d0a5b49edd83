import type { z } from 'zod';
import { isTimeZone, parseDateOrInstant } from './local-time.js';
import { AccountRecord, LinkDecision, ownIdentityOf } from './linking/account-record.js';
import { AssetRecord, GroupRecord, IdentityRecord, RoleRecord, TicketRecord } from './organisation-records.js';

export interface OrganisationFile {
  /** File name; folders before it don't matter. */
  readonly name: string;
  readonly text: string;
}
/** One line that can't be used, and why. `line` counts from 1. */
export interface FileProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}
export interface ParsedOrganisation {
  readonly records: {
    readonly identities: readonly IdentityRecord[];
    readonly assets: readonly AssetRecord[];
    readonly groups: readonly GroupRecord[];
    readonly roles: readonly RoleRecord[];
    readonly tickets: readonly TicketRecord[];
    readonly accounts: readonly AccountRecord[];
    readonly decisions: readonly LinkDecision[];
  };
  readonly problems: readonly FileProblem[];
}

/** Files of the context folder that this lib reads; `sod.json` is libs/sod's. Each is optional. */
export const ORGANISATION_FILES = [
  'identities.ndjson',
  'assets.ndjson',
  'groups.ndjson',
  'roles.ndjson',
  'tickets.ndjson',
  'accounts.ndjson',
  'links.ndjson',
] as const;

/**
 * Reads the context folder. A line that can't be used is left out and reported with its file and number, never silently dropped;
 * a file with another name is reported too (line 0), except `sod.json` and what is no NDJSON.
 */
export function parseOrganisationFiles(files: readonly OrganisationFile[]): ParsedOrganisation {
  const problems: FileProblem[] = [];
  const read = <T>(name: string, schema: z.ZodType<T>, idOf: (record: T) => string, check?: (record: T) => string[]): T[] =>
    files.filter((file) => baseName(file.name) === name).flatMap((file) => readLines(file, schema, idOf, check, problems));
  const records = {
    identities: read('identities.ndjson', IdentityRecord, (record) => record.id, checkIdentity),
    assets: read('assets.ndjson', AssetRecord, (record) => record.id),
    groups: read('groups.ndjson', GroupRecord, (record) => record.group),
    roles: read('roles.ndjson', RoleRecord, (record) => record.role),
    tickets: read('tickets.ndjson', TicketRecord, (record) => record.id, checkTicket),
    accounts: read('accounts.ndjson', AccountRecord, ownIdentityOf, checkDates),
    decisions: read('links.ndjson', LinkDecision, ownIdentityOf),
  };
  const known: readonly string[] = ORGANISATION_FILES;
  for (const file of files) {
    if (!file.name.endsWith('.ndjson') || known.includes(baseName(file.name))) continue;
    problems.push({ file: file.name, line: 0, message: `not a file of the context folder; it knows ${known.join(', ')} and sod.json` });
  }
  return { records, problems };
}

const baseName = (name: string): string => name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);

function readLines<T>(
  file: OrganisationFile,
  schema: z.ZodType<T>,
  idOf: (record: T) => string,
  check: ((record: T) => string[]) | undefined,
  problems: FileProblem[],
): T[] {
  const records: T[] = [];
  const firstLine = new Map<string, number>();
  const text = file.text.startsWith('\uFEFF') ? file.text.slice(1) : file.text;
  for (const [index, content] of text.split('\n').entries()) {
    if (content.trim() === '') continue;
    const line = index + 1;
    const parsed = readLine(content, schema);
    const messages = parsed.record === undefined ? [...parsed.messages] : (check?.(parsed.record) ?? []);
    if (parsed.record !== undefined && messages.length === 0) {
      const id = idOf(parsed.record);
      const first = firstLine.get(id);
      if (first === undefined) {
        firstLine.set(id, line);
        records.push(parsed.record);
        continue;
      }
      messages.push(`"${id}" stands on line ${first} already`);
    }
    problems.push({ file: file.name, line, message: messages.join('; ') });
  }
  return records;
}

function readLine<T>(content: string, schema: z.ZodType<T>): { readonly record: T | undefined; readonly messages: readonly string[] } {
  let value: unknown;
  try {
    // Exports write what is not there as null or as an empty text: a manager, an end.
    value = JSON.parse(content, (_key, field: unknown) => (field === null || field === '' ? undefined : field));
  } catch {
    return { record: undefined, messages: ['not JSON'] };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { record: parsed.data, messages: [] };
  return { record: undefined, messages: parsed.error.issues.map((issue) => `${issue.path.join('.') || '(line)'}: ${issue.message}`) };
}

/** Time zone, begin and end of an identity or account. */
function checkDates(record: Pick<IdentityRecord, 'timezone' | 'startsAt' | 'endsAt'>): string[] {
  const zone = record.timezone;
  return [
    ...(zone !== undefined && !isTimeZone(zone) ? [`timezone: "${zone}" is no IANA time zone`] : []),
    ...checkDate('startsAt', record.startsAt, zone),
    ...checkDate('endsAt', record.endsAt, zone),
  ];
}
const checkDate = (field: string, text: string | null | undefined, zone: string | undefined): string[] =>
  text && !parseDateOrInstant(text, zone) ? [`${field}: "${text}" is no date (2026-01-31) and no ISO 8601 instant`] : [];

function checkIdentity(record: IdentityRecord): string[] {
  const problems = checkDates(record);
  const date = (field: string, text: string): void => {
    problems.push(...checkDate(field, text, record.timezone));
  };
  for (const [field, periods] of [
    ['leaves', record.leaves],
    ['onCall', record.onCall],
  ] as const) {
    for (const [index, period] of periods.entries()) {
      date(`${field}.${index}.from`, period.from);
      date(`${field}.${index}.to`, period.to);
    }
  }
  return problems;
}

function checkTicket(record: TicketRecord): string[] {
  return (['opened', 'start', 'end'] as const).flatMap((field) => {
    const text = record[field];
    return text !== undefined && !parseDateOrInstant(text, undefined) ? [`${field}: "${text}" is no date and no ISO 8601 instant`] : [];
  });
}
